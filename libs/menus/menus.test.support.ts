import { crc32, deflateSync } from 'node:zlib'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiError, type ApiRequest } from '#libs/contract'
import type { Call } from './steps'

/** A PNG of one colour; another grey makes other bytes. */
export function png(width: number, height: number, grey = 200): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(width, grey)])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A folder with these files. */
export function folderWith(files: Record<string, Buffer | string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'menus-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

/** Calls to a platform over HTTP, and a record of those that change something. */
export function recordingCall(base: string, token: string, botId = ''): { call: Call; writes: string[] } {
  const writes: string[] = []
  const call: Call = async (request) => {
    const path = pathOf(request, botId)
    if (request.method !== 'GET') writes.push(`${request.method} ${request.path}`)
    const response = await fetch(`${base}${path}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': request.contentType ?? 'application/json',
      },
      ...(request.body === undefined
        ? {}
        : {
            body: Buffer.isBuffer(request.body) ? new Uint8Array(request.body) : JSON.stringify(request.body),
          }),
    })
    const text = await response.text()
    if (!response.ok)
      throw new ApiError('api_rejected', `${request.path}: ${text}`, { status: response.status })
    const isJson = (response.headers.get('content-type') ?? '').includes('json')
    return { status: response.status, headers: {}, body: isJson ? (JSON.parse(text) as unknown) : text }
  }
  return { call, writes }
}

function pathOf({ path, params = {}, query = {} }: ApiRequest, botId: string): string {
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(name === 'botId' ? botId : (params[name] ?? '')),
  )
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value))
  return asked.size === 0 ? filled : `${filled}?${asked.toString()}`
}
