import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPackage } from '../../test/builders.ts';
import { type Club, openClub } from '../../test/club.ts';

let club: Club;
beforeAll(async () => {
  club = await openClub();
});
afterAll(() => club.close());

const metric = async (name: string) =>
  (await club.runtime.metrics.registry.getMetricsAsJSON()).find((one) => one.name === name)?.values ?? [];

test('what is tried in vain for minutes is an alarm, although it is looked at', async () => {
  const monthly = aPackage();
  await club.sell(monthly);
  club.wallets.misbehave = () => 'away';
  await club.order(club.member({ funds: 50_000n }), monthly);
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute += 1) {
      await club.settle();
      club.pass(60_000);
    }
  };
  await minutes(2);
  expect(await metric('orders_due_failing')).toMatchObject([{ value: 0 }]);
  await minutes(6);
  expect(await metric('orders_due_failing')).toMatchObject([{ value: 1 }]);
  club.wallets.misbehave = () => undefined;
  await minutes(6);
  expect(await metric('orders_due_failing')).toMatchObject([{ value: 0 }]);
});

test('subscriptions are counted by their state, and what nobody looks at is an alarm', async () => {
  const monthly = aPackage();
  await club.sell(monthly);
  const member = club.member({ funds: 50_000n });
  await club.order(member, monthly);
  await club.order(club.member(), monthly);
  expect(await metric('orders_due_overdue')).toMatchObject([{ value: 0 }]);
  club.pass(31_000);
  expect(await metric('orders_due_overdue')).toMatchObject([{ value: 2 }]);
  await club.settle();
  expect(await metric('orders_due_overdue')).toMatchObject([{ value: 0 }]);
  const counted = (await metric('orders_subscriptions')).map(({ labels, value }) => [labels.state, value]);
  expect(Object.fromEntries(counted)).toEqual({ active: 2, unpaid: 1 });
});
