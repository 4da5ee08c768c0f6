import { beforeEach, describe, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { createTestProvider, type TestProvider } from '../../../test/provider.ts';
import { openTill, type Till } from '../../../test/till.ts';
import { replenish } from '../../replenishment/service.ts';
import { settle } from '../../replenishment/settling.ts';

let provider: TestProvider;
let till: Till;

// One of its own for each test: the report is about all payments of a time.
beforeEach(async () => {
  provider = createTestProvider();
  till = await openTill({ deps: { provider } });
  // The provider in memory has the machine's clock.
  till.runtime.clock.set(new Date());
  return () => till.close();
});

const hours = (count: number) => new Date(Date.now() + count * 60 * 60_000);

async function report(from = hours(-1), to = hours(1)) {
  const query = new URLSearchParams({ from: from.toISOString(), to: to.toISOString() });
  const { status, body, text } = await till.get(`/admin/ledger/reconciliation?${query}`, await till.asOperator());
  expect(status, text).toBe(200);
  return body;
}

async function anInvoice(amount = 1_000n) {
  const invoice = await replenish(till.deps, { customerId: anId(), amount });
  const { payments } = provider.invoice(invoice.providerRef);
  return { invoice, payments, ref: invoice.providerRef as string };
}

async function aPayment(amount?: bigint) {
  const { invoice, payments, ref } = await anInvoice(amount);
  const paymentId = provider.pay(ref);
  await settle(till.deps, invoice, await provider.findPayments(ref, AbortSignal.timeout(1_000)));
  /** What the provider says of it from now on. */
  const becomes = (change: Partial<(typeof payments)[number]>) => {
    payments[0] = { ...(payments[0] as (typeof payments)[number]), ...change };
  };
  return { invoiceId: invoice.id, ref, paymentId, payments, becomes };
}

test('books that are right have no difference, and the same sums as the provider', async () => {
  await aPayment(1_000n);
  await aPayment(250n);
  expect(await report()).toMatchObject({
    provider: 'test',
    currency: 'UAH',
    listed: { count: 2, amount: 12.5 },
    credited: { count: 2, amount: 12.5 },
    differences: [],
    complete: true,
  });
});

describe('tells of a payment', () => {
  test('that we never heard of', async () => {
    const { ref } = await anInvoice();
    const paymentId = provider.pay(ref);
    const { listed, credited, differences } = await report();
    expect([listed, credited]).toEqual([
      { count: 1, amount: 10 },
      { count: 0, amount: 0 },
    ]);
    expect(differences).toEqual([
      {
        fault: 'not_booked',
        paymentId,
        invoiceId: null,
        providerRef: ref,
        listed: { status: 'paid', amount: 10, currency: 'UAH', paidAt: expect.any(String) },
        booked: null,
      },
    ]);
  });

  test('that is in no wallet', async () => {
    const { invoice, ref } = await anInvoice();
    const paymentId = provider.pay(ref, { currency: 'USD' });
    await settle(till.deps, invoice, await provider.findPayments(ref, AbortSignal.timeout(1_000)));
    expect((await report()).differences).toMatchObject([
      { fault: 'not_credited', paymentId, invoiceId: invoice.id, booked: { transferId: null, currency: 'USD' } },
    ]);
  });

  test('whose amount the provider now says otherwise', async () => {
    const { paymentId, becomes } = await aPayment();
    becomes({ amount: 999n });
    expect((await report()).differences).toMatchObject([
      { fault: 'amount_differs', paymentId, listed: { amount: 9.99 }, booked: { amount: 10 } },
    ]);
  });

  test.each([
    ['refunded', 'refunded'],
    ['failed', 'not_paid'],
  ] as const)('that is in the wallet and %s', async (status, fault) => {
    const { paymentId, becomes } = await aPayment();
    becomes({ status });
    expect((await report()).differences).toMatchObject([{ fault, paymentId, listed: { status } }]);
  });

  test('that the provider does not know any more', async () => {
    const { invoiceId, paymentId, payments } = await aPayment();
    payments.length = 0;
    expect((await report()).differences).toMatchObject([
      { fault: 'not_listed', paymentId, invoiceId, listed: null, booked: { amount: 10 } },
    ]);
  });
});

test('a payment that was made before, and that we heard of in the time, is asked for by its id', async () => {
  // To the provider the payment is of an hour that is over; we hear of it in the next.
  till.runtime.clock.set(hours(3));
  await aPayment();
  const calls = provider.calls.length;
  expect(await report(hours(2), hours(4))).toMatchObject({ listed: { count: 0 }, differences: [], complete: true });
  expect(provider.calls.slice(calls)).toEqual(['list', 'look']);
});

test('a payment that we heard of later is found in our books all the same', async () => {
  till.runtime.clock.set(hours(3));
  await aPayment();
  expect(await report()).toMatchObject({ listed: { count: 1 }, credited: { count: 1 }, differences: [] });
});

test('a provider is not asked for hundreds of payments one by one: the report says that it is not whole', async () => {
  const [{ id }] = [(await anInvoice()).invoice];
  await till.runtime.database.$executeRaw`
    INSERT INTO provider_payment (provider, payment_id, invoice_id, amount, currency, transfer_id, seen_at)
    SELECT 'test', 'p' || n, ${id}::uuid, 1, 'UAH', ${anId()}, ${till.runtime.clock()}::timestamptz
      FROM generate_series(1, 700) n`;
  const { complete, differences } = await report();
  expect([complete, differences.length]).toEqual([false, 50]);
  expect(provider.calls.filter((call) => call === 'look')).toHaveLength(50);
});

test('without the provider there is no report, and nobody takes that for one', async () => {
  provider.misbehave = () => 'away';
  const query = new URLSearchParams({ from: hours(-1).toISOString(), to: hours(1).toISOString() });
  const { status, body } = await till.get(`/admin/ledger/reconciliation?${query}`, await till.asOperator());
  expect([status, body.code]).toEqual([503, 'provider_unavailable']);
});
