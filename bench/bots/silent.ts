import { defineBot } from 'hookline'

/** Takes every text and answers nothing: all the work there is before a platform is called. */
export default defineBot((bot) => {
  bot.on('text', () => undefined)
})
