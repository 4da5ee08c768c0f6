import { expect, test } from 'vitest';
import type { ListedPayment } from '../provider/provider.ts';
import { type BookedPayment, compare, unknownToProvider } from './reconciliation.ts';

const at = new Date('2026-02-19T12:00:00.000Z');
const listed = (wishes: Partial<ListedPayment> = {}): ListedPayment => ({
  paymentId: '1234',
  amount: 1_000n,
  currency: 'MNT',
  status: 'paid',
  ref: 'e887c58b-7df2-4fe1-960c-6ab09b121488',
  paidAt: at,
  ...wishes,
});
const booked = (wishes: Partial<BookedPayment> = {}): BookedPayment => ({
  paymentId: '1234',
  invoiceId: '019c6d5e-0000-7000-8000-000000000001',
  amount: 1_000n,
  currency: 'MNT',
  transferId: '65f1a2b3c4d5e6f7a8b9c001',
  seenAt: at,
  ...wishes,
});

test.each([
  ['paid and in the wallet', {}, booked(), null],
  ['paid, and unheard of', {}, null, 'not_booked'],
  ['paid, seen, in no wallet', {}, booked({ transferId: null }), 'not_credited'],
  ['paid in another amount', { amount: 999n }, booked(), 'amount_differs'],
  ['paid in another currency', { currency: 'USD' }, booked(), 'amount_differs'],
  ['given back, and still in the wallet', { status: 'refunded' }, booked(), 'refunded'],
  ['given back, never in a wallet', { status: 'refunded' }, booked({ transferId: null }), null],
  ['given back, and unheard of', { status: 'refunded' }, null, null],
  ['not paid yet', { status: 'pending' }, null, null],
  ['failed, and in the wallet', { status: 'failed' }, booked(), 'not_paid'],
  ['unclear, and in the wallet', { status: 'unclear' }, booked(), 'not_paid'],
] as const)('%s', (_, theirs, ours, fault) => {
  const difference = compare(listed(theirs), ours);
  expect(difference?.fault ?? null).toBe(fault);
  if (difference) expect(difference).toEqual({ fault, paymentId: '1234', listed: listed(theirs), booked: ours });
});

test('what the provider does not know is a fault when we have put it into a wallet', () => {
  expect(unknownToProvider(booked())).toMatchObject({ fault: 'not_listed', listed: null });
  expect(unknownToProvider(booked({ transferId: null }))).toBeNull();
});
