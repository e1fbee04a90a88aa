import type { Accounts } from '#libs/emulator'
import type { DeadLetter } from '#libs/mailbox'
import { signLine, signLineworks } from '#libs/platforms'
import type { Stage } from '../../chaos/scenario'
import { runToEnd } from '../support/stack'
import { type RedisSet, untilTrue } from './redis-set'

interface Around {
  accounts: Required<Accounts>
  env: Record<string, string>
}

/** What nobody understands becomes a dead letter, of bots on different servers; the command finds and discards both. */
export async function checkDeadLetters(stage: Stage<RedisSet>, { accounts, env }: Around): Promise<void> {
  const [ingress] = stage.fleet.running('ingress')
  const { line, lineworks } = accounts
  const body = Buffer.from(JSON.stringify({ destination: 'U0', events: ['nobody knows'] }))
  await send(`${ingress?.url}/webhooks/line`, body, {
    'x-line-signature': signLine(body, line.channelSecret),
  })
  const other = Buffer.from(JSON.stringify(['nobody knows']))
  await send(`${ingress?.url}/webhooks/lineworks`, other, {
    'x-works-botid': lineworks.botId,
    'x-works-signature': signLineworks(other, lineworks.botSecret),
  })
  const bots = async () => (await list(env)).map(({ bot }) => bot).sort()
  await untilTrue(async () => (await bots()).join() === 'line,lineworks', 'both dead letters are listed')
  const { code, output } = await deadLetters(env, 'discard', '--all', '--yes')
  if (code !== 0 || !output.includes('Discarded 2 dead letters.')) throw new Error(`discard said: ${output}`)
}

async function send(url: string, body: Buffer, headers: Record<string, string>): Promise<void> {
  const { status } = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
  if (status !== 200) throw new Error(`${url} answered ${status}`)
}

function deadLetters(env: Record<string, string>, ...args: string[]) {
  return runToEnd('dist/libs/cli/main.js', env, ['dead-letters', ...args])
}

async function list(env: Record<string, string>): Promise<DeadLetter[]> {
  const { code, output } = await deadLetters(env, 'list', '--json')
  if (code !== 0) throw new Error(`dead-letters list ended with ${code}: ${output}`)
  return output
    .split('\n')
    .filter(Boolean)
    .map((row) => JSON.parse(row) as DeadLetter)
}
