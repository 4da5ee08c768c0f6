import { chargeWallet, readWallet, refundTransfer } from '@forecourt/contracts';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { type Answering, answer } from '@forecourt/messaging';
import { createTestNats, type TestNats } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { type Payments, paymentsOver } from './payments.ts';

let nats: TestNats;
let payments: Payments;
let answering: Answering[];
let refusal: ErrorCode | null;
const heard: unknown[] = [];
const wallet = { currency: 'UAH', balance: 900n, available: 400n };
const transferId = anId();

const hear = <T>(request: unknown, reply: T): T => {
  if (refusal !== null) throw new AppError(refusal, 'No.');
  heard.push(request);
  return reply;
};

beforeAll(async () => {
  nats = await createTestNats();
  payments = paymentsOver(() => nats);
  answering = [
    answer(nats, chargeWallet, async (wish) => hear(wish, { transferId, ...wallet })),
    answer(nats, refundTransfer, async (wish) => hear(wish, { transferId, ...wallet })),
    answer(nats, readWallet, async (wish) => hear(wish, wallet)),
  ];
});
afterAll(async () => {
  await Promise.all(answering.map((one) => one.close()));
  await nats.close();
});
beforeEach(() => {
  refusal = null;
  heard.length = 0;
});

const customerId = anId();
const charge = { key: 'subscription:1:2', customerId, amount: 7n, reference: 'subscription:1' };
const back = { key: 'subscription:1:2:back', of: charge.key, amount: 7n, reason: 'not wanted' };

test('what is asked is what payments hears, as revenue of subscriptions', async () => {
  expect(await payments.charge(charge)).toBe('taken');
  expect(await payments.giveBack(back)).toBe('returned');
  expect(await payments.available(customerId)).toBe(400n);
  expect(heard).toEqual([{ ...charge, revenue: 'subscriptions' }, back, { customerId }]);
});

test('a wallet with too little, and a charge that never was, are answers', async () => {
  refusal = 'insufficient_balance';
  expect(await payments.charge(charge)).toBe('too-little');
  refusal = 'transfer_not_found';
  expect(await payments.giveBack(back)).toBe('never-taken');
});

test('a key that has done something else is an answer, too', async () => {
  refusal = 'transfer_key_reused';
  expect(await payments.charge(charge)).toBe('unclear');
  expect(await payments.giveBack(back)).toBe('unclear');
  refusal = 'refund_exceeds_transfer';
  expect(await payments.giveBack(back)).toBe('unclear');
});

test('what is nobody’s plan is thrown, and so is that nobody knows', async () => {
  refusal = 'validation_failed';
  await expect(payments.charge(charge)).rejects.toMatchObject({ code: refusal });
  await expect(payments.giveBack(back)).rejects.toMatchObject({ code: refusal });
  const alone = await createTestNats();
  await expect(paymentsOver(() => alone).charge(charge)).rejects.toMatchObject({ code: 'service_unavailable' });
  await alone.close();
});
