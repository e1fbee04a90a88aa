import { CircleCheck, CircleX, Clock, Route } from 'lucide-preact'
import type { Story } from '#libs/contract'
import type { ChatLine, PageState } from '../../../libs/emulator/page-types'
import { clockTime } from '../../shared/format'
import { useLanguage, useWords } from '../../shared/i18n'
import { Badge, Problem, type Tone } from '../../shared/parts'
import { Waterfall } from '../../shared/waterfall'
import { usePage } from '../store'
import { platformNames } from './platform-names'
import { useStory } from './story-poll'
import { wayWords } from './way-words'

const listedMost = 12

/** What became of one message, from the phone to the platform's answer. */
export function WayOfMessage({ active }: { active: boolean }) {
  const { state, selectedLine } = usePage()
  const t = useWords(wayWords)
  if (!state.backstage.stories) return <p class="empty">{t('unavailable')}</p>
  return (
    <div class="way">
      <LineList lines={recentLines(state)} />
      <div class="card way-story">
        {selectedLine ? (
          <WayOf line={selectedLine} active={active} />
        ) : (
          <div class="empty">
            <Route size={28} aria-hidden="true" />
            <p>{t('choose')}</p>
          </div>
        )}
      </div>
    </div>
  )
}

/** What users did, newest first: only that comes by webhook. */
function recentLines({ platforms }: PageState): ChatLine[] {
  const lines = platforms.flatMap((phone) => phone.lines).filter(({ webhook }) => webhook !== undefined)
  return lines.sort((a, b) => b.at - a.at).slice(0, listedMost)
}

function LineList({ lines }: { lines: ChatLine[] }) {
  const { selectedLine, select } = usePage()
  const t = useWords(wayWords)
  const language = useLanguage()
  if (lines.length === 0) return <p class="empty">{t('none')}</p>
  return (
    <nav class="way-lines" aria-label={t('recent')}>
      <h3>{t('recent')}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line.id} class={line.id === selectedLine?.id ? 'chosen' : undefined}>
            <button
              type="button"
              aria-current={line.id === selectedLine?.id ? 'true' : undefined}
              onClick={() => select(line)}
            >
              <span class="way-words">{shortWords(line, t('event'))}</span>
              <span class="way-from">
                {platformNames[line.platform]} · {clockTime(line.at, language)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function WayOf({ line, active }: { line: ChatLine; active: boolean }) {
  const t = useWords(wayWords)
  const { state } = usePage()
  const redisDown = state.backstage.redis === 'down'
  const { story, missing, problem } = useStory(line.webhook, active)
  const refused = line.delivery && line.delivery.status >= 400 ? line.delivery.status : undefined
  const user = line.from.kind === 'user' ? line.from.name : line.lane
  return (
    <>
      <header class="way-header">
        <h3>{shortWords(line, t('event'))}</h3>
        <span>{t('of', { user, platform: platformNames[line.platform] })}</span>
        {story && <StateBadge state={story.state} />}
      </header>
      {problem && <Problem>{problem}</Problem>}
      {line.webhook === undefined && <p class="empty">{t('botLine')}</p>}
      {refused !== undefined && <Problem>{t('refused', { status: refused })}</Problem>}
      {missing && !story && refused === undefined && (
        <p class="empty" role="status">
          {redisDown ? t('redisDown') : t('notYet')}
        </p>
      )}
      {story && <Waterfall story={story} />}
    </>
  )
}

const states: Record<Story['state'], { tone: Tone; Sign: typeof Clock }> = {
  done: { tone: 'good', Sign: CircleCheck },
  parked: { tone: 'bad', Sign: CircleX },
  waiting: { tone: 'warn', Sign: Clock },
  working: { tone: 'info', Sign: Clock },
}

function StateBadge({ state }: { state: Story['state'] }) {
  const t = useWords(wayWords)
  const { tone, Sign } = states[state]
  return (
    <Badge tone={tone}>
      <Sign size={12} aria-hidden="true" />
      {t(state)}
    </Badge>
  )
}

/** A text, or what the emulator says of a line without one. */
function shortWords({ message, words }: ChatLine, otherwise: string): string {
  const text = message?.['text'] ?? (message?.['content'] as { text?: unknown } | undefined)?.text
  if (typeof text === 'string' && text !== '') return text
  return words ?? (typeof message?.['type'] === 'string' ? message['type'] : otherwise)
}
