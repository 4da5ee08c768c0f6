import { subscriptionChanged, subscriptionRenewalDue } from '@forecourt/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aDiscount, aPackage } from '../../test/builders.ts';
import { type Club, day, type Member, openClub } from '../../test/club.ts';
import { readCase } from './store.ts';

let club: Club;
const monthly = aPackage({ version: 1 });
beforeEach(async () => {
  club = await openClub({ env: { TIME_ZONE: 'Asia/Tbilisi' } });
  club.runtime.clock.set('2026-03-01T12:00:00Z');
  await club.sell(monthly);
});
afterEach(() => club.close());

const subscribed = async (funds: bigint): Promise<Member> => {
  const member = club.member({ funds });
  await club.order(member, monthly);
  await club.settle();
  return member;
};
const noticed = () => club.told(subscriptionRenewalDue.subject);
const stateOf = async (member: Member) => (await club.casesOf(member))[0]?.subscription;
const passTo = async (time: string) => {
  club.runtime.clock.set(time);
  await club.settle();
};

test('is announced three days ahead, with what it costs then and whether there is enough, and told once', async () => {
  const member = await subscribed(90_000n);
  await passTo('2026-03-29T11:59:59Z');
  expect(await noticed()).toEqual([]);
  await passTo('2026-03-29T12:00:00Z');
  await passTo('2026-03-30T12:00:00Z');
  expect(await noticed()).toEqual([
    {
      subscriptionId: (await stateOf(member))?.id,
      version: expect.any(Number),
      customerId: member.customerId,
      title: monthly.title,
      price: 45_000,
      currency: 'UAH',
      renewsAt: '2026-04-01T12:00:00.000Z',
      timeZone: 'Asia/Tbilisi',
      covered: true,
    },
  ]);
});

test('costs what was announced, discounts included, whatever the catalogue says by then', async () => {
  const member = await subscribed(100_000n);
  await club.discount(aDiscount({ scope: 'product', targetId: monthly.productId }));
  await passTo('2026-03-29T12:00:00Z');
  expect(await noticed()).toMatchObject([{ price: 40_500 }]);
  await club.sell({ ...monthly, version: 2, price: 99_000n, active: false });
  await passTo('2026-04-01T12:00:00Z');
  expect(club.wallets.balance(member.customerId)).toBe(14_500n);
  expect(await stateOf(member)).toMatchObject({ state: 'active', reason: 'renewed', price: 40_500n });
});

test('is announced and charged once, although clocks go back over it', async () => {
  const member = await subscribed(200_000n);
  for (const [before, after] of [
    ['2026-03-29T11:50:00Z', '2026-03-29T12:00:00Z'],
    ['2026-04-01T11:50:00Z', '2026-04-01T12:00:00Z'],
  ] as const) {
    for (const time of [after, before, after]) await passTo(time);
  }
  expect(await noticed()).toHaveLength(1);
  expect(club.wallets.balance(member.customerId)).toBe(110_000n);
  expect(await stateOf(member)).toMatchObject({ state: 'active', until: new Date('2026-05-01T12:00:00Z') });
});

test('is announced to who has too little, and inactive at the end until there is enough', async () => {
  const member = await subscribed(45_000n);
  await passTo('2026-03-29T12:00:00Z');
  expect(await noticed()).toMatchObject([{ covered: false }]);
  await passTo('2026-04-01T12:00:00Z');
  expect(await stateOf(member)).toMatchObject({ state: 'unpaid', reason: 'insufficient_balance' });
  await club.replenish(member, 45_000n);
  await club.settle();
  expect(await stateOf(member)).toMatchObject({ state: 'active', reason: 'paid' });
});

test('of a package that is not offered any more does not follow, and its customer hears so with the notice', async () => {
  const member = await subscribed(100_000n);
  await club.sell({ ...monthly, version: 2, active: false });
  await passTo('2026-03-29T12:00:00Z');
  expect(await noticed()).toEqual([]);
  expect((await club.told(subscriptionChanged.subject)).at(-1)).toMatchObject({
    state: 'active',
    renews: false,
    reason: 'not_offered',
  });
  await passTo('2026-04-01T12:00:00Z');
  expect(await stateOf(member)).toMatchObject({ state: 'ended', reason: 'not_offered' });
  expect(club.wallets.balance(member.customerId)).toBe(55_000n);
});

test('follows where the copy has missed that the package is offered again, and is not off because catalog is away', async () => {
  const member = await subscribed(100_000n);
  const again = { ...monthly, version: 3 };
  await club.sell({ ...monthly, version: 2, active: false });
  club.catalogue.away = true;
  await passTo('2026-03-29T12:00:00Z');
  expect(await stateOf(member)).toMatchObject({ renews: true, noticedFor: null });
  Object.assign(club.catalogue, { away: false, known: [again] });
  await passTo('2026-03-29T12:01:00Z');
  expect(await noticed()).toMatchObject([{ price: 45_000 }]);
  await passTo('2026-04-01T12:00:00Z');
  expect(await stateOf(member)).toMatchObject({ state: 'active', reason: 'renewed' });
});

test('is announced although payments says nothing, after a while', async () => {
  await subscribed(100_000n);
  club.wallets.misbehave = (call) => (call === 'available' ? 'away' : undefined);
  await passTo('2026-03-29T12:00:00Z');
  for (let minute = 0; minute < 30; minute += 1) {
    club.pass(60_000);
    await club.settle();
  }
  expect(await noticed()).toMatchObject([{ covered: false, price: 45_000 }]);
});

test('follows what a catalogue makes of its package meanwhile: another length is counted from the end', async () => {
  const member = await subscribed(200_000n);
  await club.sell(aPackage({ ...monthly, version: 2 }, { period: { unit: 'day', count: 10 } }));
  await passTo('2026-03-29T12:00:00Z');
  await passTo('2026-04-01T12:00:00Z');
  expect(await stateOf(member)).toMatchObject({ until: new Date('2026-04-11T12:00:00Z') });
});

test('in a process that was away for the notice is looked up and asked for at once', async () => {
  const member = await subscribed(200_000n);
  await club.sell({ ...monthly, version: 2, price: 50_000n });
  await passTo('2026-04-01T12:00:30Z');
  expect(await noticed()).toEqual([]);
  expect(await stateOf(member)).toMatchObject({
    state: 'active',
    until: new Date('2026-05-01T12:00:00Z'),
    price: 50_000n,
  });
  club.pass(200 * day);
  await club.settle();
  expect(await stateOf(member)).toMatchObject({ state: 'active', from: club.runtime.clock() });
});

test('of something by the day is decided by its newest periods, however many there were', async () => {
  const daily = aPackage({ price: 100n }, { period: { unit: 'day', count: 1 } });
  await club.sell(daily);
  const member = club.member({ funds: 5_000n });
  await club.order(member, daily);
  await club.settle();
  for (let passed = 0; passed < 40; passed += 1) {
    club.pass(day);
    await club.settle();
  }
  const [whole] = await club.casesOf(member);
  expect(whole?.periods).toHaveLength(41);
  const { database } = club.deps;
  const since = new Date(club.runtime.clock().getTime() - day);
  const { periods } = await readCase(database, whole?.subscription.id as string, since);
  expect(periods.map(({ n }) => n)).toEqual([40, 41]);
});
