import type { Message, OutgoingPush, Sender, Target } from '#libs/contract'
import type { Item } from '#libs/mailbox'
import { planned } from './send-calls'

/** Plans the calls of a push onto its item, which is not saved yet. Throws `message_invalid`. */
export function planPush(item: Item<OutgoingPush>, { sender }: { sender: Pick<Sender, 'plan'> }): void {
  const { conversation, messages } = item.event
  const { kind, id } = conversation
  if (kind === 'none') throw new TypeError('a push without a target')
  const plan = (some: Message[]) =>
    sender.plan({ kind: 'push', target: { kind, id } satisfies Target, messages: some })
  item.calls = planned(plan(messages))
  // For the status of each message: a long text becomes several, several go in one call.
  item.parts = messages.map((message) => plan([message]).flatMap((call) => call.messages).length)
  item.handled = true
}
