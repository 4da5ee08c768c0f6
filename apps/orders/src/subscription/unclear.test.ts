import { pendingOrderRefused, subscriptionChanged } from '@forecourt/contracts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aPackage } from '../../test/builders.ts';
import { type Club, day, type Member, openClub } from '../../test/club.ts';
import { cancelOwn } from './service.ts';

let club: Club;
const line = 'unclear';
const monthly = aPackage({}, { line });
const better = aPackage({ price: 90_000n }, { line });
beforeAll(async () => {
  club = await openClub();
  await club.sell(monthly, better);
});
afterAll(() => club.close());
beforeEach(() => club.runtime.clock.set('2026-03-01T12:00:00Z'));

const subscribed = async (funds: bigint): Promise<Member> => {
  const member = club.member({ funds });
  await club.order(member, monthly);
  await club.settle();
  return member;
};
const keyOf = async (member: Member, n: number) => `subscription:${(await club.caseOf(member)).subscription.id}:${n}`;
/** What a time has left in payments that orders has forgotten. */
const takenBefore = async ({ customerId }: Member, key: string, amount: bigint) => {
  club.wallets.fund(customerId, amount);
  await club.wallets.charge({ key, customerId, amount, reference: 'before' });
};
const passTo = async (time: string) => {
  club.runtime.clock.set(time);
  await club.settle();
};
const waiting = async () => {
  const all = await club.runtime.metrics.registry.getMetricsAsJSON();
  return all.find(({ name }) => name === 'orders_subscriptions_unclear')?.values[0]?.value;
};

test('a period whose key has paid for something else waits for an operator, who finds it, and is asked for no more', async () => {
  const member = await subscribed(500_000n);
  const key = await keyOf(member, 2);
  await takenBefore(member, key, 44_000n);
  await passTo('2026-04-01T12:00:01Z');
  const left = club.wallets.balance(member.customerId);
  expect(left).toBe(455_000n);
  const { subscription, periods } = await club.caseOf(member);
  expect(subscription).toMatchObject({ state: 'unpaid', reason: 'charge_unclear' });
  expect(periods).toMatchObject([{ status: 'paid' }, { n: 2, status: 'dropped' }]);
  const told = await club.told(subscriptionChanged.subject);
  expect(told.at(-1)).toMatchObject({ subscriptionId: subscription.id, state: 'unpaid', reason: 'charge_unclear' });
  expect(await waiting()).toBe(1);
  const found = await club.get('/admin/subscriptions?reason=charge_unclear', await club.asOperator());
  expect(found.body.items).toMatchObject([{ id: subscription.id }]);

  await club.tellWallet(member);
  await passTo('2026-04-05T12:00:00Z');
  expect(
    club.wallets.calls.filter((call) => call.call === 'charge' && call.key.startsWith(key.slice(0, -2))),
  ).toHaveLength(3);

  const days = { days: 5, reason: 'paid for in April' };
  const given = await club.post(`/admin/subscriptions/${subscription.id}/extend`, days, await club.asOperator());
  expect(given.body).toMatchObject({ state: 'active', until: '2026-04-10T12:00:00.000Z' });
  expect(await waiting()).toBe(0);
  await passTo('2026-04-10T12:00:01Z');
  expect((await club.caseOf(member)).subscription).toMatchObject({ state: 'active', reason: 'renewed' });
  expect(club.wallets.balance(member.customerId)).toBe(left - 45_000n);
});

test('and whose customer orders again is paid for once, under another key', async () => {
  const member = await subscribed(100_000n);
  await takenBefore(member, await keyOf(member, 2), 44_000n);
  await passTo('2026-04-01T12:00:01Z');
  await club.order(member, monthly);
  await club.settle();
  expect((await club.caseOf(member)).subscription).toMatchObject({ state: 'active', reason: 'paid' });
  expect(club.wallets.balance(member.customerId)).toBe(10_000n);
});

test('and that nobody looks at ends like what nobody pays for', async () => {
  const member = await subscribed(100_000n);
  await takenBefore(member, await keyOf(member, 2), 44_000n);
  await passTo('2026-04-01T12:00:01Z');
  club.pass(31 * day);
  await club.settle();
  expect((await club.caseOf(member)).subscription).toMatchObject({ state: 'ended', reason: 'given_up' });
});

test('a change of package whose key has paid for something else is off, its customer hears so, and the old one goes on', async () => {
  const member = await subscribed(500_000n);
  await takenBefore(member, await keyOf(member, 2), 1n);
  const pendingOrderId = await club.order(member, better);
  await club.settle();
  expect((await club.caseOf(member)).subscription).toMatchObject({
    state: 'active',
    productId: monthly.productId,
    reason: 'charge_unclear',
  });
  expect(await club.told(pendingOrderRefused.subject)).toMatchObject([
    { pendingOrderId, reason: 'transfer_key_reused' },
  ]);
  await passTo('2026-04-01T12:00:01Z');
  expect((await club.caseOf(member)).subscription).toMatchObject({ state: 'active', reason: 'renewed' });
});

test('nobody waits for what its customer has cancelled meanwhile', async () => {
  const member = await subscribed(100_000n);
  await takenBefore(member, await keyOf(member, 2), 44_000n);
  await passTo('2026-03-30T12:00:00Z');
  club.wallets.misbehave = () => 'away';
  await passTo('2026-04-01T12:00:01Z');
  expect((await club.caseOf(member)).periods.at(-1)).toMatchObject({ n: 2, status: 'asked' });
  await cancelOwn(club.deps, { id: (await club.caseOf(member)).subscription.id, customerId: member.customerId });
  club.wallets.misbehave = () => undefined;
  await passTo('2026-04-01T13:00:00Z');
  expect((await club.caseOf(member)).subscription).toMatchObject({ state: 'ended', reason: 'canceled' });
});

test('what cannot be given back, since somebody has given of it by hand, is not asked back for ever', async () => {
  const member = await subscribed(0n);
  const { subscription } = await club.caseOf(member);
  await takenBefore(member, await keyOf(member, 1), 44_000n);
  await cancelOwn(club.deps, { id: subscription.id, customerId: member.customerId });
  club.pass(60_000);
  await club.settle();
  expect((await club.caseOf(member)).periods).toMatchObject([{ status: 'dropped' }]);
  expect(
    await club.runtime.database
      .$queryRaw`SELECT id FROM subscription WHERE id = ${subscription.id} AND due_at IS NOT NULL`,
  ).toEqual([]);
});
