import type { Request } from 'express'
import { sourceOf } from './origin'

const asked = (headers: Record<string, string>, publicUrl?: string) =>
  sourceOf({ headers: { host: '127.0.0.1:3001', ...headers } } as unknown as Request, publicUrl)

const publicUrl = 'https://console.example'

test.each([
  [{ origin: 'http://127.0.0.1:3001' }, undefined, 'own'],
  [{ 'sec-fetch-site': 'same-origin' }, undefined, 'own'],
  [{ 'sec-fetch-site': 'none' }, undefined, 'own'],
  [{}, undefined, 'unknown'],
  [{ origin: 'http://127.0.0.1:3002' }, undefined, 'foreign'],
  [{ origin: 'null' }, undefined, 'foreign'],
  [{ 'sec-fetch-site': 'same-site' }, undefined, 'foreign'],
  [{ 'sec-fetch-site': 'cross-site' }, undefined, 'foreign'],
  // A proxy that passes on another Host needs the setting.
  [{ origin: publicUrl }, undefined, 'foreign'],
  [{ origin: publicUrl }, publicUrl, 'own'],
  [{ origin: 'http://console.example', host: 'console.example' }, publicUrl, 'foreign'],
  // The tunnel goes on working beside the proxy.
  [{ origin: 'http://127.0.0.1:3001' }, publicUrl, 'own'],
  [{ origin: 'http://evil.example', host: 'evil.example' }, publicUrl, 'foreign'],
] as [Record<string, string>, string | undefined, string][])(
  '%j with the public URL %s is %s',
  (headers, url, source) => {
    expect(asked(headers, url)).toBe(source)
  },
)
