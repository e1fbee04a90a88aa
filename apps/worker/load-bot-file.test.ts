import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testBot } from '#libs/bot'
import { loadBotFile } from './load-bot-file'

function setup(name: string, source: string) {
  const dir = mkdtempSync(join(tmpdir(), 'hookline-bot-'))
  writeFileSync(join(dir, name), source)
  return { dir, file: join(dir, name) }
}

const reply = `export default defineBot((bot) => bot.on('text', (ctx) => ctx.reply('hi ' + ctx.text)))`

test.each([
  [
    'bot.ts',
    `import { defineBot, type Context } from 'hookline'\nconst f = (c: Context): string => c.type\nvoid f\n${reply}`,
  ],
  ['bot.mjs', `import { defineBot } from 'hookline'\n${reply}`],
  ['bot.js', `import { defineBot } from 'hookline'\n${reply}`],
  [
    'bot.cjs',
    `const { defineBot } = require('hookline')\nmodule.exports = ${reply.replace('export default ', '')}`,
  ],
])('loads %s from any folder without a build step', async (name, source) => {
  const { dir } = setup(name, source)
  const chat = testBot(await loadBotFile(`./${name}`, dir))
  await chat.says('x')
  expect(chat.replies).toEqual(['hi x'])
})

test.each([
  [
    'a syntax error',
    `import { defineBot } from 'hookline'\n\nexport default defineBot((bot) => {\n  bot.on('text' (ctx) => 1)\n})`,
    /bot\.ts:4.*SyntaxError|bot\.ts:4/s,
  ],
  [
    'an error while loading',
    `import { defineBot } from 'hookline'\n\nthrow new Error('no settings')`,
    /bot\.ts:3.*Error: no settings/s,
  ],
  ['a missing import', `import 'does-not-exist'\nexport default 1`, /bot\.ts.*does-not-exist/s],
  ['a default export that is no bot', `export default { hello: 1 }`, /bot\.ts.*export default defineBot/s],
])('names file, line and reason for %s', async (_name, source, words) => {
  const { dir, file } = setup('bot.ts', source)
  const failure = await loadBotFile(file, dir).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'bot_file_invalid', message: expect.stringMatching(words) })
})

test('says what to set when the file does not exist', async () => {
  await expect(loadBotFile('./nowhere.ts', '/tmp')).rejects.toThrow(
    "/tmp/nowhere.ts can't be used: there is no such file. Set HOOKLINE_BOT",
  )
})

test('refuses a bot file that is for another platform than the one that the bot is configured for', async () => {
  const source = reply.replace('defineBot(', `defineBot({ platform: 'line' }, `)
  const { dir, file } = setup('bot.ts', `import { defineBot } from 'hookline'\n${source}`)
  await expect(loadBotFile(file, dir, 'tocaro')).rejects.toMatchObject({
    code: 'bot_file_invalid',
    message: expect.stringMatching(
      /bot\.ts can't be used: it is for line only .*, but configured for tocaro\./,
    ),
  })
  expect((await loadBotFile(file, dir, 'line')).platform).toBe('line')
})
