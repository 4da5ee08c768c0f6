import { captureHold, chargeWallet, placeHold, readWallet, refundTransfer, releaseHold } from '@forecourt/contracts';
import { type Answering, ask, lockAggregate } from '@forecourt/messaging';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { openTill, type Till } from '../../test/till.ts';
import { answers } from '../answers.ts';

let till: Till;
let answering: Answering[];
beforeAll(async () => {
  till = await openTill({ nats: true });
  answering = answers(till.deps, till.runtime.nats);
});
afterAll(async () => {
  await Promise.all(answering.map((one) => one.close()));
  await till.close();
});

const options = { timeoutMs: 5_000 };
const nats = () => till.runtime.nats;
const expiresAt = new Date('2027-01-01T00:00:00.000Z');

test('other services read, hold, capture, release, charge and give back, each once by its key', async () => {
  const customerId = anId();
  expect(await ask(nats(), readWallet, { customerId }, options)).toEqual({
    currency: 'UAH',
    balance: 0n,
    available: 0n,
  });
  await till.fund(customerId, 1000n);

  const [held, kept, paid] = [anId(), anId(), anId()];
  const twice = async <T>(work: () => Promise<T>) => {
    const first = await work();
    expect(await work()).toEqual(first);
    return first;
  };
  const place = { customerId, reference: 'session', expiresAt };
  const placed = await twice(() => ask(nats(), placeHold, { ...place, key: held, amount: 400n }, options));
  expect(placed).toMatchObject({ amount: 400n, status: 'placed', currency: 'UAH', balance: 1000n, available: 600n });
  await ask(nats(), placeHold, { ...place, key: kept, amount: 900n, atLeast: 100n }, options);
  expect(await twice(() => ask(nats(), releaseHold, { key: kept }, options))).toEqual({ released: 600n });
  const capture = { key: held, amount: 250n, revenue: 'charging' } as const;
  expect(await twice(() => ask(nats(), captureHold, capture, options))).toMatchObject({
    holdId: placed.holdId,
    captured: 250n,
    released: 150n,
    balance: 750n,
    available: 750n,
  });
  const charge = { key: paid, customerId, amount: 50n, revenue: 'subscriptions', reference: 'march' } as const;
  expect(await twice(() => ask(nats(), chargeWallet, charge, options))).toMatchObject({ balance: 700n });

  const back = { key: anId(), of: held, amount: 200n, reason: 'the cable was broken' };
  expect(await twice(() => ask(nats(), refundTransfer, back, options))).toMatchObject({ balance: 900n });
  expect(await ask(nats(), readWallet, { customerId }, options)).toMatchObject({ balance: 900n, available: 900n });
});

test('refusals come back by name', async () => {
  const customerId = anId();
  await till.fund(customerId, 100n);
  const charge = { key: anId(), customerId, amount: 60n, revenue: 'goods', reference: 'thing' } as const;
  await ask(nats(), chargeWallet, charge, options);
  const refused = (asking: Promise<unknown>, code: string) => expect(asking).rejects.toMatchObject({ code });
  await refused(ask(nats(), chargeWallet, { ...charge, key: anId() }, options), 'insufficient_balance');
  await refused(ask(nats(), chargeWallet, { ...charge, amount: 1n }, options), 'transfer_key_reused');
  const place = { key: charge.key, customerId, amount: 1n, reference: 'thing', expiresAt };
  await refused(ask(nats(), placeHold, place, options), 'transfer_key_reused');
  await refused(ask(nats(), captureHold, { key: anId(), amount: 1n, revenue: 'goods' }, options), 'hold_not_found');
  const back = { key: anId(), of: charge.key, amount: 40n, reason: 'broken' };
  await refused(ask(nats(), refundTransfer, { ...back, of: anId() }, options), 'transfer_not_found');
  await ask(nats(), refundTransfer, back, options);
  await refused(ask(nats(), refundTransfer, { ...back, amount: 41n }, options), 'transfer_key_reused');
  await refused(ask(nats(), refundTransfer, { ...back, key: anId(), amount: 21n }, options), 'refund_exceeds_transfer');
  expect(await till.walletOf(customerId)).toEqual({ balance: 80n, available: 80n });
});

test('a charge that comes from two askers at once, many times over, is one', async () => {
  const customerId = anId();
  await till.fund(customerId, 100n);
  const charge = { key: anId(), customerId, amount: 60n, revenue: 'goods', reference: 'thing' } as const;
  const replies = await Promise.all(Array.from({ length: 50 }, () => ask(nats(), chargeWallet, charge, options)));
  expect(new Set(replies.map(({ transferId }) => transferId)).size).toBe(1);
  expect(await till.walletOf(customerId)).toEqual({ balance: 40n, available: 40n });
});

test('who asks while the database goes away hears that it is away, and pays once by asking again', async () => {
  const customerId = anId();
  await till.fund(customerId, 100n);
  const charge = { key: anId(), customerId, amount: 60n, revenue: 'goods', reference: 'thing' } as const;
  const { database } = till.runtime;
  await database.transaction(async (tx) => {
    await lockAggregate(tx, 'wallet', customerId);
    const asked = ask(nats(), chargeWallet, charge, options).catch((error: unknown) => error);
    await until(async () => {
      const ended = await database.$queryRaw<unknown[]>`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'advisory'`;
      return ended.length > 0;
    });
    expect(await asked).toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 2 });
  });
  expect(await till.walletOf(customerId)).toEqual({ balance: 100n, available: 100n });
  await ask(nats(), chargeWallet, charge, options);
  expect(await till.walletOf(customerId)).toEqual({ balance: 40n, available: 40n });
});

test.each([0n, -1n])('nobody charges, holds or gives back %s', async (amount) => {
  const customerId = anId();
  const charge = { key: anId(), customerId, amount, revenue: 'goods', reference: 'thing' } as const;
  const hold = { key: anId(), customerId, amount, reference: 'thing', expiresAt };
  const back = { key: anId(), of: anId(), amount, reason: 'broken' };
  for (const asking of [
    () => ask(nats(), chargeWallet, charge, options),
    () => ask(nats(), placeHold, hold, options),
    () => ask(nats(), refundTransfer, back, options),
  ]) {
    await expect(asking()).rejects.toThrow();
  }
  expect(await till.deps.prisma.transfer.count({ where: { key: charge.key } })).toBe(0);
});
