import { AppError } from '@forecourt/errors';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aPackage } from '../../test/builders.ts';
import { type Club, day, type Member, mistakesIn, openClub } from '../../test/club.ts';
import type { Mishap } from '../../test/wallets.ts';
import type { Deps } from '../deps.ts';
import { startWorker } from '../due-work.ts';
import { advance as fulfil } from '../pending/fulfilling.ts';
import { advance } from './errands.ts';
import { cancelOwn } from './service.ts';
import type { Case } from './subscription.ts';
import { subscriptionWork } from './worker.ts';

let club: Club;
let processes: readonly [Deps, Deps];
const monthly = aPackage({ number: 901 });
const line = [45_000n, 60_000n, 90_000n].map((price, n) => aPackage({ price, number: 911 + n }, { line: 'races' }));
beforeAll(async () => {
  club = await openClub();
  processes = [club.deps, club.otherProcess()];
  await club.sell(monthly, ...line);
});
afterAll(() => club.close());
beforeEach(async () => {
  club.wallets.misbehave = () => undefined;
  // What another test left behind is nobody's work here.
  await club.runtime.database.$executeRaw`UPDATE subscription SET due_at = NULL`;
  await club.runtime.database.$executeRaw`DELETE FROM pending_order`;
});

const turn = (index: number) => processes[index % 2] as Deps;
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const sound = async (member: Member) => {
  const cases = await club.casesOf(member);
  expect(mistakesIn(cases, { wallets: club.wallets, now: club.runtime.clock(), of: [member] })).toEqual([]);
  return cases;
};

test('one order that two processes have in hand at once, ten times over, begins one subscription and is charged once', async () => {
  const member = club.member({ funds: 500_000n });
  const reference = await club.order(member, monthly);
  await times(10, (index) => fulfil(turn(index), reference));
  const [id] = (await club.casesOf(member)).map(({ subscription }) => subscription.id);
  await times(10, (index) => advance(turn(index), id as string));
  const [only, ...others] = await sound(member);
  expect(others).toEqual([]);
  expect(only?.periods).toMatchObject([{ n: 1, status: 'paid' }]);
  expect(club.wallets.balance(member.customerId)).toBe(455_000n);
});

test('five orders of one package at once are one subscription of five periods, each paid once', async () => {
  const member = club.member({ funds: 500_000n });
  const references = await times(5, (index) => club.order(member, monthly, turn(index)));
  await Promise.all(references.map((reference, index) => fulfil(turn(index), reference)));
  await Promise.all(processes.map((deps) => club.settle(deps)));
  const [only, ...others] = await sound(member);
  expect(others).toEqual([]);
  expect(only?.periods.map(({ status }) => status)).toEqual(Array(5).fill('paid'));
  expect(club.wallets.balance(member.customerId)).toBe(275_000n);
});

test('orders of all packages of a line at once leave one of them, and what was paid for the others is in it', async () => {
  const member = club.member({ funds: 500_000n });
  const references = await times(6, (index) => club.order(member, line[index % 3] as (typeof line)[0], turn(index)));
  await Promise.all(references.map((reference, index) => fulfil(turn(index), reference)));
  await Promise.all(processes.map((deps) => club.settle(deps)));
  const [only, ...others] = await sound(member);
  expect(others).toEqual([]);
  expect(only?.subscription.state).toBe('active');
});

test('a wallet that has enough for one of five packages pays for one', async () => {
  const packages = Array.from({ length: 5 }, (_, n) => aPackage({ number: 921 + n }));
  await club.sell(...packages);
  const member = club.member({ funds: 45_000n });
  await times(5, (index) => club.order(member, packages[index] as (typeof packages)[0], turn(index)));
  await Promise.all(processes.map((deps) => club.settle(deps)));
  const states = (await sound(member)).map(({ subscription: { state } }) => state);
  expect(states.toSorted()).toEqual(['active', 'unpaid', 'unpaid', 'unpaid', 'unpaid']);
  expect(club.wallets.balance(member.customerId)).toBe(0n);
});

test('money that comes while the wallet is refusing is asked for at once, and not tomorrow', async () => {
  const member = club.member();
  const refused = Promise.withResolvers<void>();
  const arrives = Promise.withResolvers<void>();
  const payments = {
    ...club.wallets,
    charge: async (wish: Parameters<typeof club.wallets.charge>[0]) => {
      const isCharged = await club.wallets.charge(wish);
      refused.resolve();
      await arrives.promise;
      return isCharged;
    },
  };
  await club.order(member, monthly);
  const settling = club.settle({ ...club.deps, payments });
  await refused.promise;
  club.wallets.fund(member.customerId, 45_000n);
  await club.tellWallet(member, processes[1]);
  arrives.resolve();
  await settling;
  expect((await sound(member))[0]?.subscription.state).toBe('active');
});

test.each<Mishap>(['away', 'lost'])(
  'a charge while payments is %s is asked for again, and taken once',
  async (mishap) => {
    const member = club.member({ funds: 100_000n });
    let count = 0;
    club.wallets.misbehave = () => (count++ < 2 ? mishap : undefined);
    await club.order(member, monthly);
    for (let tries = 0; tries < 4; tries += 1) {
      await club.settle(turn(tries));
      club.pass(60_000);
    }
    expect((await sound(member))[0]?.subscription.state).toBe('active');
    expect(club.wallets.balance(member.customerId)).toBe(55_000n);
  },
);

test('a customer who cancels while the charge is on its way keeps what it pays for, and no more', async () => {
  const member = club.member({ funds: 100_000n });
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<undefined>();
  club.wallets.misbehave = (call) => {
    if (call !== 'charge') return undefined;
    asked.resolve();
    return answer.promise;
  };
  await club.order(member, monthly);
  const settling = club.settle();
  await asked.promise;
  const [before] = await club.casesOf(member);
  await cancelOwn(processes[1], { id: before?.subscription.id as string, customerId: member.customerId });
  answer.resolve(undefined);
  await settling;
  expect((await sound(member))[0]?.subscription).toMatchObject({ state: 'active', renews: false });
  club.pass(40 * day);
  await club.settle();
  expect((await sound(member))[0]?.subscription.state).toBe('ended');
});

test('a charge that payments makes long after it was asked for, when nobody wants it any more, is given back', async () => {
  const member = club.member();
  let late: () => Promise<unknown> = async () => {};
  let asked = 0;
  const payments = {
    ...club.wallets,
    charge: async (wish: Parameters<typeof club.wallets.charge>[0]) => {
      asked += 1;
      if (asked > 1) return await club.wallets.charge(wish);
      // A process of payments hangs with the question in hand, and goes on when another one has answered it.
      late = () => club.wallets.charge(wish);
      throw new AppError('upstream_timeout', 'The answer did not come in time.');
    },
  };
  const process = { ...club.deps, payments };
  await club.order(member, monthly);
  await club.settle(process);
  club.pass(10_000);
  await club.settle(process);
  const [{ subscription }] = (await club.casesOf(member)) as [Case];
  expect([asked, subscription.state]).toEqual([2, 'unpaid']);
  club.wallets.fund(member.customerId, 50_000n);
  await cancelOwn(process, { id: subscription.id, customerId: member.customerId });
  await late();
  expect(club.wallets.balance(member.customerId)).toBe(5_000n);
  club.pass(60_000);
  await club.settle(process);
  expect(club.wallets.balance(member.customerId)).toBe(50_000n);
  expect(await sound(member)).toMatchObject([{ subscription: { state: 'ended' }, periods: [{ status: 'dropped' }] }]);
});

describe('a worker', () => {
  const anHour = 3_600_000;

  test('looks as soon as its process changed something, is held up by no slow answer, and finishes what it has in hand', async () => {
    const [slow, quick] = [club.member({ funds: 50_000n }), club.member({ funds: 50_000n })];
    const answer = Promise.withResolvers<undefined>();
    let first = true;
    club.wallets.misbehave = () => {
      if (!first) return undefined;
      first = false;
      return answer.promise;
    };
    const references = [await club.order(slow, monthly), await club.order(quick, monthly)];
    const worker = startWorker(club.deps, subscriptionWork(club.deps), anHour);
    await fulfil(club.deps, references[0] as string);
    await until(() => !first);
    await fulfil(club.deps, references[1] as string);
    await until(() => club.wallets.balance(quick.customerId) === 5_000n);
    expect(club.wallets.balance(slow.customerId)).toBe(50_000n);
    const closing = worker.close();
    answer.resolve(undefined);
    await closing;
    expect(club.wallets.balance(slow.customerId)).toBe(5_000n);
  });

  test('takes over what a process had in hand when it died, once its lease is over', async () => {
    const member = club.member({ funds: 50_000n });
    await fulfil(club.deps, await club.order(member, monthly));
    const lease = new Date(club.runtime.clock().getTime() + 60_000);
    await club.runtime.database
      .$executeRaw`UPDATE subscription SET taken_until = ${lease}::timestamptz WHERE due_at IS NOT NULL`;
    club.pass(59_000);
    await club.settle(processes[1]);
    expect(club.wallets.balance(member.customerId)).toBe(50_000n);
    club.pass(1_000);
    await club.settle(processes[1]);
    expect(club.wallets.balance(member.customerId)).toBe(5_000n);
  });
});
