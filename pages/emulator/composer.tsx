import {
  AtSign,
  File as FileIcon,
  Image as ImageIcon,
  ImagePlus,
  MapPin,
  Plus,
  Send,
  Smile,
  X,
} from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Deed } from '../../libs/emulator/page-types'
import type { PlatformName } from '#libs/contract'
import { Button, Field } from '../shared/parts'
import { useWords } from '../shared/i18n'
import { stickerFace } from './pieces'
import { platformNames, words } from './words'

/** What an action asks of the composer: to open a part, or to fill in a text. */
export interface Wish {
  what: 'image' | 'location' | 'fill'
  text?: string
  /** Another wish, even if it is for the same. */
  no: number
}

interface ComposerProps {
  platform: PlatformName
  bot: string
  inRoom: boolean
  wish: Wish | undefined
  /** Rejects when the emulator did not take it. */
  send: (deed: Deed) => Promise<void>
}

type Part = 'tray' | 'sticker' | 'location'

/** Tocaro tells its bots of texts only. */
const textOnly = (platform: PlatformName) => platform === 'tocaro'

export function Composer(props: ComposerProps) {
  const { platform, wish } = props
  const t = useWords(words)
  const [part, setPart] = useState<Part>()
  const [problem, setProblem] = useState('')
  const box = useRef<HTMLTextAreaElement>(null)
  const image = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (wish?.what === 'location') setPart('location')
    if (wish?.what === 'image') image.current?.click()
    if (wish?.what === 'fill' && box.current) {
      box.current.value = wish.text ?? ''
      box.current.focus()
    }
  }, [wish])

  const send = async (deed: Deed) => {
    setProblem('')
    setPart(undefined)
    try {
      await props.send(deed)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      throw error
    }
  }
  const sendQuietly = (deed: Deed) => void send(deed).catch(() => undefined)
  return (
    <div class="composer">
      {problem && (
        <p class="composer-problem" role="alert">
          {problem}
        </p>
      )}
      {part && (
        <Parts
          part={part}
          platform={platform}
          onPart={setPart}
          send={sendQuietly}
          pickImage={() => image.current?.click()}
        />
      )}
      <FilePicker
        input={image}
        accept="image/*"
        label={t('image')}
        onProblem={setProblem}
        onFile={(file) => sendQuietly({ kind: 'image', ...file })}
      />
      <TextRow {...props} box={box} send={send} part={part} onPart={setPart} />
    </div>
  )
}

interface TextRowProps extends Omit<ComposerProps, 'wish'> {
  box: { current: HTMLTextAreaElement | null }
  part: Part | undefined
  onPart: (part: Part | undefined) => void
}

function TextRow({ platform, bot, inRoom, box, send, part, onPart }: TextRowProps) {
  const t = useWords(words)
  const name = platformNames[platform]
  const [mentions, setMentions] = useState(false)
  const submit = () => {
    const text = box.current?.value ?? ''
    if (!box.current || text.trim() === '') return
    box.current.value = ''
    fitHeight(box.current)
    setMentions(false)
    // It comes back when nobody took it.
    send({ kind: 'text', text, ...(mentions && inRoom ? { mentionsBot: true } : {}) }).catch(() => {
      if (box.current?.value === '') box.current.value = text
    })
  }
  return (
    <form
      class="composer-row"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      {!textOnly(platform) && (
        <Button
          look="quiet"
          label={t('attach', { platform: name })}
          aria-expanded={part !== undefined}
          onClick={() => onPart(part ? undefined : 'tray')}
        >
          {part ? <X size={20} /> : <Plus size={20} />}
        </Button>
      )}
      {inRoom && (
        <Button
          look="quiet"
          class="mention-toggle"
          label={t('mentionBot', { bot })}
          aria-pressed={mentions}
          onClick={() => setMentions(!mentions)}
        >
          <AtSign size={18} />
        </Button>
      )}
      <textarea
        ref={box}
        rows={1}
        aria-label={t('messageTo', { platform: name })}
        placeholder={t('placeholder')}
        onInput={(event) => fitHeight(event.currentTarget)}
        onKeyDown={(event) => {
          // Enter that ends the conversion of kana sends nothing.
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          submit()
        }}
      />
      <Button type="submit" class="send" label={t('send', { platform: name })}>
        <Send size={18} />
      </Button>
    </form>
  )
}

function fitHeight(box: HTMLTextAreaElement): void {
  box.style.height = 'auto'
  box.style.height = `${Math.min(box.scrollHeight, 120)}px`
}

interface PartsProps {
  part: Part
  platform: PlatformName
  onPart: (part: Part | undefined) => void
  send: (deed: Deed) => void
  pickImage: () => void
}

function Parts({ part, platform, onPart, send, pickImage }: PartsProps) {
  const t = useWords(words)
  const file = useRef<HTMLInputElement>(null)
  if (part === 'sticker') return <Stickers platform={platform} send={send} />
  if (part === 'location') return <LocationForm send={send} />
  const choices = [
    { label: t('sticker'), icon: <Smile size={20} />, then: () => onPart('sticker') },
    { label: t('image'), icon: <ImageIcon size={20} />, then: pickImage },
    { label: t('sampleImage'), icon: <ImagePlus size={20} />, then: () => send({ kind: 'image' }) },
    { label: t('file'), icon: <FileIcon size={20} />, then: () => file.current?.click() },
    { label: t('location'), icon: <MapPin size={20} />, then: () => onPart('location') },
  ]
  return (
    <div class="tray" role="group" aria-label={t('tray', { platform: platformNames[platform] })}>
      {choices.map(({ label, icon, then }) => (
        <button key={label} type="button" class="tray-choice" onClick={then}>
          {icon}
          <span>{label}</span>
        </button>
      ))}
      <FilePicker
        input={file}
        label={t('file')}
        onFile={(chosen) => send({ kind: 'file', ...chosen })}
        onProblem={() => undefined}
      />
    </div>
  )
}

/** Ids from the platforms' lists of what a bot may send; the emulator takes any. */
const stickers: Record<'line' | 'lineworks', [packageId: string, stickerId: string][]> = {
  line: [
    ['446', '1988'],
    ['446', '1989'],
    ['446', '1993'],
    ['446', '2003'],
    ['789', '10855'],
    ['789', '10863'],
    ['1070', '17839'],
    ['6325', '10979904'],
    ['8525', '16581290'],
    ['11537', '52002734'],
  ],
  lineworks: [
    ['1', '1'],
    ['1', '2'],
    ['1', '13'],
    ['2', '22'],
    ['2', '34'],
    ['2', '41'],
    ['2', '144'],
    ['3', '180'],
    ['3', '200'],
    ['4', '260'],
  ],
}

function Stickers({ platform, send }: Pick<PartsProps, 'platform' | 'send'>) {
  const t = useWords(words)
  const list = platform === 'tocaro' ? [] : stickers[platform]
  return (
    <div class="sticker-sheet" role="group" aria-label={t('stickers')}>
      {list.map(([packageId, stickerId]) => {
        const label = t('stickerNo', { id: `${packageId}-${stickerId}` })
        return (
          <button
            key={label}
            type="button"
            aria-label={label}
            title={label}
            onClick={() => send({ kind: 'sticker', packageId, stickerId })}
          >
            {stickerFace(packageId, stickerId)}
          </button>
        )
      })}
    </div>
  )
}

function LocationForm({ send }: Pick<PartsProps, 'send'>) {
  const t = useWords(words)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget as HTMLFormElement)
    const word = (name: string) => {
      const value = given.get(name)
      return typeof value === 'string' ? value : ''
    }
    send({
      kind: 'location',
      title: word('title'),
      address: word('address'),
      latitude: Number(word('latitude')),
      longitude: Number(word('longitude')),
    })
  }
  return (
    <form class="location-form" onSubmit={submit}>
      <Field label={t('placeTitle')}>
        <input class="input" name="title" maxLength={100} defaultValue={t('placeDefaultTitle')} />
      </Field>
      <Field label={t('address')}>
        <input
          class="input"
          name="address"
          required
          maxLength={100}
          defaultValue={t('placeDefaultAddress')}
        />
      </Field>
      <div class="two">
        <Field label={t('latitude')}>
          <input
            class="input"
            name="latitude"
            type="number"
            step="any"
            min={-90}
            max={90}
            required
            defaultValue="35.681236"
          />
        </Field>
        <Field label={t('longitude')}>
          <input
            class="input"
            name="longitude"
            type="number"
            step="any"
            min={-180}
            max={180}
            required
            defaultValue="139.767125"
          />
        </Field>
      </div>
      <Button look="primary" type="submit">
        {t('sendLocation')}
      </Button>
    </form>
  )
}

interface Chosen {
  name: string
  data: string
  contentType: string
}

interface FilePickerProps {
  input: { current: HTMLInputElement | null }
  accept?: string
  label: string
  onFile: (file: Chosen) => void
  onProblem: (problem: string) => void
}

const largestFile = 10_000_000

/** Invisible; a button of ours opens it. */
function FilePicker({ input, accept, label, onFile, onProblem }: FilePickerProps) {
  const t = useWords(words)
  const chosen = async (picker: HTMLInputElement) => {
    const file = picker.files?.[0]
    if (!file) return
    if (file.size > largestFile) return onProblem(t('tooLarge'))
    onFile({
      name: file.name,
      data: await base64(file),
      contentType: file.type || 'application/octet-stream',
    })
    picker.value = ''
  }
  return (
    <input
      ref={input}
      type="file"
      hidden
      aria-label={label}
      {...(accept ? { accept } : {})}
      onChange={(event) => void chosen(event.currentTarget)}
    />
  )
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve((reader.result as string).replace(/^data:[^,]*,/, ''))
    reader.onerror = () => reject(new Error(`${file.name}: ${reader.error?.message ?? ''}`))
    reader.readAsDataURL(file)
  })
}
