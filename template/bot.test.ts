import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testBot } from 'hookline/testing'
import bot from './bot.ts'

test('answers ping, repeats the rest', async () => {
  const chat = testBot(bot)
  await chat.says('ping')
  await chat.says('おはよう')
  assert.deepEqual(chat.replies, ['pong', 'You said: おはよう'])
})

test('offers a menu and answers its buttons', async () => {
  const chat = testBot(bot, { platform: 'lineworks' })
  await chat.says('menu')
  assert.equal(typeof chat.replies[0], 'object')
  await chat.receives({ type: 'postback', data: 'show=dice' })
  assert.match(String(chat.replies[1]), /^You rolled a [1-6]\.$/)
})

test('says so where it understands nothing', async () => {
  const chat = testBot(bot)
  await chat.receives({ type: 'sticker', packageId: '1', stickerId: '2' })
  await chat.receives({ type: 'unfollow' })
  assert.deepEqual(chat.replies, ['I only understand text so far.'])
})
