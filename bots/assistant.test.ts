import { testBot } from 'hookline/testing'
import { createAssistant } from './assistant'

/** A model that says at once how far it is, and answers when the test lets it. */
function slowModel() {
  let finish: (answer: string) => void = () => undefined
  const done = new Promise<string>((resolve) => (finish = resolve))
  let onAsked: (signal: AbortSignal) => void = () => undefined
  const asked = new Promise<AbortSignal>((resolve) => (onAsked = resolve))
  const bot = createAssistant(async (_question, { signal, onProgress }) => {
    await onProgress('考えています。')
    onAsked(signal)
    return done
  })
  return { bot, asked, finish: (answer: string) => finish(answer) }
}

test('pushes how far it is and replies the answer', async () => {
  const { bot, asked, finish } = slowModel()
  const chat = testBot(bot, { platform: 'lineworks' })
  const answered = chat.says('明日の天気')
  await asked
  expect([chat.pushes.length, chat.replies]).toEqual([1, []])
  finish('晴れです。')
  await answered
  expect(chat.replies).toEqual(['晴れです。'])
})

test('stops when the question is taken back', async () => {
  const { bot, asked, finish } = slowModel()
  const chat = testBot(bot, { platform: 'line' })
  chat.answers('POST /v2/bot/chat/loading/start', {})
  const answered = chat.says('社外秘の質問', { messageId: 'm1' })
  const signal = await asked
  await chat.receives({ type: 'unsend', messageId: 'm1' })
  await answered
  expect(signal.reason).toMatchObject({ code: 'unsent' })
  finish('遅い回答')
  await chat.passes('1m')
  expect(chat.replies).toEqual([])
})

test('apologises when the model fails for the third time', async () => {
  const bot = createAssistant(() => Promise.reject(new Error('busy')))
  const chat = testBot(bot, { platform: 'lineworks' })
  await expect(chat.says('質問')).rejects.toThrow('busy')
  await expect(chat.repeats()).rejects.toThrow('busy')
  await chat.repeats()
  expect(chat.replies).toEqual(['ただいま回答できません。しばらくしてからもう一度お試しください。'])
})
