export const wayWords = {
  choose: [
    'Choose a message to see its way through Hookline.',
    'メッセージを選ぶと、Hookline 内での経路を表示します。',
  ],
  recent: ['Latest messages', '最近のメッセージ'],
  none: [
    'Nobody has written yet. Send a message on one of the phones, then tap it.',
    'まだメッセージがありません。いずれかの画面で送信し、そのメッセージを選んでください。',
  ],
  unavailable: [
    'The emulator does not see Hookline’s Redis here, so it can’t follow messages. Start both with “hookline dev”, or open the console.',
    'ここではエミュレーターから Hookline の Redis を参照できないため、経路を表示できません。「hookline dev」で起動するか、コンソールを開いてください。',
  ],
  notYet: ['No trace of it in Hookline yet…', 'Hookline にはまだ記録がありません…'],
  redisDown: [
    'Redis is down, and with it the trace of this message. It waits in the journal, on disk; its way is told here when Redis is back.',
    'Redis が停止しているため、経路を読み出せません。メッセージはディスク上のジャーナルで待機しており、Redis の復旧後にここへ表示されます。',
  ],
  refused: [
    'Hookline answered {status}: it was not taken.',
    'Hookline は {status} を返し、受け付けませんでした。',
  ],
  botLine: [
    'This is the bot’s answer. Choose the message that it answers.',
    'これはボットの応答です。元のメッセージを選んでください。',
  ],
  done: ['delivered', '完了'],
  parked: ['dead letter', 'デッドレター'],
  waiting: ['waiting', '待機中'],
  working: ['under way', '処理中'],
  event: ['event', 'イベント'],
  of: ['{user} on {platform}', '{platform} の {user}'],
} as const
