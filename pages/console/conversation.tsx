import { Eraser } from 'lucide-preact'
import { useState } from 'preact/hooks'
import type { ConversationView, Erased, StoryView } from '../../apps/console/api-types'
import { hourMinute } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Button, Dialog, Field, Problem } from '../shared/parts'
import { Id, Loading, PageHead, PlatformMark, Reason } from './bits'
import { Crumb } from './bot'
import { Pager } from './conversations'
import { useProblemWords } from './problem-words'
import { useDesk } from './session'
import { StoryItem } from './story'
import { pathPart, writeQuery } from './url-state'
import { useData } from './use-data'
import { useQuery } from './use-query'
import { common } from './words'

const words = {
  waiting: ['Under way', '処理待ち・処理中'],
  ended: ['Ended', '終了済み'],
  nothingWaits: ['Nothing waits.', '待っているものはありません。'],
  nothingEnded: ['No record of what ended is kept.', '終了したものの記録は残っていません。'],
  waits: ['Next try at {time}:', '{time} に再試行:'],
  keepsNone: [
    'This bot keeps no timelines: only what is under way is shown.',
    'このボットは記録を残さない設定です。処理中のものだけを表示します。',
  ],
  keepsMetadata: [
    'This bot keeps no text, only when and how.',
    'このボットはテキストを残さず、日時と結果だけを記録します。',
  ],
  wanted: ['The message you selected', '選択したメッセージ'],
  erase: ['Erase user', 'ユーザーのデータを消去'],
  eraseTitle: ['Erase all that is kept of this user', 'このユーザーのデータをすべて消去'],
  eraseWhat: [
    'What {user} said and was told at the bot {bot} is erased for good: in stories, dead letters and what waits, which will not be answered. When and where it was stays. This is written to the audit log.',
    'ボット {bot} に残る記録、デッドレター、待っているイベントから、{user} とのやり取りの内容を完全に消去します。待っているものには返信しません。日時と場所の記録は残ります。この操作は監査ログに記録されます。',
  ],
  typeIt: ['Type the user’s ID to confirm', '確認のため、ユーザー ID を入力してください'],
  erasedNow: [
    'Erased: {stories} stories, {deadLetters} dead letters, {waiting} waiting',
    '消去しました: 記録 {stories} 件、デッドレター {deadLetters} 件、待ち {waiting} 件',
  ],
} as const

export function ConversationPage() {
  const c = useWords(common)
  const t = useWords(words)
  const { mayAct } = useDesk()
  const [query, change] = useQuery()
  const bot = pathPart(location.pathname, 1)
  const lane = pathPart(location.pathname, 2)
  const cursor = query['cursor']
  const where = `/conversations/${encodeURIComponent(bot)}/${encodeURIComponent(lane)}`
  const view = useData<ConversationView>(where + writeQuery({ cursor }), cursor ? undefined : 5000)
  const [isErasing, setErasing] = useState(false)
  const user = userOf(lane, view.data)
  return (
    <>
      <PageHead title={lane} above={<Crumb href="/conversations" words={c('conversations')} />}>
        {mayAct && user && (
          <Button look="danger" onClick={() => setErasing(true)}>
            <Eraser size={16} /> {t('erase')}
          </Button>
        )}
      </PageHead>
      <p class="bot-cell sub-head">
        <PlatformMark platform={view.data?.platform} /> <bdi>{bot}</bdi>
      </p>
      {query['story'] && <WantedStory bot={bot} id={query['story']} />}
      <Loading of={view}>
        {(data) => (
          <>
            <Timeline view={data} wanted={query['story']} />
            <Pager cursor={cursor} next={data.cursor} onGo={(to) => change({ cursor: to })} />
          </>
        )}
      </Loading>
      {isErasing && user && (
        <EraseDialog bot={bot} user={user} onClose={() => setErasing(false)} onDone={view.reload} />
      )}
    </>
  )
}

/** The user whom the lane names, or whose events are in it. */
function userOf(lane: string, view: ConversationView | undefined): string | undefined {
  if (lane.startsWith('user:')) return lane.slice('user:'.length)
  return [...(view?.waiting ?? []), ...(view?.ended ?? [])].find(({ userId }) => userId)?.userId
}

function Timeline({ view, wanted }: { view: ConversationView; wanted: string | undefined }) {
  const t = useWords(words)
  const language = useLanguage()
  return (
    <>
      {view.keeps !== 'text' && (
        <p class="notice">{t(view.keeps === 'none' ? 'keepsNone' : 'keepsMetadata')}</p>
      )}
      <section>
        <h2>{t('waiting')}</h2>
        {view.waits && (
          <p class="notice">
            {t('waits', { time: hourMinute(view.waits.until, language) })} <Reason of={view.waits.reason} />
          </p>
        )}
        <Stories stories={view.waiting} none={t('nothingWaits')} wanted={wanted} />
      </section>
      <section>
        <h2>{t('ended')}</h2>
        <Stories stories={view.ended} none={t('nothingEnded')} wanted={wanted} />
      </section>
    </>
  )
}

interface StoriesProps {
  stories: StoryView[]
  none: string
  wanted: string | undefined
}

function Stories({ stories, none, wanted }: StoriesProps) {
  if (stories.length === 0) return <p class="empty card">{none}</p>
  return (
    <div class="card stories">
      {stories.map((story) => (
        <StoryItem key={story.id} story={story} isOpen={story.id === wanted} />
      ))}
    </div>
  )
}

/** A link leads to one message, which may stand on a later page. */
function WantedStory({ bot, id }: { bot: string; id: string }) {
  const t = useWords(words)
  const story = useData<StoryView>(`/stories/${encodeURIComponent(bot)}/${encodeURIComponent(id)}`)
  if (!story.data) return null
  return (
    <section>
      <h2>{t('wanted')}</h2>
      <div class="card stories">
        <StoryItem story={story.data} isOpen />
      </div>
    </section>
  )
}

interface EraseProps {
  bot: string
  user: string
  onClose: () => void
  onDone: () => void
}

function EraseDialog({ bot, user, onClose, onDone }: EraseProps) {
  const t = useWords(words)
  const c = useWords(common)
  const { post, tell } = useDesk()
  const problemOf = useProblemWords()
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState('')
  const erase = async () => {
    try {
      const erased = (await post('/erase', { bot, userId: user })) as Erased
      tell(t('erasedNow', { ...erased }))
      onDone()
      onClose()
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  return (
    <Dialog open title={t('eraseTitle')} onClose={onClose}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed === user) void erase()
        }}
      >
        <p class="breaks">{t('eraseWhat', { user, bot })}</p>
        <p>
          <Id>{user}</Id>
        </p>
        <Field label={t('typeIt')}>
          <input
            class="input mono"
            autocomplete="off"
            spellcheck={false}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </Field>
        {problem && <Problem>{problem}</Problem>}
        <div class="dialog-buttons">
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="submit" look="danger" disabled={typed !== user}>
            {t('erase')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
