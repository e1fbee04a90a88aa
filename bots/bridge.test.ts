import 'hookline/testing/jest'
import { testBot } from 'hookline/testing'
import bot from './bridge'

const staffRoom = { kind: 'channel', id: 'staff-room' } as const
const line = () => {
  const chat = testBot(bot, { platform: 'line', user: 'U1', bots: { lineworks: 'lineworks' } })
  chat.answers('GET /v2/bot/profile/{userId}', { userId: 'U1', displayName: '山田' })
  return chat
}
const staff = () =>
  testBot(bot, { platform: 'lineworks', user: 'taro', conversation: staffRoom, bots: { line: 'line' } })
const reply = { postback: 'reply=U1' }

test('carries a customer’s words to the staff, once however often the handler runs', async () => {
  const customer = line()
  await customer.says('在庫はありますか')
  await customer.repeats()
  expect(customer.pushes).toEqual([
    { message: '【お客様】山田 様\n在庫はありますか', to: staffRoom, via: 'lineworks' },
    { message: expect.objectContaining({ type: 'buttons' }) as object, to: staffRoom, via: 'lineworks' },
  ])
  expect(customer.sent.at(-1)).toMatchObject({ type: 'button_template', actions: [reply] })
})

test('carries the answer back to the customer who was chosen, until the staff ends it', async () => {
  const room = staff()
  await room.says('おはようございます')
  await room.says('返信する', reply)
  await room.says('はい、ございます', { as: 'hanako' })
  await room.says('おわり')
  await room.says('お昼にしましょう')
  expect(room.pushes).toEqual([
    { message: '【担当者】はい、ございます', to: { kind: 'user', id: 'U1' }, via: 'line' },
  ])
})

test('never carries back what the bridge has said', async () => {
  const [customer, room] = [line(), staff()]
  await customer.says('【担当者】はい、ございます')
  await room.says('返信する', reply)
  await room.says('【お客様】山田 様\n在庫はありますか')
  expect([customer.pushes, room.pushes]).toEqual([[], []])
})

test('asks for words where a customer sends something else', async () => {
  const customer = line()
  await customer.sends('image')
  expect(customer.replies).toEqual(['恐れ入りますが、文字でお送りください。'])
})
