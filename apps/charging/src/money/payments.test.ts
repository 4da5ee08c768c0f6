import { captureHold, chargeWallet, placeHold, readWallet, releaseHold } from '@forecourt/contracts';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { type Answering, answer } from '@forecourt/messaging';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { type Payments, paymentsOver } from './payments.ts';

let runtime: TestRuntime;
let payments: Payments;
let answering: Answering[];
let refusal: ErrorCode | null;
const heard: unknown[] = [];
const wallet = { currency: 'UAH', balance: 900n, available: 400n };
const holdId = anId();

const hear = <T>(request: unknown, reply: T): T => {
  if (refusal !== null) throw new AppError(refusal, 'No.');
  heard.push(request);
  return reply;
};

beforeAll(async () => {
  runtime = await createTestRuntime('charging', { nats: true });
  payments = paymentsOver(runtime.nats);
  const { nats } = runtime;
  answering = [
    answer(nats, placeHold, async (wish) => hear(wish, { holdId, amount: wish.amount, status: 'placed', ...wallet })),
    answer(nats, captureHold, async (wish) => hear(wish, { holdId, captured: wish.amount, released: 0n, ...wallet })),
    answer(nats, releaseHold, async (wish) => hear(wish, { released: 100n })),
    answer(nats, chargeWallet, async (wish) => hear(wish, { transferId: holdId, ...wallet })),
    answer(nats, readWallet, async (wish) => hear(wish, wallet)),
  ];
});
afterAll(async () => {
  await Promise.all(answering.map((one) => one.close()));
  await runtime.close();
});
beforeEach(() => {
  refusal = null;
  heard.length = 0;
});

const customerId = anId();
const hold = {
  key: 'session:1:1',
  customerId,
  amount: 500n,
  atLeast: 50n,
  reference: 'session:1',
  expiresAt: new Date('2026-03-19T12:00:00Z'),
};
const charge = { key: 'session:1:2', customerId, amount: 7n, reference: 'session:1' };

test('what is asked is what payments hears, as revenue of charging', async () => {
  expect(await payments.place(hold)).toEqual({ amount: 500n, ended: false });
  expect(await payments.capture({ key: hold.key, amount: 3n })).toBe(true);
  await payments.release(hold.key);
  expect(await payments.charge(charge)).toBe(true);
  expect(await payments.available(customerId)).toBe(400n);
  expect(heard).toEqual([
    hold,
    { key: hold.key, amount: 3n, revenue: 'charging' },
    { key: hold.key },
    { ...charge, revenue: 'charging' },
    { customerId },
  ]);
});

test('a refusal is an answer', async () => {
  refusal = 'insufficient_balance';
  expect(await payments.place(hold)).toBeNull();
  expect(await payments.charge(charge)).toBe(false);
  for (refusal of ['hold_ended', 'hold_not_found'] as const) {
    expect(await payments.capture({ key: hold.key, amount: 3n })).toBe(false);
  }
});

test('what is nobody’s plan is thrown, and so is that nobody knows', async () => {
  refusal = 'transfer_key_reused';
  await expect(payments.place(hold)).rejects.toMatchObject({ code: refusal });
  await expect(payments.charge(charge)).rejects.toMatchObject({ code: refusal });
  await expect(payments.capture({ key: hold.key, amount: 3n })).rejects.toMatchObject({ code: refusal });
  refusal = 'hold_ended';
  await expect(payments.release(hold.key)).rejects.toMatchObject({ code: refusal });
  const alone = await createTestRuntime('charging', { nats: true });
  await expect(paymentsOver(alone.nats).place(hold)).rejects.toMatchObject({ code: 'service_unavailable' });
  await alone.close();
});
