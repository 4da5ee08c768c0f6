import { type QpaySandbox, startQpaySandbox } from '@forecourt/local/qpay-sandbox';
import { type TestClock, testClock, until } from '@forecourt/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type InvoiceWish, type ListedPayment, type PaymentProvider, ProviderFault } from '../../provider/provider.ts';
import { qpay } from './provider.ts';

let clock: TestClock;
let sandbox: QpaySandbox;
let provider: PaymentProvider;
beforeEach(async () => {
  clock = testClock();
  sandbox = await startQpaySandbox({ now: clock, switches: { callback: 'never' } });
  provider = at(sandbox.url);
});
afterEach(async () => {
  await provider.close();
  await sandbox.close();
});

const at = (url: string, wishes: object = {}) => qpay({ ...settingsOf(sandbox), url, ...wishes }, clock);
const settingsOf = ({ url, username, password, invoiceCode }: QpaySandbox) => ({
  ...{ url, username, password, invoiceCode },
  merchantId: username,
  currency: 'MNT',
});
const soon = () => AbortSignal.timeout(10_000);
let count = 0;
const aWish = (wishes: Partial<InvoiceWish> = {}): InvoiceWish => ({
  number: `F-${++count}`,
  amount: 1_006_900n,
  currency: 'MNT',
  description: 'Forecourt',
  payer: '65f0c0ffee65f0c0ffee65f0',
  callbackUrl: 'http://127.0.0.1:1/callback',
  expiresAt: new Date(clock().getTime() + 3_600_000),
  ...wishes,
});
const make = (wishes: Partial<InvoiceWish> = {}, signal = soon()) => provider.makeInvoice(aWish(wishes), signal);
const made = async (wishes: Partial<InvoiceWish> = {}) => {
  const answer = await make(wishes);
  if (answer.outcome !== 'made') throw new Error(answer.reason);
  return answer.ref;
};
const find = (ref: string) => provider.findPayments(ref, soon());
const asked = (path: string) => sandbox.requests.filter((request) => request.path === path).length;
const fault = async (question: Promise<unknown>): Promise<ProviderFault> => {
  const error = await question.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderFault)) throw new Error('it is no fault of the provider', { cause: error });
  return error;
};

describe('an invoice', () => {
  test('is made in major units, under our number, for nobody that they could know', async () => {
    const answer = await make({ number: 'F-100', amount: 1_006_950n });
    const [invoice] = sandbox.invoices();
    expect(answer).toEqual({ outcome: 'made', ref: invoice?.id, url: `${sandbox.origin}/pay/${invoice?.code}` });
    expect(sandbox.requests.at(-1)?.body).toEqual({
      invoice_code: 'SANDBOX_INVOICE',
      sender_invoice_no: 'F-100',
      invoice_receiver_code: '65f0c0ffee65f0c0ffee65f0',
      invoice_description: 'Forecourt',
      amount: 10_069.5,
      callback_url: 'http://127.0.0.1:1/callback',
      allow_partial: false,
      allow_exceed: false,
    });
  });

  test('has a description as long as QPay takes one', async () => {
    await make({ description: 'д'.repeat(300) });
    expect(sandbox.invoices()[0]?.description).toHaveLength(255);
  });

  test.each([
    ['a number', { number: 'x'.repeat(46) }],
    ['an address', { callbackUrl: `http://x/${'y'.repeat(255)}` }],
    ['a currency', { currency: 'USD' }],
  ])('with %s that QPay does not take is refused before they hear of it', async (_name, wishes) => {
    expect(await make(wishes)).toMatchObject({ outcome: 'refused', passing: false });
    expect(sandbox.requests).toEqual([]);
  });

  test('is open, paid in parts and closed, with each payment once', async () => {
    const ref = await made({ number: 'F-7' });
    expect(await find(ref)).toEqual({ payments: [], invoice: 'open', number: 'F-7' });
    const first = sandbox.pay(ref, { amount: 69 });
    expect(await find(ref)).toEqual({
      payments: [{ paymentId: first.id, amount: 6_900n, currency: 'MNT', status: 'paid' }],
      invoice: 'open',
      number: 'F-7',
    });
    sandbox.pay(ref);
    const whole = await find(ref);
    expect(whole.invoice).toBe('closed');
    expect(whole.payments.map(({ amount }) => amount)).toEqual([6_900n, 1_000_000n]);
  });

  test('that nobody knows has neither state nor payments', async () => {
    expect(await find('none')).toEqual({ payments: [], invoice: 'unknown', number: null });
    expect(await provider.findPayment('none', soon())).toBeNull();
  });

  test.each(['CANCELED', 'CANCELLED'] as const)('is %s, and what comes late is told all the same', async (canceled) => {
    sandbox.switches.canceled = canceled;
    const ref = await made();
    expect(await provider.cancelInvoice(ref, soon())).toBe('canceled');
    expect(await provider.cancelInvoice(ref, soon())).toBe('canceled');
    sandbox.pay(ref, { anyway: true });
    expect(await find(ref)).toMatchObject({ invoice: 'canceled', payments: [{ status: 'paid' }] });
  });

  test.each(['message', 'error_code', 'error'] as const)(
    'cannot be canceled once paid, as told at %s',
    async (errorAt) => {
      sandbox.switches.errorAt = errorAt;
      const ref = await made();
      sandbox.pay(ref);
      expect(await provider.cancelInvoice(ref, soon())).toBe('paid');
      expect(await provider.cancelInvoice('none', soon())).toBe('unknown');
    },
  );

  test.each([
    ['PAID', 'paid'],
    ['NEW', 'pending'],
    ['FAILED', 'failed'],
    ['REFUND', 'refunded'],
    ['PARTIAL', 'unclear'],
  ] as const)('with a payment that is %s has one that is %s', async (status, ours) => {
    const ref = await made();
    const { id } = sandbox.pay(ref, { status });
    expect((await find(ref)).payments).toMatchObject([{ paymentId: id, status: ours }]);
    expect(await provider.findPayment(id, soon())).toEqual({
      paymentId: id,
      amount: 1_006_900n,
      currency: 'MNT',
      status: ours,
      ref,
      paidAt: clock(),
    });
  });

  test('with more payments than a page holds has all of them', async () => {
    const ref = await made({ amount: 100_000n });
    for (let n = 1; n <= 205; n++) sandbox.pay(ref, { amount: 1, anyway: true });
    const { payments } = await find(ref);
    expect(new Set(payments.map(({ paymentId }) => paymentId)).size).toBe(205);
    expect(asked('/payment/check')).toBe(3);
  });
});

describe('when it goes wrong, a wish is', () => {
  test.each([
    ['refused, for another time', 401, { outcome: 'refused', passing: true, reason: 'answered 401 NO_CREDENDIALS' }],
    ['refused, for another time', 403, { outcome: 'refused', passing: true }],
    ['refused, for another time', 429, { outcome: 'refused', passing: true }],
    ['refused, for good', 400, { outcome: 'refused', passing: false }],
    ['refused, for good', 422, { outcome: 'refused', passing: false }],
    ['in doubt', 302, { outcome: 'in_doubt' }],
    ['in doubt', 408, { outcome: 'in_doubt' }],
    ['in doubt', 500, { outcome: 'in_doubt', reason: 'answered 500 INTERNAL_SERVER_ERROR' }],
    ['in doubt', 502, { outcome: 'in_doubt' }],
    ['in doubt', 503, { outcome: 'in_doubt' }],
    ['in doubt', 504, { outcome: 'in_doubt' }],
  ] as const)('%s, at %i', async (_what, how, outcome) => {
    sandbox.fail({ on: 'POST /invoice', how, times: 2 });
    expect(await make()).toMatchObject(outcome);
    expect(sandbox.invoices()).toEqual([]);
  });

  test.each(['cut', 'half', 'garbage', 500] as const)('in doubt when the answer is lost: %s', async (how) => {
    sandbox.fail({ on: 'POST /invoice', how, done: true });
    expect(await make()).toMatchObject({ outcome: 'in_doubt' });
    expect(sandbox.invoices()).toHaveLength(1);
  });

  test('in doubt for what was the matter', async () => {
    sandbox.fail({ on: 'POST /invoice', how: 'half', done: true });
    expect(await make()).toMatchObject({ reason: expect.stringMatching(/^the connection broke: \w+$/) });
    sandbox.fail({ on: 'POST /invoice', how: 'garbage', done: true });
    expect(await make()).toMatchObject({ reason: 'answered 200 unreadably' });
  });

  test('in doubt when nobody waits for the answer any more', async () => {
    await made();
    sandbox.fail({ on: 'POST /invoice', how: 'hang', done: true });
    const impatient = new AbortController();
    const answer = make({}, impatient.signal);
    await until(() => sandbox.invoices().length === 2);
    impatient.abort();
    expect(await answer).toEqual({ outcome: 'in_doubt', reason: 'did not answer in time' });
  });

  test('refused when they cannot be reached, as nothing was sent', async () => {
    await made();
    await sandbox.close();
    // What goes out on a connection that is just ending is in doubt.
    const answer = await until(async () => {
      const last = await make();
      return last.outcome === 'refused' && last;
    });
    expect(answer).toEqual({ outcome: 'refused', passing: true, reason: 'could not be reached: ECONNREFUSED' });
    expect(await fault(find('x'))).toMatchObject({ code: 'provider_unavailable', inDoubt: false });
  });

  test('refused under a number of before, and goes well under the next', async () => {
    sandbox.switches.repeatedNumber = 'refused';
    await make({ number: 'F-1' });
    expect(await make({ number: 'F-1' })).toMatchObject({ outcome: 'refused', passing: true });
    expect(await make({ number: 'F-1-2' })).toMatchObject({ outcome: 'made' });
  });
});

describe('a question', () => {
  test.each([
    ['cut', true],
    ['half', true],
    ['garbage', true],
    [500, true],
    [503, true],
    [400, false],
    [429, false],
  ] as const)('that is answered by %s is a fault, in doubt: %s', async (how, inDoubt) => {
    const ref = await made();
    for (const on of ['GET /invoice/:id', 'POST /payment/check']) {
      sandbox.fail({ on, how });
      expect(await fault(find(ref))).toMatchObject({ code: 'provider_unavailable', inDoubt });
    }
    sandbox.fail({ on: 'DELETE /invoice/:id', how });
    expect(await fault(provider.cancelInvoice(ref, soon()))).toMatchObject({ inDoubt });
    expect((await find(ref)).invoice).toBe('open');
  });

  test('goes by a connection that is kept', async () => {
    const ref = await made();
    for (let n = 0; n < 10; n++) await find(ref);
    expect(sandbox.requests.length).toBeGreaterThan(20);
    expect(new Set(sandbox.requests.map(({ port }) => port)).size).toBeLessThanOrEqual(2);
  });
});

describe('the list of a day', () => {
  const day = { from: new Date('2026-02-19T00:00:00Z'), to: new Date('2026-02-20T00:00:00Z') };
  const list = async (time = day) => {
    const rows: ListedPayment[] = [];
    for await (const row of provider.listPayments(time, soon())) rows.push(row);
    return rows;
  };

  test('has what was paid in it, whatever the invoice has become, and nothing of its neighbours', async () => {
    const ref = await made();
    sandbox.cancel(ref);
    for (const instant of [
      '2026-02-18T23:59:59.999Z',
      '2026-02-19T00:00:00.000Z',
      '2026-02-19T23:59:59.999Z',
      '2026-02-20T00:00:00.000Z',
    ]) {
      clock.set(instant);
      sandbox.pay(ref, { amount: 5, anyway: true });
    }
    const rows = await list();
    expect(rows.map(({ paidAt }) => paidAt?.toISOString())).toEqual([
      '2026-02-19T00:00:00.000Z',
      '2026-02-19T23:59:59.999Z',
    ]);
    expect(rows[0]).toMatchObject({ ref, amount: 500n, currency: 'MNT', status: 'paid' });
  });

  test('is walked page by page to its end', async () => {
    const ref = await made();
    for (let n = 0; n < 1_100; n++) sandbox.pay(ref, { amount: 1, anyway: true });
    expect(new Set((await list()).map(({ paymentId }) => paymentId)).size).toBe(1_100);
    expect(asked('/payment/list')).toBe(3);
  });

  test('that breaks off is a fault, not the end', async () => {
    const ref = await made();
    for (let n = 0; n < 600; n++) sandbox.pay(ref, { amount: 1, anyway: true });
    const rows: ListedPayment[] = [];
    const walk = async () => {
      for await (const row of provider.listPayments(day, soon())) {
        if (rows.push(row) === 500) sandbox.fail({ on: 'POST /payment/list', how: 'cut' });
      }
    };
    await fault(walk());
    expect(rows).toHaveLength(500);
  });
});

test.each([
  [{ qpay_payment_id: '493622150113497' }, '493622150113497'],
  [{ payment_id: '8e25b4d5-fe5a-4d0f-b050-def68a82aaad' }, '8e25b4d5-fe5a-4d0f-b050-def68a82aaad'],
  [{ qpay_payment_id: 493622150113497 }, '493622150113497'],
  [{ qpay_payment_id: ['1', '2'] }, null],
  [{ qpay_payment_id: '../invoice' }, null],
  [{ qpay_payment_id: 'x'.repeat(65) }, null],
  [{ other: '1' }, null],
  [{}, null],
])('a callback with %j names the payment %j', (parameters, id) => {
  expect(provider.paymentIdIn(parameters)).toBe(id);
});
