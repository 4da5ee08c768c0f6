import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../history.ts';
import type { Question } from './asking.ts';
import type { Crowd } from './crowd.ts';

type Wish = Omit<Question, 'timeoutMs'>;

const mostTries = 12;
const revenue = 'charging';
/** Minor units. */
const anAmount = ({ random }: Crowd) => 1 + random.below(2_500);

/** A subscription's period, say: paid at once. Some of it is given back later, and sometimes more than was paid is asked for. */
export async function charge(crowd: Crowd): Promise<void> {
  const { random } = crowd;
  const { customerId } = random.pick(crowd.drivers);
  const [key, amount] = [randomUUID(), anAmount(crowd)];
  const paid = await insist(crowd, {
    kind: 'charge',
    about: { key, customerId, amount },
    request: { key, customerId, amount, revenue, reference: key },
  });
  if (paid?.outcome === 'ok' && random.chance(0.4)) await giveBack(crowd, key, amount);
}

/** Twice at once, each a part: together they may be more than was paid, and then one of them is too much. */
async function giveBack(crowd: Crowd, of: string, paid: number): Promise<void> {
  const refund = () => {
    const key = randomUUID();
    const amount = 1 + crowd.random.below(paid);
    return insist(crowd, {
      kind: 'refund',
      about: { key, of, amount },
      request: { key, of, amount, reason: 'it did not work' },
    });
  };
  await Promise.all(crowd.random.chance(0.3) ? [refund(), refund()] : [refund()]);
}

/** A charging session: money is held, and taken, given back, both at once, or forgotten. */
export async function chargeSession(crowd: Crowd): Promise<void> {
  const { random, over } = crowd;
  const { customerId } = random.pick(crowd.drivers);
  const [key, amount] = [randomUUID(), anAmount(crowd)];
  const fate = random.next();
  const isForgotten = fate < 0.15;
  const lastsMs = isForgotten ? random.between(1_000, 6_000) : 60_000;
  const about = { key, customerId, amount };
  const release = () => insist(crowd, { kind: 'release', about: { key, customerId }, request: { key } });
  // It may overtake the hold, which then is over when it comes.
  const early = random.chance(0.04) ? release() : undefined;
  const held = await insist(crowd, {
    kind: 'hold',
    about,
    request: {
      ...{ key, customerId, amount, reference: key },
      ...(random.chance(0.3) && { atLeast: 1 }),
      expiresAt: new Date(Date.now() + lastsMs).toISOString(),
    },
  });
  await early;
  if (held?.outcome !== 'ok' || isForgotten) return;
  await sleep(random.between(100, 4_000), undefined, { signal: over.signal }).catch(() => {});
  const capture = () => {
    const taken = random.chance(0.1) ? 0 : 1 + random.below(amount);
    const about = { key, customerId, amount: taken };
    return insist(crowd, { kind: 'capture', about, request: { key, amount: taken, revenue } });
  };
  if (fate < 0.25) await Promise.all([capture(), release()]);
  else await (fate < 0.45 ? release() : capture());
}

/** One intention, said one to three times, at once or until its outcome is known. */
async function insist(crowd: Crowd, wish: Wish): Promise<Operation | undefined> {
  const { random, asker } = crowd;
  const ask = () => asker.ask({ ...wish, timeoutMs: Math.round(random.between(1_000, 5_000)) });
  const first = await Promise.all(Array.from({ length: 1 + random.below(3) }, ask));
  let known = first.find(({ outcome }) => outcome !== 'unknown');
  for (let tries = first.length; !known && tries < mostTries; tries++) {
    await sleep(random.between(200, 1_000));
    const again = await ask();
    if (again.outcome !== 'unknown') known = again;
  }
  return known;
}
