import { describe, expect, test } from 'vitest';
import type { SeenPayment } from '../provider/provider.ts';
import {
  assertAmount,
  expire,
  type Findings,
  giveUp,
  type Invoice,
  learn,
  newsOf,
  nextCheck,
  numberOf,
  open,
  type Status,
} from './replenishment.ts';

const now = new Date('2026-02-19T12:00:00.000Z');
const expiresAt = new Date('2026-02-19T13:00:00.000Z');

const anInvoice = (wishes: Partial<Invoice> = {}): Invoice => ({
  id: '019c7a2e-5b00-7000-8000-000000000001',
  version: 3,
  customerId: '65f1a2b3c4d5e6f7a8b9c0d1',
  amount: 1000n,
  currency: 'UAH',
  paid: 0n,
  provider: 'test',
  status: 'pending',
  providerRef: 'ref-1',
  url: 'https://pay.example.com/1',
  flag: null,
  createdAt: now,
  openedAt: now,
  settledAt: null,
  expiresAt,
  attempts: 1,
  checkedAt: null,
  checks: 0,
  ...wishes,
});
const aPayment = (wishes: Partial<SeenPayment> = {}): SeenPayment => ({
  paymentId: 'p-1',
  amount: 1000n,
  currency: 'UAH',
  status: 'paid',
  ...wishes,
});
const found = (...payments: SeenPayment[]): Findings => ({ payments, invoice: 'open' });
const nothing = new Set<string>();
const taught = (invoice: Invoice, findings: Findings, known: ReadonlySet<string> = nothing) =>
  learn(invoice, findings, known, now);

const limits = { least: 100n, most: 10_000n, currency: 'UAH', asText: (amount: bigint) => `${amount}` };

test.each([100n, 101n, 10_000n])('%d may be paid in', (amount) =>
  expect(() => assertAmount(amount, limits)).not.toThrow(),
);
test.each([-1n, 0n, 99n, 10_001n, 2n ** 70n])('%d may not, and the refusal says what may', (amount) => {
  const refusal = expect(() => assertAmount(amount, limits));
  refusal.toThrow(expect.objectContaining({ code: 'amount_out_of_range', params: { least: '100', most: '10000' } }));
});

test('each attempt has a number of its own that fits into 45 characters', () => {
  const numbers = [1, 2, 3].map((attempt) => numberOf(anInvoice().id, attempt));
  expect(new Set(numbers).size).toBe(3);
  for (const number of numbers) expect(number.length).toBeLessThanOrEqual(45);
});

describe('an invoice that is asked for', () => {
  const requested = anInvoice({ status: 'requested', providerRef: null, url: null, openedAt: null });
  const opening = { ref: 'ref-2', url: 'https://pay.example.com/2' };

  test('opens with the first answer and keeps it', () => {
    const opened = open(requested, opening, now);
    expect(opened).toMatchObject({
      status: 'pending',
      providerRef: 'ref-2',
      url: opening.url,
      openedAt: now,
      version: 4,
    });
    expect(open(opened, { ref: 'ref-3', url: 'x' }, now)).toBe(opened);
  });

  test('is given up for good', () => {
    const given = giveUp(requested, now);
    expect(given).toMatchObject({ status: 'error', settledAt: now });
    expect(open(given, opening, now)).toBe(given);
  });

  test('is not given up once it can be paid', () => {
    const opened = open(requested, opening, now);
    expect(giveUp(opened, now)).toBe(opened);
  });
});

const ended: Status[] = ['success', 'error', 'canceled'];

describe('what is paid', () => {
  test('in full ends the invoice', () => {
    const { invoice, credits } = taught(anInvoice(), found(aPayment()));
    expect(invoice).toMatchObject({ status: 'success', paid: 1000n, flag: null, settledAt: now, version: 4 });
    expect(credits).toHaveLength(1);
  });

  test('and was seen before changes nothing', () => {
    const before = anInvoice({ status: 'success', paid: 1000n });
    expect(taught(before, found(aPayment()), new Set(['p-1']))).toEqual({ invoice: before, credits: [], strange: [] });
  });

  test('and is told twice in one answer counts once', () => {
    expect(taught(anInvoice(), found(aPayment(), aPayment())).invoice.paid).toBe(1000n);
  });

  test('in parts is credited at once, and ends the invoice with the last one', () => {
    const first = taught(anInvoice(), found(aPayment({ amount: 400n }))).invoice;
    expect(first).toMatchObject({ status: 'pending', paid: 400n, flag: 'partly_paid' });
    const rest = found(aPayment({ amount: 400n }), aPayment({ paymentId: 'p-2', amount: 600n }));
    const whole = taught(first, rest, new Set(['p-1']));
    expect(whole.invoice).toMatchObject({ status: 'success', paid: 1000n, flag: null });
    expect(whole.credits.map(({ paymentId }) => paymentId)).toEqual(['p-2']);
  });

  test('twice or in excess is all credited, and somebody looks at it', () => {
    const both = taught(anInvoice(), found(aPayment(), aPayment({ paymentId: 'p-2' }))).invoice;
    expect(both).toMatchObject({ status: 'success', paid: 2000n, flag: 'overpaid' });
    expect(taught(anInvoice(), found(aPayment({ amount: 1001n }))).invoice.flag).toBe('overpaid');
  });

  test.each(['error', 'canceled'] as const)('after the end (%s) is credited all the same, and flagged', (status) => {
    const { invoice } = taught(anInvoice({ status }), found(aPayment()));
    expect(invoice).toMatchObject({ status: 'success', paid: 1000n, flag: 'paid_late' });
    const part = taught(anInvoice({ status }), found(aPayment({ amount: 1n }))).invoice;
    expect(part).toMatchObject({ status, paid: 1n, flag: 'paid_late' });
  });

  test.each([
    ['in another currency', aPayment({ currency: 'MNT' })],
    ['beyond all belief', aPayment({ amount: 2n ** 60n })],
  ])('%s goes into no wallet', (_, payment) => {
    const { invoice, credits, strange } = taught(anInvoice(), found(payment));
    expect(invoice).toMatchObject({ status: 'pending', paid: 0n, flag: 'not_credited' });
    expect([credits, strange]).toEqual([[], [payment]]);
  });

  test('more than a column holds is flagged', () => {
    const { invoice, strange } = taught(anInvoice(), found(aPayment({ amount: 2n ** 64n })));
    expect([invoice.flag, strange]).toEqual(['not_credited', []]);
  });

  test.each(['pending', 'failed', 'refunded'] as const)('but %s is not paid', (status) => {
    const before = anInvoice();
    expect(taught(before, found(aPayment({ status }))).invoice).toBe(before);
  });

  test('not clearly is for a person to see', () => {
    const { invoice, credits } = taught(anInvoice(), found(aPayment({ status: 'unclear' })));
    expect([invoice.flag, invoice.status, credits]).toEqual(['not_credited', 'pending', []]);
  });

  test.each([0n, -5n])('in an amount of %d is nothing', (amount) => {
    const before = anInvoice();
    expect(taught(before, found(aPayment({ amount }))).invoice).toBe(before);
  });

  test('and given back by the provider is for a person to see', () => {
    const before = anInvoice({ status: 'success', paid: 1000n });
    const { invoice } = taught(before, found(aPayment({ status: 'refunded' })), new Set(['p-1']));
    expect(invoice).toMatchObject({ status: 'success', paid: 1000n, flag: 'refunded_by_provider' });
  });
});

describe('an invoice', () => {
  test('that was canceled at the provider is canceled', () => {
    const { invoice } = taught(anInvoice(), { payments: [], invoice: 'canceled' });
    expect(invoice).toMatchObject({ status: 'canceled', settledAt: now });
  });

  test('that was canceled and paid is paid', () => {
    expect(taught(anInvoice(), { payments: [aPayment()], invoice: 'canceled' }).invoice.status).toBe('success');
  });

  test.each(['closed', 'unknown', 'open'] as const)('that is %s and unpaid waits', (state) => {
    const before = anInvoice();
    expect(taught(before, { payments: [], invoice: state }).invoice).toBe(before);
  });

  test('expires with what was paid so far', () => {
    expect(expire(anInvoice({ paid: 400n, flag: 'partly_paid' }), now)).toMatchObject({
      status: 'error',
      paid: 400n,
      flag: 'partly_paid',
    });
  });

  test.each(ended)('that has ended (%s) does not expire', (status) => {
    const before = anInvoice({ status });
    expect(expire(before, now)).toBe(before);
  });
});

describe('the customer hears', () => {
  test.each(ended)('that it ended: %s', (status) => expect(newsOf(anInvoice(), anInvoice({ status }))).toBe(status));
  test('that it was paid after its end, or once more', () => {
    expect(newsOf(anInvoice({ status: 'canceled' }), anInvoice({ status: 'success', paid: 1000n }))).toBe('success');
    const twice = anInvoice({ status: 'success', paid: 2000n });
    expect(newsOf(anInvoice({ status: 'success', paid: 1000n }), twice)).toBe('success');
  });
  test('nothing of a part, of a flag, or of the same again', () => {
    expect(newsOf(anInvoice(), anInvoice({ paid: 400n }))).toBeNull();
    const over = anInvoice({ status: 'success', paid: 1000n });
    expect(newsOf(over, { ...over, flag: 'refunded_by_provider' })).toBeNull();
  });
});

test('the provider is asked ever more seldom, once more at the end, and then hourly', () => {
  const asked: number[] = [];
  let at = now;
  for (let checks = 0; checks < 9; checks += 1) {
    const next = nextCheck({ checks, expiresAt }, at);
    asked.push((next.getTime() - at.getTime()) / 1000);
    at = next;
  }
  expect(asked).toEqual([60, 120, 300, 900, 1800, 420, 3600, 3600, 3600]);
});
