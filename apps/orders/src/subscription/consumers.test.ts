import { customerErased, subscriptionChanged, walletChanged } from '@forecourt/contracts';
import { aMessage, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPackage } from '../../test/builders.ts';
import { type Club, day, type Member, openClub } from '../../test/club.ts';
import { forgetAgain } from '../person/service.ts';
import { endOnCustomerErased, renewOnWalletChanged } from './consumers.ts';

let club: Club;
const monthly = aPackage();
beforeAll(async () => {
  club = await openClub();
  await club.sell(monthly);
});
afterAll(() => club.close());

const transact = () => ({ transact: club.deps.database.transaction });
const subscribed = async (funds: bigint) => {
  const member = club.member({ funds });
  await club.order(member, monthly);
  await club.settle();
  return member;
};
const asked = ({ id }: { id: string }) =>
  club.wallets.calls.filter(({ key }) => key.startsWith(`subscription:${id}:`)).length;

describe('a wallet with enough in it', () => {
  const wallet = ({ customerId }: Member, version: number, available: bigint) =>
    aMessage(walletChanged, {
      customerId,
      version,
      currency: 'UAH',
      balance: available,
      available,
      changedAt: club.runtime.clock(),
    });

  test('makes what waits for it active at once, and is asked once, however often it is told', async () => {
    const member = await subscribed(10_000n);
    const { subscription } = await club.caseOf(member);
    expect(subscription).toMatchObject({ state: 'unpaid', reason: 'insufficient_balance' });
    expect(asked(subscription)).toBe(1);
    const told = wallet(member, 7, 45_000n);
    await deliver(renewOnWalletChanged(club.deps), told, transact());
    await club.settle();
    expect(asked(subscription)).toBe(2);
    await deliver(renewOnWalletChanged(club.deps), told, transact());
    await deliver(renewOnWalletChanged(club.deps), wallet(member, 6, 90_000n), transact());
    await club.settle();
    expect(asked(subscription)).toBe(2);

    club.wallets.fund(member.customerId, 35_000n);
    await deliver(renewOnWalletChanged(club.deps), wallet(member, 8, 45_000n), transact());
    await club.settle();
    expect((await club.caseOf(member)).subscription).toMatchObject({ state: 'active', reason: 'paid' });
    const told8 = (await club.told(subscriptionChanged.subject)).filter(
      ({ customerId }) => customerId === member.customerId,
    );
    expect(told8.map(({ state, reason }) => `${state} ${reason}`)).toEqual([
      'unpaid ordered',
      'unpaid insufficient_balance',
      'active paid',
    ]);
  });

  test('that has too little, or whose owner waits for nothing, is not asked', async () => {
    const waiting = await subscribed(0n);
    const active = await subscribed(45_000n);
    const before = club.wallets.calls.length;
    await deliver(renewOnWalletChanged(club.deps), wallet(waiting, 1, 44_999n), transact());
    await deliver(renewOnWalletChanged(club.deps), wallet(active, 1, 90_000n), transact());
    await club.settle();
    expect(club.wallets.calls.length).toBe(before);
  });

  test('that comes with many others is heard in one transaction with them', async () => {
    const members = [await subscribed(0n), await subscribed(0n), await subscribed(0n)];
    const heard = members.map((member, index) => {
      club.wallets.fund(member.customerId, 45_000n);
      const data = {
        customerId: member.customerId,
        version: index + 1,
        currency: 'UAH',
        balance: 45_000n,
        available: 45_000n,
        changedAt: club.runtime.clock(),
      };
      const meta = { id: `wallet-${index}`, time: new Date(), aggregateId: member.customerId, deliveryCount: 1 };
      return { data, meta };
    });
    await club.deps.database.transaction((tx) => renewOnWalletChanged(club.deps).handle(tx, heard));
    await club.settle();
    for (const member of members) expect((await club.caseOf(member)).subscription.state).toBe('active');
  });

  test('that cannot be read is a dead letter', async () => {
    const message = aMessage(
      walletChanged,
      {
        customerId: club.member().customerId,
        version: 1,
        currency: 'UAH',
        balance: 0n,
        available: 0n,
        changedAt: new Date(),
      },
      { payload: '{"customerId":7}' },
    );
    expect(await deliver(renewOnWalletChanged(club.deps), message, transact())).toBe('dead');
  });
});

describe('a customer who is erased', () => {
  const erased = ({ customerId }: Member) =>
    aMessage(customerErased, { customerId, version: 9, erasedAt: club.runtime.clock() });

  test('is subscribed to nothing any more, and nothing is renewed, however often it is told', async () => {
    const member = await subscribed(500_000n);
    const message = erased(member);
    expect(await deliver(endOnCustomerErased(club.deps), message, transact())).toBe('applied');
    const { subscription } = await club.caseOf(member);
    expect(subscription).toMatchObject({ state: 'ended', reason: 'erased', renews: false });
    await deliver(endOnCustomerErased(club.deps), message, transact());
    expect((await club.caseOf(member)).subscription).toEqual(subscription);
    club.pass(90 * day);
    await club.settle();
    expect(club.wallets.balance(member.customerId)).toBe(455_000n);
  });

  test('gets back what was being asked for, and is active for nothing', async () => {
    const member = club.member({ funds: 500_000n });
    club.wallets.misbehave = () => 'lost';
    await club.order(member, monthly);
    await club.settle();
    await deliver(endOnCustomerErased(club.deps), erased(member), transact());
    club.wallets.misbehave = () => undefined;
    club.pass(day);
    await club.settle();
    const { subscription, periods } = await club.caseOf(member);
    expect(subscription).toMatchObject({ state: 'ended', reason: 'erased' });
    expect(periods).toMatchObject([{ status: 'returning' }]);
    club.pass(60_000);
    await club.settle();
    expect((await club.caseOf(member)).periods).toMatchObject([{ status: 'dropped' }]);
    expect(club.wallets.balance(member.customerId)).toBe(500_000n);
  });

  test('in the moment in which a subscription of theirs begins is found by the next round', async () => {
    const member = await subscribed(500_000n);
    await club.deps.database.$executeRaw`
      INSERT INTO forgotten_customers VALUES (${member.customerId}, ${club.runtime.clock()}::timestamptz)`;
    await forgetAgain(club.deps);
    expect((await club.caseOf(member)).subscription.state).toBe('ended');
  });

  test('what nobody can read is a dead letter', async () => {
    const erasure = { customerId: club.member().customerId, version: 1, erasedAt: new Date() };
    const message = aMessage(customerErased, erasure, { payload: 'nonsense' });
    expect(await deliver(endOnCustomerErased(club.deps), message, transact())).toBe('dead');
  });
});
