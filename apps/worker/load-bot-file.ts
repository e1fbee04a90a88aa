import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { types } from 'node:util'
import { createJiti } from 'jiti'
import type { Bot } from '#libs/bot'
import { HooklineError, type PlatformName } from '#libs/contract'

/** Where `import … from 'hookline'` leads to from a bot file, wherever the file lies. */
const aliases = {
  hookline: resolve(__dirname, '../../libs/bot/index'),
  'hookline/testing': resolve(__dirname, '../../libs/bot/testing'),
  'hookline/testing/jest': resolve(__dirname, '../../libs/bot/testing-jest'),
}

/**
 * Loads a bot file, TypeScript or JavaScript, without a build step.
 * @param platform the one that the bot is configured for.
 * @throws HooklineError `bot_file_invalid` with the file, the line where it is known, and the reason.
 */
export async function loadBotFile(file: string, cwd: string, platform?: PlatformName): Promise<Bot> {
  const path = resolve(cwd, file)
  if (!existsSync(path)) {
    throw invalid(path, 'there is no such file. Set HOOKLINE_BOT, or `handler` of the bot, to your bot file.')
  }
  const bot = await importDefault(path)
  if (typeof bot !== 'object' || bot === null || !('handle' in bot) || typeof bot.handle !== 'function') {
    throw invalid(path, 'its default export is no bot. It must say: export default defineBot((bot) => { … })')
  }
  const { platform: only } = bot as Bot
  if (platform !== undefined && only !== undefined && only !== platform) {
    const why = `it is for ${only} only (defineBot({ platform: '${only}' })), but configured for ${platform}.`
    throw invalid(path, `${why} Configure another bot file for it, or take the platform out of the file.`)
  }
  return bot as Bot
}

async function importDefault(path: string): Promise<unknown> {
  const jiti = createJiti(dirname(path), {
    alias: aliases,
    moduleCache: true,
    fsCache: false,
    interopDefault: true,
  })
  try {
    return await jiti.import(path, { default: true })
  } catch (cause) {
    throw invalid(placeOf(cause, path), wordsOf(cause), cause)
  }
}

/** `file:line:column` from the error: a syntax error carries it in its text, a thrown one in its stack. */
function placeOf(error: unknown, path: string): string {
  // Not instanceof: under a test runner the error may come from another realm.
  const text = types.isNativeError(error) ? `${error.message}\n${error.stack ?? ''}` : ''
  const start = text.indexOf(`${path}:`)
  const position = start < 0 ? undefined : /^:\d+(:\d+)?/.exec(text.slice(start + path.length))?.[0]
  const inMessage = /\((\d+:\d+)\)/.exec(text)?.[1]
  return `${path}${position ?? (inMessage ? `:${inMessage}` : '')}`
}

function wordsOf(error: unknown): string {
  return types.isNativeError(error) ? `${error.name}: ${error.message.split('\n')[0] ?? ''}` : String(error)
}

function invalid(place: string, why: string, cause?: unknown): HooklineError {
  return new HooklineError('bot_file_invalid', `The bot file ${place} can't be used: ${why}`, { cause })
}
