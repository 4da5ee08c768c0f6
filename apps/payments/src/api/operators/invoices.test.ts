import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { createTestProvider, type TestProvider } from '../../../test/provider.ts';
import { openTill, type Till } from '../../../test/till.ts';
import { replenish } from '../../replenishment/service.ts';
import { settle } from '../../replenishment/settling.ts';

let provider: TestProvider;
let till: Till;
let staff: Record<string, string>;
beforeAll(async () => {
  provider = createTestProvider();
  till = await openTill({ deps: { provider } });
  staff = await till.asOperator();
});
afterAll(() => till.close());

async function anInvoice(customerId: string, paid: bigint | null = null) {
  till.runtime.clock.advance(1_000);
  const invoice = await replenish(till.deps, { customerId, amount: 1_000n });
  if (paid === null) return { invoice, paymentId: null };
  const paymentId = provider.pay(invoice.providerRef, { amount: paid });
  const findings = await provider.findPayments(invoice.providerRef as string, AbortSignal.timeout(1_000));
  await settle(till.deps, invoice, findings);
  return { invoice, paymentId };
}

const list = async (query: Record<string, string>) => {
  const { status, body, text } = await till.get(`/admin/invoices?${new URLSearchParams(query)}`, staff);
  expect(status, text).toBe(200);
  return body;
};
const idsIn = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);

test('are found by customer, state, time and what a person should look at, newest first', async () => {
  const customerId = anId();
  const { invoice: open } = await anInvoice(customerId);
  const { invoice: paid } = await anInvoice(customerId, 1_000n);
  const { invoice: partly } = await anInvoice(customerId, 400n);
  await anInvoice(anId(), 400n);

  expect(idsIn(await list({ customerId }))).toEqual([partly.id, paid.id, open.id]);
  expect(idsIn(await list({ customerId, status: 'success' }))).toEqual([paid.id]);
  expect((await list({ customerId, flagged: 'true' })).items).toMatchObject([{ id: partly.id, flag: 'partly_paid' }]);
  expect(idsIn(await list({ customerId, flagged: 'false' }))).toEqual([paid.id, open.id]);
  const [from, to] = [paid.createdAt.toISOString(), partly.createdAt.toISOString()];
  expect(idsIn(await list({ customerId, from, to }))).toEqual([paid.id]);

  const first = await list({ customerId, limit: '2' });
  expect(idsIn(await list({ customerId, limit: '2', after: first.next }))).toEqual([open.id]);
});

test('one is read with each wish to the provider and what was paid', async () => {
  const customerId = anId();
  const { invoice, paymentId } = await anInvoice(customerId, 400n);
  const { status, body } = await till.get(`/admin/invoices/${invoice.id}`, staff);
  expect(status).toBe(200);
  expect(body).toMatchObject({ id: invoice.id, customerId, amount: 10, paid: 4, status: 'pending', provider: 'test' });
  expect(body.attempts).toMatchObject([{ number: invoice.id, outcome: 'made', providerRef: invoice.providerRef }]);
  expect(body.payments).toEqual([
    {
      paymentId,
      amount: 4,
      currency: 'UAH',
      transferId: expect.stringMatching(/^[0-9a-f]{24}$/),
      flag: null,
      seenAt: expect.any(String),
    },
  ]);
  const transfer = await till.get(`/admin/ledger/transfers/${body.payments[0].transferId}`, staff);
  expect(transfer.body).toMatchObject({ kind: 'replenishment', reference: invoice.id });
});
