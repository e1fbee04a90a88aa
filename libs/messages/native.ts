import type { NativeMessage } from '#libs/contract'
import { checkLineworksContent } from './check-lineworks'
import type { LineworksContent, LineworksFlex } from './lineworks-content'
import { nativeLine } from './native-line'
import { type TocaroPost, checkTocaroPost } from './tocaro-post'

/**
 * Messages of one platform, with all that it can do; an error on any other. Checked against the platform's limits
 * when made: throws HooklineError `message_invalid` with field, value and limit.
 */
export const native = {
  /** One message object of LINE. `native.line({ type: 'sticker', packageId: '446', stickerId: '1988', quoteToken })` */
  line: nativeLine,
  /** One `content` of LINE WORKS, a flex aside. `native.lineworks({ type: 'text', text: `${mention(id)} さん` })` */
  lineworks: (content: Exclude<LineworksContent, LineworksFlex>): NativeMessage<'lineworks'> =>
    nativeLineworks(content),
  /**
   * A flex of LINE WORKS. It has a builder of its own because LINE's looks alike: one that was copied from there must
   * not compile by accident. `native.lineworksFlex({ altText: '見積り', contents: bubble })`
   */
  lineworksFlex: (flex: Omit<LineworksFlex, 'type'>): NativeMessage<'lineworks'> =>
    nativeLineworks({ type: 'flex', ...flex }),
  /** One post of Tocaro. `native.tocaro({ text: '復旧しました', color: 'success' })` */
  tocaro: (post: TocaroPost): NativeMessage<'tocaro'> => {
    checkTocaroPost(post)
    return { type: 'native', platform: 'tocaro', message: { ...post } }
  },
}

function nativeLineworks(content: LineworksContent): NativeMessage<'lineworks'> {
  checkLineworksContent(content)
  return { type: 'native', platform: 'lineworks', message: { ...content } }
}
