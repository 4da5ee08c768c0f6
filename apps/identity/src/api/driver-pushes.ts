import { replenishmentSettled } from '@forecourt/contracts';
import { toMajorUnits } from '@forecourt/dialects';
import { consumer, type SqlTx } from '@forecourt/messaging';
import type { Charge, News } from '../charge/charge.ts';
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

/**
 * What is new about a charge. Newer builds hear how it goes below the topic, in Wh and seconds as the others, and of a
 * payment there alone; of a device there is no such form.
 */
export function chargePushes(charge: Charge, { progress, payment, device }: News): Push[] {
  const { customerId, deviceId, energyWh, waitingSec, currency } = charge;
  const amount = toMajorUnits(charge.amount, currency);
  const pushes: Push[] = [];
  if (device) {
    pushes.push({ customerId, name: 'device', wrapped: { device: { id: deviceId, state: device } }, bare: null });
  }
  if (progress) {
    const { sessionId: purchaseId, state, durationSec } = charge;
    pushes.push({
      customerId,
      name: 'charging',
      wrapped: { charging: { purchaseId, deviceId, state, energyWh, durationSec, amount } },
      bare: { energy: energyWh, waitingTime: waitingSec, amount },
    });
  }
  if (payment) {
    const bare = { status: 'success', amount: toMajorUnits(charge.paid, currency) };
    pushes.push({ customerId, name: 'payment', wrapped: null, bare });
  }
  return pushes;
}

/** `{ "replenishment": { … } }` on the topic, `{ … }` on its sub-topic. */
const inBothForms = (customerId: string, name: string, bare: object): Push => ({
  customerId,
  name,
  wrapped: { [name]: bare },
  bare,
});
