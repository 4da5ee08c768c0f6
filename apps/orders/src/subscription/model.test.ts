import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPackage } from '../../test/builders.ts';
import { type Club, day, type Member, mistakesIn, openClub } from '../../test/club.ts';
import { cancelOwn } from './service.ts';

let club: Club;
beforeAll(async () => {
  club = await openClub();
});
afterAll(() => club.close());

const years = 5;
const people = 2;

interface Wish {
  readonly product: number;
  readonly price: bigint;
  readonly isRenewal: boolean;
}

/** What a subscription is to somebody who has a wallet and a calendar, and no processes, transactions or questions. */
interface Life {
  state: 'none' | 'unpaid' | 'active' | 'ended';
  product: number;
  until: Date | null;
  anchor: Date;
  counted: number;
  renews: boolean;
  waiting: Wish | null;
  unpaidSince: Date;
  locked: bigint | null;
  held: { from: Date; until: Date; worth: bigint }[];
  balance: bigint;
  paid: number;
}

const aLife = (): Life => ({
  state: 'none',
  product: 0,
  until: null,
  anchor: new Date(0),
  counted: 0,
  renews: false,
  waiting: null,
  unpaidSince: new Date(0),
  locked: null,
  held: [],
  balance: 0n,
  paid: 0,
});

function addMonths(from: Date, count: number): Date {
  const month = from.getUTCMonth() + count;
  const last = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const end = new Date(from);
  end.setUTCFullYear(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), last));
  return end;
}

function hold(life: Life, from: Date, until: Date, worth: bigint) {
  life.held.push({ from, until, worth });
  Object.assign(life, { state: 'active', until, locked: null, waiting: null, paid: life.paid + 1 });
}

function payFor(life: Life, { product, price, isRenewal }: Wish, now: Date) {
  life.balance -= price;
  life.product = product;
  if (!isRenewal) life.renews = true;
  const goesOn = life.until !== null && now.getTime() - life.until.getTime() <= 300_000;
  const from = goesOn ? (life.until as Date) : now;
  if (!goesOn) Object.assign(life, { anchor: now, counted: 0 });
  life.counted += 1;
  hold(life, from, addMonths(life.anchor, life.counted), price);
}

function live(life: Life, now: Date, prices: ReadonlyMap<number, bigint>) {
  if (life.state === 'unpaid' && now.getTime() - life.unpaidSince.getTime() >= 30 * day) {
    Object.assign(life, { state: 'ended', waiting: null });
  }
  const isOut = () => life.state === 'active' && (life.until as Date) <= now;
  if (isOut() && !life.waiting && !life.renews) life.state = 'ended';
  if (isOut() && !life.waiting && life.renews) {
    const price = life.locked ?? (prices.get(life.product) as bigint);
    life.waiting = { product: life.product, price, isRenewal: true };
  }
  if (life.waiting && life.balance >= life.waiting.price) payFor(life, life.waiting, now);
  if (isOut()) Object.assign(life, { state: 'unpaid', unpaidSince: life.until });
  const isNear = life.state === 'active' && now.getTime() >= (life.until as Date).getTime() - 3 * day;
  if (isNear && life.renews && !life.waiting) life.locked ??= prices.get(life.product) as bigint;
}

function orderIn(life: Life, product: number, price: bigint, now: Date) {
  life.waiting = null;
  if (life.state === 'active' && product !== life.product) return change(life, product, price, now);
  if (life.state === 'none' || life.state === 'ended') {
    Object.assign(life, { ...aLife(), balance: life.balance, paid: life.paid, state: 'unpaid', unpaidSince: now });
  }
  life.waiting = { product, price, isRenewal: false };
  if (life.state === 'unpaid') life.unpaidSince = now;
}

function change(life: Life, product: number, price: bigint, now: Date) {
  const credit = life.held.reduce((sum, { from, until, worth }) => {
    const left = until.getTime() - Math.max(now.getTime(), from.getTime());
    return left <= 0 ? sum : sum + (worth * BigInt(left)) / BigInt(until.getTime() - from.getTime());
  }, 0n);
  const difference = price > credit ? price - credit : 0n;
  if (life.balance < difference) return;
  life.balance -= difference;
  Object.assign(life, { product, renews: true, held: [] });
  if (difference > 0n) {
    Object.assign(life, { anchor: now, counted: 1 });
    return hold(life, now, addMonths(now, 1), price);
  }
  const whole = Number(credit / price);
  const begin = addMonths(now, whole);
  const rest = addMonths(now, whole + 1).getTime() - begin.getTime();
  const until = new Date(begin.getTime() + Number((BigInt(rest) * (credit % price)) / price));
  Object.assign(life, { anchor: until, counted: 0 });
  hold(life, now, until, credit);
}

function cancelIn(life: Life) {
  if (life.state === 'none' || life.state === 'ended') return;
  Object.assign(life, { renews: false, waiting: null });
  if (life.state === 'unpaid') life.state = 'ended';
}

/** The same numbers each time (mulberry32). */
function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function seenOf(member: Member) {
  const cases = await club.casesOf(member);
  const last = cases.at(-1);
  const paid = cases.flatMap(({ periods }) => periods.filter(({ status }) => status === 'paid'));
  const { state, until, renews, productNumber } = last?.subscription ?? {
    state: 'none',
    until: null,
    renews: false,
    productNumber: 0,
  };
  return {
    balance: club.wallets.balance(member.customerId),
    paid: paid.length,
    state,
    ...(state === 'active' && { until: until?.toISOString(), renews, product: productNumber }),
  };
}

const expectedOf = ({ balance, paid, state, until, renews, product }: Life) => ({
  balance,
  paid,
  state,
  ...(state === 'active' && { until: until?.toISOString(), renews, product }),
});

interface Crowd {
  readonly draw: (below: number) => number;
  readonly packages: ReturnType<typeof aPackage>[];
  readonly prices: Map<number, bigint>;
  readonly lives: { readonly member: Member; readonly life: Life }[];
}

async function aCrowd(seed: number): Promise<Crowd> {
  const line = `model-${seed}`;
  const packages = [30_000n, 50_000n].map((price, n) => aPackage({ price, number: seed * 10 + n }, { line }));
  await club.sell(...packages);
  return {
    draw: drawing(seed),
    packages,
    prices: new Map(packages.map(({ number, price }) => [number, price])),
    lives: Array.from({ length: people }, () => ({ member: club.member(), life: aLife() })),
  };
}

async function reprice({ draw, packages, prices }: Crowd) {
  const which = packages[draw(2)] as (typeof packages)[0];
  Object.assign(which, { version: which.version + 1, price: BigInt(20_000 + draw(50) * 1_000) });
  await club.sell(which);
  prices.set(which.number, which.price);
}

const isDue = async (): Promise<boolean> => {
  const rows = await club.runtime.database.$queryRaw<unknown[]>`
    SELECT FROM subscription WHERE due_at <= ${club.runtime.clock()}::timestamptz LIMIT 1`;
  return rows.length > 0;
};

/** What somebody does today; false: nothing. What comes of it is the workers'. */
async function act({ draw, packages, prices }: Crowd, { member, life }: Crowd['lives'][number]): Promise<boolean> {
  const deed = draw(60);
  if (deed === 0 || (deed < 3 && life.state !== 'active')) {
    const { number } = packages[draw(2)] as (typeof packages)[0];
    await club.order(member, { number });
    orderIn(life, number, prices.get(number) as bigint, club.runtime.clock());
  } else if (deed < 5) {
    const amount = BigInt(10_000 + draw(60) * 1_000);
    life.balance += amount;
    await club.replenish(member, amount);
  } else if (deed === 5 && draw(4) === 0) {
    const id = (await club.casesOf(member)).at(-1)?.subscription.id;
    if (id) await cancelOwn(club.deps, { id, customerId: member.customerId });
    cancelIn(life);
  } else return false;
  return true;
}

/** Always the first one, and another one each day; both live through the same years. */
const seeds = [1, 2 + (Math.floor(Date.now() / day) % 1_000)];

test(`five years of lives with subscriptions come to what a simple model says, day by day (${seeds})`, {
  timeout: 300_000,
}, async () => {
  club.runtime.clock.set('2027-01-31T12:00:00Z');
  const crowds = await Promise.all(seeds.map(aCrowd));
  const all = crowds.flatMap(({ lives }) => lives);
  const now = () => club.runtime.clock();
  // That a wallet is asked again by the day is tried elsewhere; here it would be most of the time.
  const subscriptionRules = { ...club.deps.subscriptionRules, retrySec: (10 * day) / 1_000 };
  const settle = () => club.settle({ ...club.deps, subscriptionRules });
  const liveOn = () => {
    for (const { prices, lives } of crowds) for (const { life } of lives) live(life, now(), prices);
  };

  for (let today = 0; today < years * 365 + 2; today += 1) {
    club.pass(day);
    if (await isDue()) await settle();
    liveOn();
    let isBusy = false;
    for (const crowd of crowds) {
      if (crowd.draw(90) === 0) await reprice(crowd);
      for (const one of crowd.lives) if (await act(crowd, one)) isBusy = true;
    }
    if (isBusy) {
      await settle();
      liveOn();
    }
    // One every other day: what is wrong once stays wrong.
    if (today % 2 > 0) continue;
    const n = (today / 2) % all.length;
    const { member, life } = all[n] as (typeof all)[0];
    expect(await seenOf(member), `person ${n} on ${now().toISOString()}`).toEqual(expectedOf(life));
  }
  const of = all.map(({ member }) => member);
  for (const { member, life } of all) expect(await seenOf(member)).toEqual(expectedOf(life));
  const cases = (await Promise.all(of.map((member) => club.casesOf(member)))).flat();
  expect(mistakesIn(cases, { wallets: club.wallets, now: now(), of })).toEqual([]);
  for (const { lives } of crowds) expect(lives.reduce((sum, { life }) => sum + life.paid, 0)).toBeGreaterThan(90);
});
