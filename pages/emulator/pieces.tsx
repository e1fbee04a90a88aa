import { Image as ImageIcon, MapPin, Play, Volume2, File as FileIcon } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { duration as durationWords } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { labelOf } from './action'
import type { Style } from './flex-style'
import { isRecord, number, text, type Json } from './read'
import type { Segment } from './segments'
import { useChatting } from './tapping'
import { words } from './words'

/** Never HTML: whatever was said stays text. */
export function Segments({ of }: { of: Segment[] }) {
  return (
    <>
      {of.map((segment, i) => (
        <Piece key={i} segment={segment} />
      ))}
    </>
  )
}

function Piece({ segment }: { segment: Segment }) {
  switch (segment.kind) {
    case 'text':
      return <>{segment.text}</>
    case 'link':
      return (
        <a href={segment.href} target="_blank" rel="noopener noreferrer">
          {segment.text}
        </a>
      )
    case 'mention':
      return <span class={segment.self ? 'mention self' : 'mention'}>{segment.text}</span>
    case 'emoji':
      return <span class="line-emoji" role="img" aria-label={`emoji ${segment.id}`} title={segment.id} />
  }
}

/** Folded: what the platform got, for what can't be drawn. */
export function RawJson({ value }: { value: unknown }) {
  const t = useWords(words)
  const type = isRecord(value) ? text(value.type) : ''
  return (
    <details class="raw">
      <summary>{t('raw', { type: type || t('unknownType') })}</summary>
      <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </details>
  )
}

interface TappableProps {
  action: unknown
  class?: string
  style?: Style
  children: ComponentChildren
  /** What is read out where the action has no label. */
  label?: string
}

/**
 * An area that can be tapped and may hold others: the pointer takes the area itself, keyboard and screen reader a
 * button in it, because buttons must not hold buttons.
 */
export function Tappable({ action, class: classes, style, children, label }: TappableProps) {
  const t = useWords(words)
  const { tap } = useChatting()
  const language = useLanguage()
  if (!isRecord(action)) {
    return (
      <div class={classes} style={style}>
        {children}
      </div>
    )
  }
  const tapped = (event: Event) => {
    event.stopPropagation()
    tap(action)
  }
  const name =
    (action.label || action.i18nLabels ? labelOf(action, language) : label) || labelOf(action, language)
  return (
    <div class={`tappable ${classes ?? ''}`} style={style} onClick={tapped}>
      <button type="button" class="visually-hidden" onClick={tapped}>
        {name || t('tap')}
      </button>
      {children}
    </div>
  )
}

/** Fetched is only what comes along or from here; of anything else the page draws a stand-in, unless asked to load it. */
export function mayLoad(url: string, webPictures: boolean): boolean {
  if (
    /^data:image\/(png|jpeg|gif|webp);base64,/.test(url) ||
    (url.startsWith('/') && !url.startsWith('//'))
  ) {
    return true
  }
  return webPictures && url.startsWith('https://')
}

interface PictureProps {
  url: string
  /** Width by height; absent: as the picture has it. */
  ratio?: number
  fit?: 'cover' | 'contain'
  label?: string
  style?: Style
}

export function Picture({ url, ratio, fit = 'cover', label, style }: PictureProps) {
  const t = useWords(words)
  const { webPictures } = useChatting()
  const [broken, setBroken] = useState('')
  const name = label ?? t('picture')
  const shape = { ...(ratio ? { aspectRatio: String(ratio) } : {}), ...style }
  if (mayLoad(url, webPictures) && broken !== url) {
    return (
      <img
        class="picture"
        src={url}
        alt={name}
        style={{ ...shape, objectFit: fit }}
        onError={() => setBroken(url)}
      />
    )
  }
  const hue = numberOf(url) % 360
  return (
    <div
      class="picture stand-in"
      role="img"
      aria-label={`${name} ${url}`.trim()}
      title={url}
      style={{ aspectRatio: '1.51', ...shape, '--hue': hue }}
    >
      <ImageIcon size={22} aria-hidden="true" />
      <span aria-hidden="true">{fileNameOf(url)}</span>
    </div>
  )
}

/** The same for the same words: which colour, which face. */
function numberOf(words: string): number {
  return Array.from(words).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 100_003, 7)
}

function fileNameOf(url: string): string {
  const base = url.startsWith('/') ? location.origin : undefined
  if (!URL.canParse(url, base)) return url
  const { host, pathname } = new URL(url, base)
  return decoded(pathname.split('/').findLast(Boolean) ?? host)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The emulator shows what was uploaded to LINE WORKS. */
export function filePath(fileId: string): string {
  return fileId === '' ? '' : `/__emulator/page/files/${encodeURIComponent(fileId)}`
}

/** The first address that a message has for its picture. */
export function pictureOf(holder: Json): string {
  const fields = ['previewImageUrl', 'originalContentUrl', 'thumbnailImageUrl', 'imageUrl', 'image_url']
  const url = fields.map((field) => text(holder[field])).find((each) => each !== '')
  return url ?? filePath(text(holder.fileId))
}

export function Video({ preview, ratio }: { preview: string; ratio?: number }) {
  const t = useWords(words)
  return (
    <div class="video">
      <Picture url={preview} ratio={ratio ?? 16 / 9} label={t('video')} />
      <span class="play">
        <Play size={22} aria-hidden="true" />
      </span>
    </div>
  )
}

export function Audio({ message }: { message: Json }) {
  const t = useWords(words)
  const language = useLanguage()
  const ms = number(message.duration)
  return (
    <div class="bubble media-row">
      <Volume2 size={20} aria-hidden="true" />
      <span>
        <strong>{t('audio')}</strong>
        <small>{ms === undefined ? fileNameOf(pictureOf(message)) : durationWords(ms, language)}</small>
      </span>
    </div>
  )
}

interface FileBubbleProps {
  name: string
  details?: string | undefined
  /** Of what a user sent. */
  href?: string | undefined
}

export function FileBubble({ name, details, href }: FileBubbleProps) {
  return (
    <div class="bubble media-row">
      <FileIcon size={20} aria-hidden="true" />
      <span>
        <strong>
          {href === undefined ? (
            fileNameOf(name)
          ) : (
            <a href={href} download={name}>
              {fileNameOf(name)}
            </a>
          )}
        </strong>
        {details && <small>{details}</small>}
      </span>
    </div>
  )
}

export function Place({ message }: { message: Json }) {
  const t = useWords(words)
  const title = text(message.title) || t('location')
  const [latitude, longitude] = [number(message.latitude), number(message.longitude)]
  return (
    <div class="talk-card place">
      <div class="map" aria-hidden="true">
        <MapPin size={28} />
      </div>
      <div class="talk-card-text">
        <strong>{title}</strong>
        <span>{text(message.address)}</span>
        {latitude !== undefined && longitude !== undefined && (
          <small class="mono">
            {latitude}, {longitude}
          </small>
        )}
      </div>
    </div>
  )
}

const faces = ['😀', '🐰', '🐻', '🎉', '👍', '💚', '🙏', '😴', '🤔', '🚀', '🌸', '☕', '🐤', '🎵', '💡', '🙌']

/** A face of our own for each number; the real pictures belong to the platforms. */
export function stickerFace(packageId: string, stickerId: string): string {
  return faces[numberOf(`${packageId}/${stickerId}`) % faces.length] ?? '😀'
}

export function Sticker({ message }: { message: Json }) {
  const t = useWords(words)
  const [packageId, stickerId] = [text(message.packageId), text(message.stickerId)]
  const id = `${packageId}-${stickerId}`
  return (
    <div class="sticker" role="img" aria-label={t('stickerNo', { id })} title={t('stickerNo', { id })}>
      <span aria-hidden="true">{stickerFace(packageId, stickerId)}</span>
      <small aria-hidden="true">{id}</small>
    </div>
  )
}
