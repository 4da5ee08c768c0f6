import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { openTill, type Till } from '../../test/till.ts';

let till: Till;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());

const id = '65f1a2b3c4d5e6f7a8b9c001';
const account = `wallet:${id}:UAH`;

test.each([
  ['GET', '/admin/ledger/accounts'],
  ['GET', `/admin/ledger/accounts/${account}`],
  ['GET', `/admin/ledger/accounts/${account}/statement`],
  ['GET', `/admin/ledger/accounts/${account}/statement?format=csv`],
  ['GET', `/admin/ledger/transfers/${id}`],
  ['POST', '/admin/ledger/refunds'],
  ['GET', '/admin/ledger/adjustments'],
  ['POST', '/admin/ledger/adjustments'],
  ['GET', `/admin/ledger/adjustments/${id}`],
  ['POST', `/admin/ledger/adjustments/${id}/approve`],
  ['POST', `/admin/ledger/adjustments/${id}/reject`],
  ['GET', '/admin/ledger/holds'],
  ['GET', '/admin/ledger/reconciliation'],
  ['GET', '/admin/invoices'],
  ['GET', '/admin/invoices/019c6d5e-0000-7000-8000-000000000001'],
] as const)('%s %s is for operators alone', async (method, url) => {
  const statusFor = async (headers: Record<string, string>) =>
    (await till.app.inject({ method, url, headers })).statusCode;
  expect(await statusFor({})).toBe(401);
  expect(await statusFor(await till.asCustomer(id))).toBe(403);
});

describe('a question that makes no sense is a 400', () => {
  test.each([
    '/admin/ledger/accounts?kind=purse',
    '/admin/ledger/accounts?customerId=me',
    '/admin/ledger/accounts?after=wallet',
    '/admin/ledger/accounts?limit=0',
    '/admin/ledger/accounts?limit=101',
    '/admin/ledger/accounts?limit=1&limit=2',
    '/admin/ledger/accounts?sort=posted',
    '/admin/ledger/accounts/wallet:me:UAH',
    '/admin/ledger/accounts/fees:qpay:UAH',
    `/admin/ledger/accounts/${account}/statement?format=pdf`,
    `/admin/ledger/accounts/${account}/statement?after=1`,
    `/admin/ledger/accounts/${account}/statement?limit=-1`,
    '/admin/ledger/transfers/1',
    '/admin/ledger/adjustments?status=done',
    `/admin/ledger/adjustments?accountId=${id}`,
    '/admin/ledger/adjustments/x',
    '/admin/ledger/holds?status=kept',
    '/admin/ledger/holds?after=0',
    '/admin/ledger/reconciliation',
    '/admin/ledger/reconciliation?from=2026-02-01T00:00:00Z',
    '/admin/ledger/reconciliation?from=2026-02-01&to=2026-02-02',
    '/admin/ledger/reconciliation?from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z',
    '/admin/ledger/reconciliation?from=2026-02-01T00:00:00Z&to=2026-02-01T00:00:00Z',
    '/admin/ledger/reconciliation?from=2026-02-01T00:00:00Z&to=2026-03-05T00:00:00Z',
    '/admin/ledger/reconciliation?from=0000-01-01T00:00:00Z&to=0000-01-02T00:00:00Z',
    '/admin/invoices?status=paid',
    '/admin/invoices?flagged=yes',
    '/admin/invoices?after=1',
    '/admin/invoices/1',
  ])('%s', async (url) => {
    const { status, body } = await till.get(url, await till.asOperator());
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });
});

test.each([
  [`/admin/ledger/accounts/${account}`, 'account_not_found'],
  [`/admin/ledger/accounts/${account}/statement`, 'account_not_found'],
  [`/admin/ledger/accounts/${account}/statement?format=csv`, 'account_not_found'],
  ['/admin/ledger/accounts/clearing:nobody:UAH/statement', 'account_not_found'],
  [`/admin/ledger/transfers/${id}`, 'transfer_not_found'],
  [`/admin/ledger/adjustments/${id}`, 'adjustment_not_found'],
  ['/admin/invoices/019c6d5e-0000-7000-8000-000000000001', 'invoice_not_found'],
])('%s of nothing is a 404', async (url, code) => {
  const { status, body } = await till.get(url, await till.asOperator(anId()));
  expect([status, body.code]).toEqual([404, code]);
});
