import { isRecord, type ApiAnswer, type ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { lineError } from './line-answers'
import type { LineOperation } from './line-operation'
import type { RawEvent } from './platform-webhooks'

interface SentContent {
  type: string
  at: number
  size: number
  /** The user took the message back. */
  gone: boolean
  upload?: LineUpload
}

/** Images, videos, audios and files that users sent through LINE. */
export interface LineContents {
  /** Notes what an event brings or takes back. */
  note(event: RawEvent): void
  find(messageId: string): SentContent | undefined
  /** What the message to come carries; without it the emulator makes something up. */
  put(messageId: string, content: LineUpload): void
}

/** What a user chose to send. */
export interface LineUpload {
  bytes: Buffer
  contentType: string
}

const kinds: Record<string, { contentType: string; prepared: boolean }> = {
  image: { contentType: 'image/png', prepared: false },
  video: { contentType: 'video/mp4', prepared: true },
  audio: { contentType: 'audio/x-m4a', prepared: true },
  file: { contentType: 'application/octet-stream', prepared: false },
}

/** One transparent pixel. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
const defaultSize = 64 * 1024

export function createLineContents(context: EmulatorContext): LineContents {
  const contents = new Map<string, SentContent>()
  const uploads = new Map<string, LineUpload>()
  return {
    note: ({ type, message, unsend }) => {
      if (type === 'unsend' && isRecord(unsend)) {
        const content = contents.get(String(unsend.messageId))
        if (content) content.gone = true
      }
      if (type !== 'message' || !isRecord(message) || kinds[String(message.type)] === undefined) return
      const provider = isRecord(message.contentProvider) ? message.contentProvider.type : 'line'
      if (provider !== 'line') return
      const size = Number(message.fileSize ?? defaultSize)
      const upload = uploads.get(String(message.id))
      uploads.delete(String(message.id))
      contents.set(String(message.id), {
        ...{ type: String(message.type), at: context.clock(), size, gone: false },
        ...(upload ? { upload } : {}),
      })
    },
    find: (messageId) => contents.get(messageId),
    put: (messageId, upload) => void uploads.set(messageId, upload),
  }
}

/** Contents on LINE's data host, which is the same origin here [doc R#get-content]. */
export function lineContentOperations(contents: LineContents, context: EmulatorContext): LineOperation[] {
  const operation = (
    name: string,
    what: string,
    handle: (content: SentContent) => ApiAnswer,
  ): LineOperation => ({
    name,
    method: 'get',
    path: `/v2/bot/message/:messageId/content${what}`,
    handle: (call: ApiCall) => {
      const content = contents.find(call.params.messageId ?? '')
      if (!content) return lineError(404, 'not found')
      return content.gone ? lineError(410, 'The content is gone') : handle(content)
    },
  })
  return [
    operation('content', '', (content) => bytesOf(content, context)),
    operation('content.preview', '/preview', ({ type, upload }) =>
      type === 'image' && upload
        ? uploaded(upload)
        : type === 'image' || type === 'video'
          ? { status: 200, headers: { 'content-type': 'image/png' }, body: pixel }
          : lineError(400, 'The content can not be previewed'),
    ),
    operation('content.transcoding', '/transcoding', (content) => transcoding(content, context)),
  ]
}

/** 202 while a video or an audio is prepared; one whose preparing failed stays so. */
function bytesOf(content: SentContent, context: EmulatorContext): ApiAnswer {
  if (statusOf(content, context) !== 'succeeded') return { status: 202 }
  if (content.upload) return uploaded(content.upload)
  const headers = { 'content-type': kinds[content.type]?.contentType ?? '' }
  return {
    status: 200,
    headers,
    body: content.type === 'image' ? pixel : Buffer.alloc(content.size, 'hookline '),
  }
}

function uploaded({ bytes, contentType }: LineUpload): ApiAnswer {
  return { status: 200, headers: { 'content-type': contentType }, body: bytes }
}

function transcoding(content: SentContent, context: EmulatorContext): ApiAnswer {
  if (!kinds[content.type]?.prepared) return lineError(400, 'The content is not supported')
  return { status: 200, body: { status: statusOf(content, context) } }
}

function statusOf({ type, at }: SentContent, context: EmulatorContext) {
  const { lineTranscodingMs, lineTranscodingFails } = context.settings()
  if (!kinds[type]?.prepared) return 'succeeded'
  if (context.clock() < at + lineTranscodingMs) return 'processing'
  return lineTranscodingFails ? 'failed' : 'succeeded'
}
