import { replenishmentSettled } from '@forecourt/contracts';
import { toMajorUnits } from '@forecourt/dialects';
import { consumer, type SqlTx } from '@forecourt/messaging';
import type { Push } from '../push/push.ts';
import { queuePushes } from '../push/store.ts';

/*
 * What drivers' apps hear over their topics, in the words of their document: a consumer and a mapping for each kind.
 */

export const pushOnReplenishmentSettled = consumer({
  event: replenishmentSettled,
  durable: 'identity-push-on-replenishment-settled',
  handleMany: (tx: SqlTx, events) =>
    queuePushes(
      tx,
      events.map(({ data: { customerId, status, amount, currency } }) =>
        inBothForms(customerId, 'replenishment', { status, amount: toMajorUnits(amount, currency) }),
      ),
    ),
});

/** `{ "replenishment": { … } }` on the topic, `{ … }` on its sub-topic. */
const inBothForms = (customerId: string, name: string, bare: object): Push => ({
  customerId,
  name,
  wrapped: { [name]: bare },
  bare,
});
