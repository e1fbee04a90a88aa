import 'hookline/testing/jest'
import { testBot } from 'hookline/testing'
import bot from './approval'

const approver = '0d3f9a52-7c11-4e0b-9a77-f1c2aa01be10'

test.each([
  ['承認する', '承認'],
  ['却下する', '却下'],
])('%s: the requester learns it', async (label, result) => {
  const taro = testBot(bot, { user: 'taro' })
  const boss = taro.as(approver)
  await taro.says('申請 モニターの購入')
  await boss.taps(label)
  expect(taro.pushes).toEqual([
    { message: expect.objectContaining({ type: 'buttons' }) as object, to: { kind: 'user', id: approver } },
    { message: `「モニターの購入」は${result}されました。`, to: { kind: 'user', id: 'taro' } },
  ])
  expect(boss).toHaveReplied(`${result}しました。`)
})

test('is decided once, whatever is tapped after it and however often the handler runs', async () => {
  const taro = testBot(bot, { user: 'taro' })
  const boss = taro.as(approver)
  await taro.says('申請 出張')
  await boss.taps('承認する')
  await taro.repeats()
  await boss.taps('却下する')
  expect(taro.pushes).toHaveLength(2)
  expect(boss.replies).toEqual(['承認しました。', 'この申請は処理済みです。'])
})

test('is for the approver only', async () => {
  const taro = testBot(bot, { user: 'taro' })
  const data = JSON.stringify({ ok: true, id: '1', by: 'taro', what: '昇給' })
  await taro.says('承認する', { postback: data })
  expect(taro.pushes).toEqual([])
})

test('the longest request still fits into a button', async () => {
  const taro = testBot(bot, { user: '0d3f9a52-7c11-4e0b-9a77-f1c2aa01be11' })
  await taro.says(`申請 ${'長'.repeat(100)}`)
  await taro.as(approver).taps('承認する')
  expect(taro.pushes).toHaveLength(2)
})
