import { pendingOrderRefused, subscriptionChanged } from '@forecourt/contracts';
import { deathsAmong } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPackage, aProduct } from '../../test/builders.ts';
import { type Club, day, type Member, mistakesIn, openClub } from '../../test/club.ts';
import { mortal } from '../../test/mortal.ts';
import type { Deps } from '../deps.ts';
import { cancelOwn } from './service.ts';

let club: Club;
const monthly = aPackage();
const faster = aPackage({ price: 90_000n, number: 801 }, { line: 'crash' });
const slower = aPackage({ price: 45_000n, number: 802 }, { line: 'crash' });
const router = aProduct({ number: 803 });
beforeAll(async () => {
  club = await openClub();
  await club.sell(monthly, faster, slower, router);
});
afterAll(() => club.close());

/** What one process does from beginning to end, when nobody kills it. */
interface Cast {
  readonly member: Member;
  /** The process that dies, until it has. */
  readonly deps: () => Deps;
  /** The customer, or the broker, tries again when nobody answered. */
  readonly insist: <T>(work: (deps: Deps) => Promise<T>) => Promise<T>;
  readonly work: () => Promise<unknown>;
}

type Story = (cast: Cast) => Promise<void>;

const order = async ({ member, insist, work }: Cast, product: { number: number }) => {
  const reference = await insist((deps) => club.request(member, product, deps));
  await insist((deps) => club.confirm(reference, deps));
  await work();
};

const stories: Record<string, Story> = {
  'ordered, paid for, and renewed': async (cast) => {
    club.wallets.fund(cast.member.customerId, 90_000n);
    await order(cast, monthly);
    club.pass(31 * day);
    await cast.work();
  },
  'ordered without money, which comes later': async (cast) => {
    await order(cast, monthly);
    club.wallets.fund(cast.member.customerId, 45_000n);
    await cast.insist((deps) => club.tellWallet(cast.member, deps));
    await cast.work();
  },
  'changed for a better one': async (cast) => {
    club.wallets.fund(cast.member.customerId, 135_000n);
    await order(cast, slower);
    club.pass(10 * day);
    await order(cast, faster);
  },
  'changed for a better one without the money': async (cast) => {
    club.wallets.fund(cast.member.customerId, 50_000n);
    await order(cast, slower);
    club.pass(10 * day);
    await order(cast, faster);
  },
  'changed for a cheaper one, and cancelled': async (cast) => {
    club.wallets.fund(cast.member.customerId, 90_000n);
    await order(cast, faster);
    club.pass(10 * day);
    await order(cast, slower);
    for (const { subscription } of await club.casesOf(cast.member)) {
      await cast.insist((deps) => cancelOwn(deps, { id: subscription.id, customerId: cast.member.customerId }));
    }
    club.pass(60 * day);
    await cast.work();
  },
  'no package at all': async (cast) => {
    await order(cast, router);
  },
};

async function play(story: Story, dieAt?: number) {
  // What was left behind before is nobody's work here.
  await club.runtime.database.$executeRaw`UPDATE subscription SET due_at = NULL`;
  await club.runtime.database.$executeRaw`DELETE FROM pending_order`;
  const member = club.member();
  const process = mortal(club.deps, dieAt);
  const alive = () => (process.isDead() ? club.deps : process.deps);
  const cast: Cast = {
    member,
    deps: alive,
    insist: async (work) => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await work(alive());
        } catch (error) {
          if (tries > 3) throw error;
        }
      }
    },
    work: async () => {
      await club.settle(alive()).catch(() => {});
      if (process.isDead()) await takeOver();
    },
  };
  await story(cast);
  club.pass(15 * 60_000);
  await takeOver();
  return { member, process };
}

/** Somebody else goes on with what was left, once the leases are over. */
async function takeOver() {
  for (let minute = 0; minute < 2; minute += 1) {
    club.pass(61_000);
    await club.settle();
  }
}

/** All that is wrong with what is left. */
async function damage({ member }: Awaited<ReturnType<typeof play>>): Promise<string[]> {
  const cases = await club.casesOf(member);
  const wrong = mistakesIn(cases, { wallets: club.wallets, now: club.runtime.clock(), of: [member] });
  const news = (await toldOf(member, subscriptionChanged.subject)).map(({ data }) => data);
  const live = cases.filter(({ subscription: { state } }) => state !== 'ended');
  if (live.length > 1) wrong.push(`${live.length} subscriptions at once`);
  for (const { subscription, periods } of cases) {
    if (periods.some(({ status }) => status === 'asked' || status === 'wanted')) wrong.push('a period hangs');
    const told = news.filter(({ subscriptionId }) => subscriptionId === subscription.id);
    if (told.at(-1)?.state !== subscription.state)
      wrong.push(`told of ${subscription.id}: ${JSON.stringify(told.at(-1))}`);
  }
  const pending = await club.deps.prisma.pendingOrder.findMany({ where: { customerId: member.customerId } });
  for (const { id, endedAt, status } of pending) if (endedAt === null) wrong.push(`order ${id} is ${status}`);
  return wrong;
}

/** What was told of somebody, oldest first. */
const toldOf = ({ customerId }: Member, subject: string) => club.runtime.database.$queryRaw<
  { data: Record<string, unknown> }[]
>`
  SELECT data FROM outbox WHERE subject = ${subject} AND data ->> 'customerId' = ${customerId} ORDER BY xid, seq`;

describe.each(Object.entries(stories))('a subscription that is %s', (name, story) => {
  test('is paid for once and active for it, wherever its process dies', { timeout: 300_000 }, async () => {
    const sound = await play(story);
    expect(await damage(sound)).toEqual([]);
    const outcome = await outcomeOf(sound.member);
    const { points } = sound.process;
    expect(points.length).toBeGreaterThan(15);
    const wrong: string[] = [];
    for (const dieAt of deathsAmong(points)) {
      const left = await play(story, dieAt);
      const where = `${dieAt}, ${left.process.points.at(-1)}`;
      wrong.push(...(await damage(left)).map((what) => `${where}: ${what}`));
      const other = await outcomeOf(left.member);
      if (other !== outcome) wrong.push(`${where}: ${name} came to ${other} instead of ${outcome}`);
    }
    expect(wrong).toEqual([]);
  });
});

/** What it came to, whoever died: what is left in the wallet, and what there is for what was taken. */
async function outcomeOf(member: Member): Promise<string> {
  const cases = await club.casesOf(member);
  const orders = await club.deps.prisma.order.count({ where: { customerId: member.customerId } });
  const refusals = await toldOf(member, pendingOrderRefused.subject);
  return JSON.stringify({
    // Who is held up by a death has used a minute more of what is credited.
    balance: Math.round(Number(club.wallets.balance(member.customerId)) / 10_000),
    subscriptions: cases.map(({ subscription: { state, productNumber } }) => ({ state, productNumber })),
    orders,
    refusals: refusals.length,
  });
}
