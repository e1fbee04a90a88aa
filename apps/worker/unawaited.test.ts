import { type BotBuilder, type Context, defineBot } from '#libs/bot'
import { ApiError, type Event } from '#libs/contract'
import { newItem } from '#libs/mailbox'
import { type Logger, createMetrics } from '#libs/observability'
import { runHandler } from './run-handler'
import { calmSendDeps, noState, quietCaller } from './send-deps.test.support'

const event: Event = {
  key: 'e1',
  bot: 'shop',
  platform: 'lineworks',
  type: 'text',
  text: 'hi',
  conversation: { kind: 'user', id: 'u1' },
  occurredAt: 1,
  receivedAt: 1,
  raw: {},
}

function setup(
  define: (bot: BotBuilder) => void,
  failure?: Error,
  warn: (fields: object, words: string) => void = () => undefined,
) {
  const item = newItem(event, 1)
  const sent: unknown[] = []
  const run = () =>
    runHandler(item, {
      bot: 'shop',
      handler: defineBot(define),
      handlerTimeoutMs: 30_000,
      sender: {
        plan: ({ messages }) =>
          messages.map((message) => ({
            operation: 'push',
            target: { kind: 'user', id: 'u1' },
            messages: [{ ...message }],
          })),
        send: async ({ messages }) => {
          await new Promise((resolve) => setImmediate(resolve))
          if (failure) throw failure
          sent.push(messages[0]?.['text'])
          return {}
        },
        limitOf: ({ operation }) => ({ scope: `test:${operation}`, amount: 1000, perMs: 1000 }),
      },
      ...calmSendDeps(),
      ...noState(),
      caller: {
        ...quietCaller(),
        request: async ({ path }) => {
          await new Promise((resolve) => setImmediate(resolve))
          sent.push(path)
          return { status: 200, headers: {}, body: undefined }
        },
      },
      log: { warn: warn as Logger['warn'] },
      replyFallback: 'park',
      save: async () => undefined,
      metrics: createMetrics(),
      signal: new AbortController().signal,
    })
  return { item, sent, run }
}

test('a handler’s end waits for pushes that it did not wait for, one after another', async () => {
  const { item, sent, run } = setup((bot) =>
    bot.on('text', (ctx) => {
      void (async () => {
        for (const text of ['one', 'two', 'three']) await ctx.push(text)
      })()
    }),
  )
  await run()
  expect([sent, item.handled]).toEqual([['one', 'two', 'three'], true])
})

test('a handler’s end waits for calls of the platform that it did not wait for, also those that follow', async () => {
  const { sent, run } = setup((bot) =>
    bot.on('text', (ctx) => {
      void (async () => {
        await ctx.api({ method: 'GET', path: '/one' })
        await ctx.push('two')
        await ctx.api({ method: 'GET', path: '/three' })
      })()
    }),
  )
  await run()
  expect(sent).toEqual(['/one', 'two', '/three'])
})

test('a push that was not waited for and fails ends neither the item nor the process', async () => {
  const unhandled: unknown[] = []
  const { item, run } = setup(
    (bot) => bot.on('text', (ctx) => void ctx.push('x').catch((error: unknown) => unhandled.push(error))),
    new ApiError('api_rejected', 'no'),
  )
  await run()
  expect([item.handled, unhandled.length]).toEqual([true, 1])
})

test('a push after the handler’s end is refused with what to do', async () => {
  let kept: Context | undefined
  const { sent, run } = setup((bot) =>
    bot.on('text', (ctx) => {
      kept = ctx
    }),
  )
  await run()
  await expect(kept?.push('too late')).rejects.toMatchObject({
    code: 'no_target',
    message: expect.stringContaining('Await ctx.push before it returns'),
  })
  expect(sent).toEqual([])
})

test('a reply or push that is refused is told in the log, also where nobody waited for it', async () => {
  const warnings: unknown[] = []
  const { run } = setup(
    (bot) =>
      bot.on('text', (ctx) => {
        void ctx.reply({ type: 'image', url: 'ftp://example.com/x' })
        void ctx.push('x')
      }),
    new ApiError('api_rejected', 'no such user'),
    (_fields, words) => warnings.push([_fields, words]),
  )
  await run()
  expect(warnings).toEqual([
    [
      { event: expect.any(String), error: expect.stringContaining('url') },
      'a message of the handler was refused',
    ],
    [{ event: expect.any(String), error: expect.stringContaining('no such user') }, expect.any(String)],
  ])
})
