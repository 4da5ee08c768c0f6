import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { openTill, type Till } from '../../../test/till.ts';
import type { ListedPayment } from '../../provider/provider.ts';
import { replenish } from '../../replenishment/service.ts';
import { startWorker } from '../../replenishment/worker.ts';

let till: Till;
let staff: Record<string, string>;
let worker: ReturnType<typeof startWorker>;
beforeAll(async () => {
  till = await openTill({
    env: { PAYMENT_PROVIDER: 'manual', MANUAL_PAYMENT_URL: 'https://pay.example.com/how?ref={ref}' },
  });
  staff = await till.asOperator();
  worker = startWorker(till.deps);
  till.deps.hints.listen(worker.wake);
});
afterAll(async () => {
  await worker.close();
  await till.close();
});

const soon = () => AbortSignal.timeout(10_000);
const anInvoice = async (amount = 10_000n) => {
  const customerId = anId();
  const invoice = await replenish(till.deps, { customerId, amount });
  return { ...invoice, ref: invoice.providerRef ?? '' };
};
const confirm = (invoiceId: string, body: object) => till.post(`/admin/invoices/${invoiceId}/payments`, body, staff);
const report = (ref: string) => till.deps.provider.findPayments(ref, soon());
const settled = async (invoiceId: string) => {
  const { body } = await till.get(`/admin/invoices/${invoiceId}`, staff);
  return body;
};

test('a customer is sent to a page that names what to write on the transfer', async () => {
  const { ref, url, id } = await anInvoice();
  expect(ref).toMatch(/^[2-9A-HJKMNP-TV-Z]{10}$/);
  expect(url).toBe(`https://pay.example.com/how?ref=${ref}`);
  expect(await report(ref)).toEqual({ payments: [], invoice: 'open', number: id });
});

test('what an operator confirms is in the wallet once, however often and by how many it is confirmed', async () => {
  const { id, customerId } = await anInvoice();
  const paymentId = anId();
  const answers = await Promise.all(Array.from({ length: 5 }, () => confirm(id, { paymentId, amount: 100 })));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  await expect.poll(() => till.walletOf(customerId), { timeout: 15_000 }).toMatchObject({ balance: 10_000n });
  await confirm(id, { paymentId, amount: 100 });
  await expect.poll(async () => (await settled(id)).status, { timeout: 15_000 }).toBe('success');
  expect(await till.walletOf(customerId)).toMatchObject({ balance: 10_000n });
});

test('a transfer is of one invoice and one amount', async () => {
  const [first, second] = [await anInvoice(), await anInvoice()];
  const paymentId = anId();
  expect((await confirm(first.id, { paymentId, amount: 60 })).status).toBe(202);
  expect(await confirm(first.id, { paymentId, amount: 61 })).toMatchObject({ status: 409 });
  expect(await confirm(second.id, { paymentId, amount: 60 })).toMatchObject({ status: 409 });
  expect((await report(first.ref)).payments).toMatchObject([{ paymentId, amount: 6_000n, status: 'paid' }]);
  expect((await report(second.ref)).payments).toEqual([]);
});

test.each([
  [{ amount: 0 }],
  [{ amount: -1 }],
  [{ amount: '100' }],
  [{ amount: 1.001 }],
  [{ paymentId: '' }],
  [{ paymentId: 'x'.repeat(65) }],
  [{ more: 1 }],
])('%j is no transfer', async (wishes) => {
  const { id, ref } = await anInvoice();
  expect((await confirm(id, { paymentId: anId(), amount: 1, ...wishes })).status).toBe(400);
  expect((await report(ref)).payments).toEqual([]);
});

test('only operators confirm, and only what there is', async () => {
  const { id, customerId, ref } = await anInvoice();
  const body = { paymentId: anId(), amount: 100 };
  const url = `/admin/invoices/${id}/payments`;
  expect((await till.post(url, body)).status).toBe(401);
  expect((await till.post(url, body, await till.asCustomer(customerId))).status).toBe(403);
  expect((await confirm('0198a5a5-0000-7000-8000-000000000000', body)).status).toBe(404);
  expect((await report(ref)).payments).toEqual([]);
});

test('an unpaid invoice is called off, a paid one is not, and what comes late is told', async () => {
  const { provider } = till.deps;
  const { ref, id } = await anInvoice();
  expect(await provider.cancelInvoice(ref, soon())).toBe('canceled');
  expect(await provider.cancelInvoice(ref, soon())).toBe('canceled');
  await confirm(id, { paymentId: anId(), amount: 100 });
  expect(await report(ref)).toMatchObject({ invoice: 'canceled', payments: [{ amount: 10_000n }] });

  const paid = await anInvoice();
  await confirm(paid.id, { paymentId: anId(), amount: 1 });
  expect(await provider.cancelInvoice(paid.ref, soon())).toBe('paid');
  expect(await provider.cancelInvoice('none', soon())).toBe('unknown');
});

test('a wish under a known number is the same invoice', async () => {
  const { provider, clock } = till.deps;
  const wish = {
    number: anId(),
    amount: 1n,
    currency: 'UAH',
    description: '',
    payer: '',
    callbackUrl: '',
    expiresAt: clock(),
  };
  const [first, ...others] = await Promise.all([1, 2, 3].map(() => provider.makeInvoice(wish, soon())));
  expect(others).toEqual([first, first]);
});

test('a time lists the transfers that were confirmed in it, page after page', async () => {
  const { provider, clock } = till.deps;
  const { ref, id } = await anInvoice();
  till.runtime.clock.advance(3_600_000);
  const from = clock();
  await till.runtime.database.$executeRaw`
    INSERT INTO manual_payment SELECT ${ref} || n, ${ref}, 1, 'UAH', 'op', ${from}::timestamptz + n / 600 * interval '1 s'
      FROM generate_series(0, 1200) AS n`;
  const list = async (to: Date) => {
    const rows: ListedPayment[] = [];
    for await (const row of provider.listPayments({ from, to }, soon())) rows.push(row);
    return rows;
  };
  expect(new Set((await list(new Date(from.getTime() + 2_001))).map(({ paymentId }) => paymentId)).size).toBe(1_201);
  expect(await list(new Date(from.getTime() + 1_000))).toHaveLength(600);
  expect(await provider.findPayment(`${ref}7`, soon())).toMatchObject({ ref, amount: 1n, paidAt: from });
  expect(await provider.findPayment('none', soon())).toBeNull();
  expect(id).toBeTruthy();
});
