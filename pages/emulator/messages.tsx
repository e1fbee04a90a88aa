import { Component, type ComponentChildren } from 'preact'
import type { ChatLine } from '../../libs/emulator/page-types'
import { bytes } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { actionsOf, translated } from './action'
import { ActionButton, Areas, Card, Cards, ColumnCard, ImageCards, plain } from './cards'
import { Flex } from './flex'
import { Audio, FileBubble, Picture, pictureOf, Place, RawJson, Segments, Sticker, Video } from './pieces'
import { isRecord, number, record, records, text, type Json } from './read'
import { lineSegments, lineworksSegments, tocaroSegments, type Segment } from './segments'
import { useChatting } from './tapping'
import { words } from './words'
import './messages.css'

/** These take the chat's whole width. */
const wideTypes = new Set<unknown>([
  'flex',
  'template',
  'carousel',
  'image_carousel',
  'imagemap',
  'list_template',
])

export function isWide(line: ChatLine): boolean {
  return wideTypes.has(line.message?.type)
}

/** A message as its platform would draw it. What can't be drawn is shown as it is, never left out. */
export function Message({ line }: { line: ChatLine }) {
  const message = record(line.message)
  return (
    <Safe fallback={<RawJson value={message} />} key={line.seq}>
      <Drawn line={line} message={message} />
    </Safe>
  )
}

interface SafeProps {
  fallback: ComponentChildren
  children: ComponentChildren
}

/** One message that can't be drawn must not take the chat with it. */
class Safe extends Component<SafeProps, { failed: boolean }> {
  override state = { failed: false }
  static override getDerivedStateFromError() {
    return { failed: true }
  }
  override render() {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}

function Drawn({ line, message }: { line: ChatLine; message: Json }) {
  switch (line.platform) {
    case 'line':
      return <LineMessage line={line} message={message} />
    case 'lineworks':
      return <LineworksMessage line={line} message={message} />
    case 'tocaro':
      return <TocaroMessage message={message} />
  }
}

interface MessageProps {
  line: ChatLine
  message: Json
}

function LineMessage({ line, message }: MessageProps) {
  const { nameOf } = useChatting()
  switch (message.type) {
    case 'text':
    case 'textV2':
      return <TextBubble segments={lineSegments(message, nameOf)} />
    case 'imagemap':
      return <Imagemap message={message} />
    case 'template':
      return <Template template={record(message.template)} />
    case 'coupon':
      return <Coupon message={message} />
    default:
      return <CommonMessage line={line} message={message} />
  }
}

function LineworksMessage({ line, message }: MessageProps) {
  const { nameOf } = useChatting()
  const language = useLanguage()
  const own = (field: string, list: string) =>
    lineworksSegments(translated(message, { field, list, language }), nameOf)
  switch (message.type) {
    case 'text':
      return <TextBubble segments={own('text', 'i18nTexts')} />
    case 'link':
      return <LinkCard message={message} words={own('contentText', 'i18nContentTexts')} />
    case 'button_template':
      return <Card segments={own('contentText', 'i18nContentTexts')} actions={actionsOf(message.actions)} />
    case 'list_template':
      return <ListTemplate message={message} />
    case 'carousel':
      return <Cards holder={message} columns={records(message.columns)} />
    case 'image_carousel':
      return <ImageCards columns={records(message.columns)} />
    default:
      return <CommonMessage line={line} message={message} />
  }
}

/** What LINE and LINE WORKS write alike. */
function CommonMessage({ line, message }: MessageProps) {
  switch (message.type) {
    case 'sticker':
      return <Sticker message={message} />
    case 'image':
      return (
        <div class="media">
          <Picture url={line.content ?? (pictureOf(message) || pictureOf(record(message.contentProvider)))} />
        </div>
      )
    case 'video':
      return (
        <div class="media">
          <Video preview={pictureOf(message)} />
        </div>
      )
    case 'audio':
      return <Audio message={message} />
    case 'file':
      return <FileMessage line={line} message={message} />
    case 'location':
      return <Place message={message} />
    case 'flex':
      return <Flex contents={record(message.contents)} altText={text(message.altText)} />
    default:
      return <RawJson value={message} />
  }
}

function FileMessage({ line, message }: MessageProps) {
  const language = useLanguage()
  const size = number(message.fileSize)
  const name = text(message.fileName) || pictureOf(message)
  return (
    <FileBubble
      name={name}
      details={size === undefined ? undefined : bytes(size, language)}
      href={line.content}
    />
  )
}

function TextBubble({ segments }: { segments: Segment[] }) {
  return (
    <div class="bubble">
      <Segments of={segments} />
    </div>
  )
}

/** Text, and what the inbound webhook takes beside it: a colour, lines of title and value, pictures. */
function TocaroMessage({ message }: { message: Json }) {
  const { names } = useChatting()
  const attachments = records(message.attachments).filter((each) => Object.keys(each).length > 0)
  const words = text(message.text)
  if (words === '' && attachments.length === 0) return <RawJson value={message} />
  const color = ['info', 'warning', 'danger', 'success'].find((each) => each === message.color)
  return (
    <div class={`bubble tocaro-post ${color ?? ''}`}>
      {words !== '' && (
        <div>
          <Segments of={tocaroSegments(words, names)} />
        </div>
      )}
      {attachments.map((attachment, i) => (
        <TocaroAttachment key={i} attachment={attachment} />
      ))}
    </div>
  )
}

function TocaroAttachment({ attachment }: { attachment: Json }) {
  const url = text(attachment.image_url)
  return (
    <div class="tocaro-attachment">
      {text(attachment.title) !== '' && <strong>{text(attachment.title)}</strong>}
      {text(attachment.value) !== '' && <span>{text(attachment.value)}</span>}
      {url !== '' && <Picture url={url} />}
    </div>
  )
}

function LinkCard({ message, words: said }: { message: Json; words: Segment[] }) {
  const language = useLanguage()
  const label = translated(message, { field: 'linkText', list: 'i18nLinkTexts', language })
  return <Card segments={said} actions={[{ type: 'uri', label, uri: text(message.link) }]} />
}

/** LINE's templates. */
function Template({ template }: { template: Json }) {
  const columns = records(template.columns)
  switch (template.type) {
    case 'buttons':
      return <ColumnCard column={template} holder={template} />
    case 'confirm':
      return (
        <Card segments={plain(text(template.text))} actions={records(template.actions)} class="confirm" />
      )
    case 'carousel':
      return <Cards holder={template} columns={columns} />
    case 'image_carousel':
      return <ImageCards columns={columns} />
    default:
      return <RawJson value={template} />
  }
}

function ListTemplate({ message }: { message: Json }) {
  const rows = Array.isArray(message.actions) ? message.actions.map((row: unknown) => actionsOf(row)) : []
  return (
    <div class="talk-card list-card">
      {isRecord(message.coverData) && <Cover cover={message.coverData} />}
      {records(message.elements).map((element, i) => (
        <ListElement key={i} element={element} />
      ))}
      {rows.map((row, i) => (
        <div key={i} class="talk-card-actions side-by-side">
          {row.map((action, j) => (
            <ActionButton key={j} action={action} />
          ))}
        </div>
      ))}
    </div>
  )
}

function Cover({ cover }: { cover: Json }) {
  const language = useLanguage()
  return (
    <div class="cover">
      <Picture url={text(cover.backgroundImageUrl) || text(cover.backgroundFileId)} ratio={2} />
      <div>
        <strong>{translated(cover, { field: 'title', list: 'i18nTitles', language })}</strong>
        <span>{translated(cover, { field: 'subtitle', list: 'i18nSubtitles', language })}</span>
      </div>
    </div>
  )
}

function ListElement({ element }: { element: Json }) {
  const language = useLanguage()
  const picture = pictureOf(element)
  return (
    <div class="list-element">
      <div class="talk-card-text">
        <strong>{translated(element, { field: 'title', list: 'i18nTitles', language })}</strong>
        <span>{translated(element, { field: 'subtitle', list: 'i18nSubtitles', language })}</span>
        {actionsOf(element.action).map((action, i) => (
          <ActionButton key={i} action={action} />
        ))}
      </div>
      {picture !== '' && <Picture url={picture} ratio={1} />}
    </div>
  )
}

function Coupon({ message }: { message: Json }) {
  const t = useWords(words)
  return (
    <div class="talk-card">
      <div class="talk-card-text">
        <strong>{t('coupon')}</strong>
        <span class="mono">{text(message.couponId)}</span>
      </div>
    </div>
  )
}

function Imagemap({ message }: { message: Json }) {
  const base = record(message.baseSize)
  const [width, height] = [number(base.width) ?? 1040, number(base.height) ?? 1040]
  return (
    <div class="areas">
      <Picture url={`${text(message.baseUrl)}/1040`} ratio={width / height} label={text(message.altText)} />
      <Areas
        areas={records(message.actions).map((action) => ({ bounds: record(action.area), action }))}
        size={{ width, height }}
      />
    </div>
  )
}
