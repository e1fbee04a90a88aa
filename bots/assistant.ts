import { setTimeout as pause } from 'node:timers/promises'
import { defineBot } from 'hookline'

/** Answers slowly, tells how far it is, and stops when the signal is aborted. */
export type Model = (
  question: string,
  options: { signal: AbortSignal; onProgress: (words: string) => Promise<void> },
) => Promise<string>

/** Stands in for a language model of your own: 20 seconds. */
const demoModel: Model = async (question, { signal, onProgress }) => {
  await onProgress('ご質問を読んでいます。')
  await pause(10_000, undefined, { signal })
  await onProgress('資料を調べています。')
  await pause(10_000, undefined, { signal })
  return `「${question}」についての回答です。`
}

/** Shows progress by push. Who takes the question back on LINE stops it: nothing more is sent, computed or paid for. */
export const createAssistant = (model: Model) =>
  defineBot((bot) => {
    bot.on('text', async (ctx) => {
      await ctx.showLoading(30)
      const answer = await model(ctx.text, {
        signal: ctx.signal,
        onProgress: (words) => ctx.push(words),
      })
      // On LINE the reply is free, pushes are billed.
      await ctx.reply(answer)
    })

    // A model that fails is tried again; the third time the user learns of it.
    bot.catch(async (error, ctx) => {
      if (ctx.attempt < 3) throw error
      await ctx.reply('ただいま回答できません。しばらくしてからもう一度お試しください。')
    })
  })

export default createAssistant(demoModel)
