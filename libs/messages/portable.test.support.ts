import type { PortableMessage } from '#libs/contract'
import { action, buttons, carousel, file, image, link, location, sticker, text } from './builders'

const url = 'https://e.com/a.png'

/** One message of each kind, with what it may carry. */
export const portable = {
  text: text('やあ'),
  mention: text('{who} さん、{all} {これ}', {
    mentions: { who: { userId: 'U1', name: '花子' }, all: 'all' },
  }),
  quickReplies: text('どれ?', {
    quickReplies: [
      'はい',
      action.postback('あとで', 'later', '後にします'),
      action.link('詳細', 'https://e.com/x'),
      { ...action.message('もっと', '続き'), imageUrl: url },
      action.location('場所'),
      action.camera('撮る'),
      action.cameraRoll('選ぶ'),
    ],
  }),
  image: image(url, { previewUrl: 'https://e.com/s.png', alt: '図' }),
  file: file('https://e.com/a.pdf', '見積書.pdf'),
  link: link('詳しくは', '開く', 'https://e.com/x'),
  location: location({ title: '本社', address: '東京都', latitude: 35.6, longitude: 139.7 }),
  sticker: sticker({
    line: { packageId: '1', stickerId: '2' },
    lineworks: { packageId: '3', stickerId: '4' },
    alt: '👍',
  }),
  stickerOfOthers: sticker({ alt: '👍' }),
  buttons: buttons(
    'よいですか',
    [
      action.postback('承認', 'do=approve'),
      action.message('質問', '質問です'),
      action.link('詳細', 'https://e.com/x'),
    ],
    {
      title: '申請',
      imageUrl: url,
      quickReplies: ['中止'],
    },
  ),
  carousel: carousel(
    [
      { title: 'りんご', text: '赤い', imageUrl: url, actions: [action.postback('買う', 'buy=1')] },
      { title: 'みかん', text: '甘い', imageUrl: url, actions: [action.postback('買う', 'buy=2')] },
    ],
    { alt: '果物' },
  ),
} satisfies Record<string, PortableMessage>
