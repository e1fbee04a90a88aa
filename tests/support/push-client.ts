import type { PushStatusAnswer } from '#libs/push'
import { eventually } from './eventually'

export interface PushAnswer {
  status: number
  headers: Headers
  body: { id?: string; error?: { code: string; message: string; field?: string } }
}

/** A program that uses the push API of one ingress. */
export function createPushClient(url: () => string, key: string) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const push = async (bot: string, body: unknown, more: Record<string, string> = {}): Promise<PushAnswer> => {
    const response = await fetch(`${url()}/v1/bots/${bot}/messages`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify(body),
    })
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as PushAnswer['body'],
    }
  }
  const accepted = async (bot: string, body: unknown, more?: Record<string, string>): Promise<string> => {
    const answer = await push(bot, body, more)
    if (answer.status !== 202) throw new Error(JSON.stringify(answer))
    return answer.body.id ?? ''
  }
  const status = async (id: string): Promise<PushStatusAnswer> => {
    const response = await fetch(`${url()}/v1/messages/${id}`, { headers })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return (await response.json()) as PushStatusAnswer
  }
  const becomes = (id: string, wanted: PushStatusAnswer['status']) =>
    eventually(async () => {
      const found = await status(id)
      if (found.status !== wanted) throw new Error(JSON.stringify(found))
      return found
    })
  return { push, accepted, status, becomes }
}

export const text = (...texts: string[]) => texts.map((one) => ({ type: 'text', text: one }))
