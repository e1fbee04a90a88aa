export const wayWords = {
  choose: [
    'Choose a message to see its way through Hookline.',
    'メッセージを選ぶと、Hookline 内での経路を表示します。',
  ],
  recent: ['Latest messages', '最近のメッセージ'],
  none: [
    'Nobody has written yet. Send a message on one of the phones, then tap it.',
    'まだメッセージがありません。いずれかのスマートフォンで送信し、そのメッセージを選んでください。',
  ],
  unavailable: [
    'The emulator does not see Hookline’s Redis here, so it can’t follow messages. Start both with “hookline dev”, or open the console.',
    'このエミュレーターは Hookline の Redis を参照できないため、経路を表示できません。「hookline dev」で両方を起動するか、コンソールを開いてください。',
  ],
  notYet: ['Hookline has no record of it yet…', 'Hookline にはまだ記録がありません…'],
  redisDown: [
    'Redis is down, so the record of this message can’t be read. The message waits in the journal, on disk; its way is shown here when Redis is back.',
    'Redis が停止しているため、経路を読み出せません。メッセージはディスク上のジャーナルで待っており、Redis の復旧後にここへ表示されます。',
  ],
  refused: [
    'Hookline answered {status}: it was not taken.',
    'Hookline は {status} を返し、受け付けませんでした。',
  ],
  botLine: [
    'This is the bot’s answer. Choose the message that it answers.',
    'これはボットの返信です。返信先のメッセージを選んでください。',
  ],
  done: ['delivered', '完了'],
  parked: ['dead letter', 'デッドレター'],
  waiting: ['waiting', '待ち'],
  working: ['under way', '処理中'],
  event: ['event', 'イベント'],
  of: ['{user} on {platform}', '{platform} の {user}'],
} as const
