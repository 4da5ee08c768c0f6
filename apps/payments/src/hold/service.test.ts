import { walletChanged } from '@forecourt/contracts';
import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { openTill, type Till } from '../../test/till.ts';
import { verify } from '../verification/service.ts';
import { chargeWallet } from '../wallet/service.ts';
import type { HoldWish } from './hold.ts';
import { captureHold, expireHolds, placeHold, releaseHold } from './service.ts';

let till: Till;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());

const minute = 60_000;
const aWish = (wishes: Partial<HoldWish> & Pick<HoldWish, 'customerId' | 'amount'>): HoldWish => ({
  key: anId(),
  atLeast: wishes.amount,
  reference: 'session',
  expiresAt: new Date(till.runtime.clock().getTime() + minute),
  ...wishes,
});
const withMoney = async (amount: bigint) => {
  const customerId = anId();
  await till.fund(customerId, amount);
  return customerId;
};
const statusOf = async (key: string) => (await till.deps.prisma.hold.findUnique({ where: { key } }))?.status;

describe('held money', () => {
  test('is the customer’s still, and cannot be spent', async () => {
    const customerId = await withMoney(100n);
    await placeHold(till.deps, aWish({ customerId, amount: 60n }));
    expect(await till.walletOf(customerId)).toEqual({ balance: 100n, available: 40n });
    const charge = { key: anId(), customerId, amount: 41n, revenue: 'goods', reference: 'thing' };
    await expect(chargeWallet(till.deps, charge)).rejects.toMatchObject({ code: 'insufficient_balance' });
  });

  test('may be less than was wished, but not less than was demanded', async () => {
    const customerId = await withMoney(50n);
    const tooMuch = aWish({ customerId, amount: 80n, atLeast: 51n });
    await expect(placeHold(till.deps, tooMuch)).rejects.toMatchObject({ params: { needed: '0.51 UAH' } });
    expect(await placeHold(till.deps, { ...tooMuch, atLeast: 50n })).toMatchObject({ amount: 50n, status: 'placed' });
  });

  test('is captured once, and the rest is free at once', async () => {
    const customerId = await withMoney(100n);
    const { key } = aWish({ customerId, amount: 60n });
    await placeHold(till.deps, aWish({ key, customerId, amount: 60n }));
    const captured = await captureHold(till.deps, { key, amount: 45n, revenue: 'charging' });
    expect(captured).toMatchObject({ captured: 45n, released: 15n, balance: 55n, available: 55n });
    expect(await captureHold(till.deps, { key, amount: 45n, revenue: 'charging' })).toEqual(captured);
    for (const other of [{ amount: 44n }, { revenue: 'goods' }]) {
      const again = captureHold(till.deps, { key, amount: 45n, revenue: 'charging', ...other });
      await expect(again).rejects.toMatchObject({ code: 'hold_ended' });
    }
  });

  test('goes back by itself when its time is over, and by then cannot be captured', async () => {
    const customerId = await withMoney(100n);
    const late = aWish({ customerId, amount: 60n });
    const later = aWish({
      customerId,
      amount: 10n,
      expiresAt: new Date(till.runtime.clock().getTime() + 2 * minute),
    });
    await placeHold(till.deps, late);
    await placeHold(till.deps, later);
    await expireHolds(till.deps);
    expect(await statusOf(late.key)).toBe('placed');
    till.runtime.clock.advance(minute);
    await expireHolds(till.deps);
    expect([await statusOf(late.key), await statusOf(later.key)]).toEqual(['expired', 'placed']);
    expect(await till.walletOf(customerId)).toEqual({ balance: 100n, available: 90n });
    const capture = captureHold(till.deps, { key: late.key, amount: 1n, revenue: 'charging' });
    await expect(capture).rejects.toMatchObject({ code: 'hold_ended' });
    expect(await releaseHold(till.deps, late.key)).toEqual({ released: 60n });
  });

  test('past its time that nobody gave back yet may still be captured', async () => {
    const customerId = await withMoney(100n);
    const late = aWish({ customerId, amount: 60n });
    await placeHold(till.deps, late);
    till.runtime.clock.advance(2 * minute);
    await captureHold(till.deps, { key: late.key, amount: 60n, revenue: 'charging' });
    await expireHolds(till.deps);
    expect(await statusOf(late.key)).toBe('captured');
  });

  test('that is released before it is placed is found so by whoever comes late', async () => {
    const customerId = await withMoney(100n);
    const wish = aWish({ customerId, amount: 60n });
    expect(await releaseHold(till.deps, wish.key)).toEqual({ released: 0n });
    expect(await placeHold(till.deps, wish)).toMatchObject({ status: 'released', amount: 0n, available: 100n });
    const capture = captureHold(till.deps, { key: wish.key, amount: 0n, revenue: 'charging' });
    await expect(capture).rejects.toMatchObject({ code: 'hold_ended' });
  });
});

describe('at once', () => {
  test('sixty holds of one wallet take five statements, and never more than there is', async () => {
    const customerId = await withMoney(50n);
    const wishes = Array.from({ length: 60 }, () => aWish({ customerId, amount: 1n }));
    const { result, statements } = await countStatements(till.runtime, () =>
      Promise.allSettled(wishes.map((wish) => placeHold(till.deps, wish))),
    );
    expect(result.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    expect(statements.map((sql) => sql.trim().split(/\s/, 1)[0])).toEqual([
      'BEGIN',
      'SELECT',
      'SELECT',
      'WITH',
      'COMMIT',
    ]);
    const told = (await till.told(walletChanged.subject)).filter((data) => data.customerId === customerId);
    expect(told).toMatchObject([
      { version: 1, available: 50 },
      { version: 2, available: 0, balance: 50 },
    ]);
  });

  test('a capture, a release and its time come to one end, whoever is first, in two processes', async () => {
    const other = await till.secondProcess();
    const customerId = await withMoney(10_000n);
    const wishes = Array.from({ length: 100 }, () => aWish({ customerId, amount: 10n }));
    await Promise.all(wishes.map((wish) => placeHold(till.deps, wish)));
    till.runtime.clock.advance(2 * minute);
    const ends = await Promise.allSettled([
      ...wishes.map(({ key }) => captureHold(till.deps, { key, amount: 7n, revenue: 'charging' })),
      ...wishes.map(({ key }) => captureHold(other.deps, { key, amount: 7n, revenue: 'charging' })),
      ...wishes.map(({ key }) => releaseHold(other.deps, key)),
      expireHolds(till.deps),
      expireHolds(other.deps),
    ]);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'hold_ended' });
    const captured = await till.deps.prisma.hold.count({
      where: { key: { in: wishes.map(({ key }) => key) }, status: 'captured' },
    });
    const left = 10_000n - 7n * BigInt(captured);
    expect(await till.walletOf(customerId)).toEqual({ balance: left, available: left });
    expect((await verify(till.deps)).differences).toEqual([]);
  });

  test('a hot wallet never deadlocks: two processes move money between few wallets, in every direction', async () => {
    const other = await till.secondProcess();
    const customers = await Promise.all(Array.from({ length: 4 }, () => withMoney(1_000_000n)));
    const charges = Array.from({ length: 2_000 }, (_, n) =>
      chargeWallet(n % 2 === 0 ? till.deps : other.deps, {
        key: anId(),
        customerId: customers[n % 7 < 4 ? 0 : n % 4] as string,
        amount: 1n,
        revenue: n % 3 === 0 ? 'goods' : 'charging',
        reference: 'thing',
      }),
    );
    await Promise.all(charges);
    const wallets = await Promise.all(customers.map((customerId) => till.walletOf(customerId)));
    expect(wallets.reduce((sum, { balance }) => sum + balance, 0n)).toBe(4_000_000n - 2_000n);
    expect((await verify(till.deps)).differences).toEqual([]);
  });
});
