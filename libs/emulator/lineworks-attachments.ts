import { randomUUID } from 'node:crypto'
import { bearerToken, jsonBody, type ApiAnswer, type ApiCall, type ApiOperation } from './api-call'
import { lineworksError, lineworksUnauthorized } from './lineworks-answers'
import type { BotOperation, LineworksParts } from './lineworks-api'

interface Attachment {
  fileName: string
  expiresAt: number
  /** Absent until it is uploaded. */
  bytes?: Buffer
  contentType?: string
}

export interface LineworksAttachments {
  /** Of the bot's API: behind token, scope and rate. */
  ofBot: BotOperation[]
  /** Of the storage, another port, which wants the token too. */
  ofStorage: ApiOperation[]
  /** A user sends a file: its id for the event. */
  put(file: { fileName?: string; contentType?: string; bytes: Buffer }): string
  /** The bytes of a file that is still there. */
  find(fileId: string): { bytes: Buffer; contentType: string } | undefined
}

const day = 24 * 60 * 60_000
/** The docs show both spellings of the first; the third is seen in production [seen S2, S3]. */
const partNames = ['FileData', 'Filedata', 'file']

/** Upload in two steps, download by a redirect to the storage [doc bot-attachment-create@en, bot-api@kr]. */
export function createLineworksAttachments({
  account,
  context,
  tokens,
}: LineworksParts): LineworksAttachments {
  const files = new Map<string, Attachment>()
  const uploads = new Map<string, string>()
  const fileOf = (call: ApiCall) => {
    const file = files.get(call.params.fileId ?? '')
    return file?.bytes && file.expiresAt > context.clock() ? file : undefined
  }
  const storage = (call: ApiCall) => {
    const { hostname } = new URL(`http://${call.header('host') ?? '127.0.0.1'}`)
    return `http://${hostname}:${context.storagePort()}/storage`
  }
  const newId = () => `jp1.${context.clock()}000000.${randomUUID()}.0.${account.domainId}.0.0.0`
  const add = (file: Omit<Attachment, 'expiresAt'>) => {
    const fileId = newId()
    files.set(fileId, { ...file, expiresAt: context.clock() + day })
    return fileId
  }
  const authentic = (handle: (call: ApiCall) => ApiAnswer | Promise<ApiAnswer>) => (call: ApiCall) =>
    tokens.find(bearerToken(call))?.kind === 'access'
      ? handle(call)
      : lineworksUnauthorized(call.header('authorization') !== undefined)

  const create = (call: ApiCall): ApiAnswer => {
    const { fileName } = jsonBody(call) ?? {}
    if (typeof fileName !== 'string' || fileName === '')
      return lineworksError(400, 'MISSING_PARAMETER', 'fileName is required')
    const fileId = add({ fileName })
    const once = randomUUID()
    uploads.set(once, fileId)
    return { status: 200, body: { fileId, uploadUrl: `${storage(call)}/upload/${once}` } }
  }
  const upload = async (call: ApiCall): Promise<ApiAnswer> => {
    const once = call.params.once ?? ''
    const file = files.get(uploads.get(once) ?? '')
    if (!file || file.expiresAt <= context.clock())
      return lineworksError(404, 'NOT_FOUND', 'The upload URL is used or has expired')
    const part = await filePart(call)
    if (!part) return lineworksError(400, 'INVALID_PARAMETER', 'There is no file part FileData')
    uploads.delete(once)
    Object.assign(file, part)
    const fileId = [...files].find(([, known]) => known === file)?.[0]
    return { status: 201, body: { fileId, fileName: file.fileName, fileSize: part.bytes.length } }
  }
  return {
    find: (fileId) => {
      const { bytes, contentType = 'application/octet-stream' } = files.get(fileId) ?? {}
      return bytes && { bytes, contentType }
    },
    put: ({ fileName = 'file', ...file }) => add({ fileName, ...file }),
    ofBot: [
      {
        name: 'attachments.create',
        method: 'post',
        path: '/v1.0/bots/:botId/attachments',
        scopes: ['bot', 'bot.message'],
        handle: create,
      },
      {
        name: 'attachments.get',
        method: 'get',
        path: '/v1.0/bots/:botId/attachments/:fileId',
        scopes: ['bot', 'bot.message', 'bot.read'],
        unlimited: true,
        handle: (call) =>
          fileOf(call)
            ? { status: 302, headers: { location: `${storage(call)}/files/${call.params.fileId ?? ''}` } }
            : lineworksError(404, 'NOT_FOUND', 'The attachment does not exist'),
      },
    ],
    ofStorage: [
      { name: 'storage.upload', method: 'post', path: '/storage/upload/:once', handle: authentic(upload) },
      {
        name: 'storage.get',
        method: 'get',
        path: '/storage/files/:fileId',
        handle: authentic((call) => {
          const file = fileOf(call)
          if (!file) return lineworksError(404, 'NOT_FOUND', 'The attachment does not exist')
          const headers = { 'content-type': file.contentType ?? 'application/octet-stream' }
          return { status: 200, headers, body: file.bytes }
        }),
      },
    ],
  }
}

async function filePart(call: ApiCall): Promise<{ bytes: Buffer; contentType: string } | undefined> {
  const headers = { 'content-type': call.header('content-type') ?? '' }
  // Deprecated for servers that strangers reach: this one holds 2 MB of a bot's own upload.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const form = await new Response(new Uint8Array(call.body), { headers }).formData().catch(() => undefined)
  for (const name of partNames) {
    const part = form?.get(name)
    if (part instanceof Blob)
      return {
        bytes: Buffer.from(await part.arrayBuffer()),
        contentType: part.type || 'application/octet-stream',
      }
  }
  return undefined
}
