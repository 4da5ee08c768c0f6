import { type NewMessage, queueMessage } from '../src/message/store.ts';
import type { TestIdentity } from './identity.ts';

let made = 0;

/** News of an order by SMS, to a phone that hears of nothing else. */
export async function aQueuedMessage(identity: TestIdentity, wishes: Partial<NewMessage> = {}): Promise<string> {
  made += 1;
  const recipient = wishes.recipient ?? `+38050${String(1_000_000 + made)}`;
  await queueMessage(identity.deps.database, {
    kind: 'order_changed',
    facts: { number: `A-${made}`, status: 'done' },
    channel: 'sms',
    recipient,
    language: 'en',
    dedupeKey: `order_changed:of-test:${made}`,
    now: identity.deps.clock(),
    ...wishes,
  } as NewMessage);
  return recipient;
}

/** What is known of the message to somebody, and of the calls about it, oldest first. */
export async function storyOf({ deps }: TestIdentity, recipient: string) {
  const message = await deps.db.message.findFirstOrThrow({ where: { recipient } });
  const calls = await deps.db.messageCall.findMany({
    where: { messageId: message.id },
    orderBy: [{ begunAt: 'asc' }, { provider: 'asc' }],
  });
  return { message, calls };
}
