import { setTimeout as sleep } from 'node:timers/promises';
import { type Crowd, patienceMs } from './crowd.ts';
import { codeTo, idOf } from './driver.ts';
import { askFor, press } from './paying.ts';

/** Somebody on the site, whom their phone alone makes known. */
export interface Subscriber {
  /** As the site writes it: 5XXXXXXXX. */
  readonly phoneNumber: number;
  customerId?: string;
  token?: string;
  /** A code is on its way to them: another one would take its place. */
  busy: boolean;
}

/** What it takes to order; `random` decides how long an answer is waited for. */
export type Way = Pick<Crowd, 'client' | 'bank' | 'random' | 'operatorToken'>;

const phoneOf = ({ phoneNumber }: Subscriber) => `+995${phoneNumber}`;

/** Somebody orders a package and enters the code; now and then they have forgotten to pay in, or have nothing else to do. */
export async function subscribe(crowd: Crowd): Promise<void> {
  const { random } = crowd;
  const subscriber = random.pick(crowd.subscribers);
  if (subscriber.busy) return;
  subscriber.busy = true;
  try {
    if (subscriber.token && random.chance(0.5)) await fillUp(crowd, subscriber, random.between(1, 300));
    if (!(await orderPackage(crowd, subscriber, random.pick(crowd.packages)))) return;
    if (subscriber.token && random.chance(0.3)) await fillUp(crowd, subscriber, random.between(50, 300));
  } finally {
    subscriber.busy = false;
  }
}

/** Orders, and enters the code that comes. */
export async function orderPackage(way: Way, subscriber: Subscriber, productId: number): Promise<boolean> {
  const { phoneNumber } = subscriber;
  const ordered = await way.client.call({
    kind: 'order-package',
    method: 'POST',
    path: '/order',
    body: {
      isUser: false,
      fisrtName: 'ნინო',
      lastName: 'ბერიძე',
      personalNumber: 1_024_012_345,
      phoneNumber,
      productId,
    },
    hear: (headers) => ({ verification: String(headers['x-verification']) }),
    timeoutMs: patienceMs(way),
  });
  const { verification } = ordered.about;
  if (ordered.outcome !== 'ok' || verification === undefined) return false;
  // The newest; one of before is refused, which is an answer, too.
  await sleep(500);
  const code = await codeTo(way, phoneOf(subscriber));
  if (code === undefined) return false;
  const confirmed = await way.client.call({
    kind: 'confirm-order',
    method: 'POST',
    path: '/validate',
    about: { verification },
    headers: { 'x-verification': verification },
    body: { code: Number(code) },
    hear: (headers) => {
      subscriber.token = String(headers.authorization).replace('Bearer ', '');
      return {};
    },
    timeoutMs: patienceMs(way),
  });
  return confirmed.outcome === 'ok';
}

/** Pays in, by the page of the provider. */
export async function fillUp(way: Way, subscriber: Subscriber, amount: number): Promise<boolean> {
  const { token = '' } = subscriber;
  subscriber.customerId ??= await idOf(way, phoneOf(subscriber));
  const { customerId } = subscriber;
  if (customerId === undefined) return false;
  const wanted = await askFor(way, { customerId, token }, amount);
  if (!wanted) return false;
  await press(way, wanted, 'pay');
  return true;
}
