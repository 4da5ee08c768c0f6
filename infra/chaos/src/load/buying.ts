import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../history.ts';
import { anybodyHere, type Crowd, patienceMs } from './crowd.ts';
import type { Person, Session } from './person.ts';

interface Intention {
  readonly key: string;
  readonly scope: string;
  readonly person: Person;
  readonly session: Session | undefined;
  readonly body: OrderBody;
}

interface OrderBody {
  readonly phone: string;
  readonly clientId: string;
  readonly items: readonly { productId: string; sku: string; quantity: number; price: number }[];
  readonly comment?: string;
}

const mostTries = 12;
const ordersWorthMoving = 200;

/** One intention, said one to three times, at once or later, until its outcome is known. */
export async function buy(crowd: Crowd): Promise<void> {
  const { random } = crowd;
  const intention = intend(crowd);
  const copies = 1 + random.below(3);
  const saysAtOnce = random.chance(0.5);
  const first = await Promise.all(Array.from({ length: saysAtOnce ? copies : 1 }, () => place(crowd, intention)));
  let settled = first.find(({ outcome }) => outcome !== 'unknown');
  for (let tries = first.length; !settled && tries < mostTries; tries++) {
    await sleep(random.between(300, 1200));
    const again = await place(crowd, intention);
    if (again.outcome !== 'unknown') settled = again;
  }
  remember(crowd, settled);
  if (!saysAtOnce) {
    for (let copy = 1; copy < copies; copy++) {
      await sleep(random.between(100, 3000));
      await place(crowd, intention);
    }
  }
  if (settled?.outcome === 'ok' && random.chance(0.08)) {
    // The same word for another intention must be refused.
    const body = { ...intention.body, comment: 'another intention' };
    await place(crowd, { ...intention, body });
  }
}

function intend(crowd: Crowd): Intention {
  const { random } = crowd;
  const here = random.chance(0.7) ? anybodyHere(crowd) : undefined;
  const person = here?.person ?? random.pick(crowd.guests);
  const { phone, clientId, customerId } = person;
  const lines = random.shuffled(crowd.products).slice(0, random.chance(0.3) ? 2 : 1);
  const items = lines.map(({ id, sku, price }) => ({
    productId: id,
    sku,
    quantity: random.chance(0.8) ? 1 : 2,
    price,
  }));
  return {
    key: randomUUID(),
    scope: here && customerId !== undefined ? customerId : `${phone} ${clientId}`,
    person,
    session: here?.session,
    body: { phone, clientId, items },
  };
}

function place(crowd: Crowd, { key, scope, person, session, body }: Intention): Promise<Operation> {
  const { customerId } = person;
  return crowd.client.call({
    kind: 'place',
    method: 'POST',
    path: '/orders',
    about: {
      idempotencyKey: key,
      scope,
      ...(session && customerId !== undefined && { customerId, session: session.id }),
    },
    ...(session && { token: session.accessToken }),
    headers: { 'x-idempotency-key': key },
    body,
    learn: (answer) => ({ orderId: (answer as { _id: string })._id }),
    timeoutMs: patienceMs(crowd),
  });
}

function remember({ orders }: Crowd, settled: Operation | undefined): void {
  const { orderId } = settled?.outcome === 'ok' ? settled.about : {};
  if (orderId === undefined) return;
  orders.push(orderId);
  if (orders.length > ordersWorthMoving) orders.shift();
}
