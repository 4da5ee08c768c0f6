import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../history.ts';
import { until } from '../until.ts';
import { type Crowd, patienceMs } from './crowd.ts';
import { bodyOf, type Driver } from './driver.ts';

/** What a customer does on the provider's page: its buttons. */
type Button = 'pay' | 'partly' | 'twice' | 'too-much' | 'cancel';

/** Whoever has a token. */
type Payer = Pick<Driver, 'customerId' | 'token'>;

interface Replenishment {
  readonly driver: Payer;
  readonly invoiceId: string;
  readonly url: string;
}

/** To us, and to the provider's pages. */
type Ways = Pick<Crowd, 'client' | 'bank' | 'random'>;

/** Somebody wants money in their wallet: some pay at once, some late, in part, twice or never. */
export async function replenish(crowd: Crowd): Promise<void> {
  const { random, over } = crowd;
  const wanted = await askFor(crowd, random.pick(crowd.drivers), random.between(1, 100));
  if (!wanted || random.chance(0.1)) return;
  if (random.chance(0.25))
    await sleep(random.between(4_000, 12_000), undefined, { signal: over.signal }).catch(() => {});
  await press(crowd, wanted, choose(random.next()));
  for (let look = 0; look < 4; look++) {
    await sleep(random.between(500, 3_000), undefined, { signal: over.signal }).catch(() => {});
    if (over.signal.aborted || (await check(crowd, wanted)) !== 'pending') return;
  }
}

/** Before anything is broken, and until it is in the wallet: nobody can spend what they do not have. */
export async function fill(crowd: Ways, driver: Driver, amount: number): Promise<void> {
  let wanted: Replenishment | undefined;
  // A machine with much to do may take longer for it than anybody waits.
  for (let tries = 0; !wanted && tries < 5; tries++) wanted = await askFor(crowd, driver, amount);
  if (!wanted) throw new Error('nobody could be asked for money before anything was broken');
  const invoice = wanted;
  await press(crowd, invoice, 'pay');
  await until(async () => (await check(crowd, invoice)) === 'success', 'a first payment', { everyMs: 250 });
}

export async function askFor(crowd: Ways, driver: Payer, major: number): Promise<Replenishment | undefined> {
  const minor = Math.round(major * 100);
  const { customerId } = driver;
  const operation = await crowd.client.call({
    kind: 'replenish',
    method: 'POST',
    path: '/api/customer/replenish',
    about: { customerId, amount: minor },
    token: driver.token,
    body: { amount: minor / 100 },
    learn: (body) => ({ invoiceId: (body as { invoice_id: string }).invoice_id }),
    timeoutMs: patienceMs(crowd),
  });
  if (operation.outcome !== 'ok') return undefined;
  const { invoice_id: invoiceId, url } = bodyOf<{ invoice_id: string; url: string }>(operation);
  return { driver, invoiceId, url };
}

function choose(chance: number): Button {
  if (chance < 0.1) return 'cancel';
  if (chance < 0.2) return 'partly';
  if (chance < 0.3) return 'twice';
  return chance < 0.35 ? 'too-much' : 'pay';
}

/** At the provider, past all of us. */
export function press(crowd: Ways, { driver, invoiceId, url }: Replenishment, button: Button): Promise<Operation> {
  const { customerId } = driver;
  return crowd.bank.call({
    kind: 'pay',
    method: 'POST',
    path: new URL(url).pathname,
    about: { customerId, invoiceId, to: button },
    body: { action: button },
    timeoutMs: patienceMs(crowd),
  });
}

async function check(crowd: Ways, { driver, invoiceId }: Replenishment): Promise<string> {
  const operation = await crowd.client.call({
    kind: 'check-replenishment',
    method: 'POST',
    path: `/api/customer/replenishment/${invoiceId}`,
    about: { customerId: driver.customerId, invoiceId },
    token: driver.token,
    learn: () => ({}),
    timeoutMs: patienceMs(crowd),
  });
  if (operation.outcome !== 'ok') return 'pending';
  return bodyOf<{ replenishment: { status: string } }>(operation).replenishment.status;
}
