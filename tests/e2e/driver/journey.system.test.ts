import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { until } from '@forecourt/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askForCode, codeTo, enterCode } from '../codes.ts';
import { signatureOf } from '../device.ts';
import { anApp } from '../mobile-app.ts';
import { aColleague, operate, operatorReads } from '../operator.ts';
import { startTestSystem, type TestSystem } from '../own-system.ts';
import { operatorBearer } from '../people.ts';
import { type HttpClient, httpClient } from '../storefront-client.ts';
import { aDriversCode, anInvoice, checkInvoice, e164, otpCheck, pressAt, type SignedInDriver } from './app.ts';
import { bothForms, type Listener, listenAs } from './listener.ts';

let system: TestSystem;
let client: HttpClient;
beforeAll(async () => {
  system = await startTestSystem();
  client = httpClient(system.gateway);
}, 120_000);
afterAll(() => system?.stop(), 60_000);

interface StatementLine {
  transferId: string;
  kind: string;
  amount: number;
  balance: number;
  operatorId: string | null;
  reason: string | null;
  at: string;
}

/** As an operator at a shell does it. */
function ledgerVerify(): Promise<{ status: number; said: string }> {
  const command = [join(import.meta.dirname, '../../../infra/local/launch.mjs'), 'ledger:verify'];
  const env = { ...process.env, DATABASE_URL: system.databaseUrl('payments') };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });
}

/** Past every trigger, as only a superuser can. */
async function forge(statement: string): Promise<void> {
  const database = new pg.Client({ connectionString: system.adminUrl });
  await database.connect();
  try {
    await database.query('SET session_replication_role = replica');
    const { rowCount } = await database.query(statement);
    expect(rowCount).toBe(1);
  } finally {
    await database.end();
  }
}

const driverMe = async (token: string) =>
  (await client.post<SignedInDriver>('/api/user/me', undefined, { bearer: token })).body;

async function hears({ heard }: Listener, count: number): Promise<void> {
  await until(() => heard.length >= count, { timeoutMs: 20_000, message: `${count} messages were not heard` });
}

test('a driver pays in, hears of it, and finds it in every app; operators correct it, and the books add up', async () => {
  const { phone, code } = await aDriversCode(undefined, { client });
  const { status, body: driver, text } = await otpCheck(phone, code, client);
  expect(status, text).toBe(200);
  const { topic } = driver.nats;
  const listener = await listenAs(driver.nats);

  const invoice = await anInvoice(driver, 10_069, client);
  expect((await checkInvoice(driver, invoice.invoice_id, client)).body).toEqual({
    replenishment: { status: 'pending', amount: 10_069 },
  });
  await pressAt(invoice, 'pay');
  await hears(listener, 2);
  expect((await checkInvoice(driver, invoice.invoice_id, client)).body).toEqual({
    replenishment: { status: 'success', amount: 10_069 },
  });
  await pressAt(await anInvoice(driver, 100.5, client), 'pay');
  await hears(listener, 4);
  expect(listener.heard).toEqual([...bothForms(topic, 10_069), ...bothForms(topic, 100.5)]);
  expect((await driverMe(driver.token)).profile.balance).toBe(10_169.5);

  // The same person at the shop, and in the app that signs its requests.
  const asked = await askForCode(client, e164(phone));
  const shop = await enterCode(asked, await codeTo(e164(phone), client, 2), client);
  expect(shop.status, shop.text).toBe(201);
  const auth = { bearer: shop.body.tokens.accessToken };
  const customerId = shop.body.customer.id;
  const wallet = async () => (await client.get('/me/wallet', auth)).body;
  expect(await wallet()).toEqual({ currency: 'UAH', balance: 10_169.5, available: 10_169.5 });
  const app = await anApp(e164(phone), (to) => codeTo(to, client, 3), client);
  const account = '/api/client/mobile/1.0/account';
  const seenByTheApp = () => client.get(account, { headers: signatureOf(app, { path: account }) });
  expect(await seenByTheApp()).toMatchObject({ status: 200, body: { balance: 10_169.5, currency: 980 } });

  const accountId = `wallet:${customerId}:UAH`;
  const proposal = { key: randomUUID(), accountId, amount: -69.25, reason: 'Учора списали двічі' };
  const { id } = await operate<{ id: string }>('post', '/admin/ledger/adjustments', proposal, client);
  const approve = `/admin/ledger/adjustments/${id}/approve`;
  expect(await client.post(approve, undefined, await operatorBearer(client))).toMatchObject({
    status: 403,
    body: { code: 'second_operator_needed' },
  });
  expect(await wallet()).toMatchObject({ balance: 10_169.5 });
  expect(await client.post(approve, undefined, await aColleague(client))).toMatchObject({
    status: 200,
    body: { status: 'approved', amount: -69.25 },
  });
  expect(await wallet()).toEqual({ currency: 'UAH', balance: 10_100.25, available: 10_100.25 });
  expect((await driverMe(driver.token)).profile.balance).toBe(10_100.25);
  expect(await seenByTheApp()).toMatchObject({ body: { balance: 10_100.25 } });

  const moves = [
    { kind: 'adjustment', amount: -69.25, balance: 10_100.25 },
    { kind: 'replenishment', amount: 100.5, balance: 10_169.5 },
    { kind: 'replenishment', amount: 10_069, balance: 10_069 },
  ];
  const own = await client.get('/me/wallet/statement', auth);
  expect(own).toMatchObject({ status: 200, body: { items: moves, next: null } });
  expect(own.text).not.toContain(proposal.reason);

  const statement = `/admin/ledger/accounts/${encodeURIComponent(accountId)}/statement`;
  const { items } = await operatorReads<{ items: StatementLine[] }>(statement, client);
  expect(items).toMatchObject([
    { ...moves[0], reason: proposal.reason, operatorId: expect.any(String) },
    moves[1],
    moves[2],
  ]);
  const csv = await client.get<string>(statement, {
    ...(await operatorBearer(client)),
    headers: { accept: 'text/csv' },
  });
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const rows = csv.text.trimEnd().split('\r\n');
  expect(rows[0]).toBe('at,transfer,kind,amount,balance,reference,refunds,operator,reason');
  expect(rows.slice(1).map((row) => row.split(',').slice(0, 5))).toEqual(
    items.map(({ at, transferId, kind, amount, balance }) => [at, transferId, kind, String(amount), String(balance)]),
  );

  const noted = await operatorReads<{ listed: unknown; credited: unknown; differences: unknown[] }>(
    `/admin/ledger/reconciliation?from=${anHourFromNow(-1)}&to=${anHourFromNow(1)}`,
    client,
  );
  const paid = { count: 2, amount: 10_169.5 };
  expect(noted).toMatchObject({ listed: paid, credited: paid, differences: [] });

  // Nothing more was heard of it by now: a correction is no payment.
  await listener.connection.flush();
  expect(listener.heard).toHaveLength(4);
  await listener.connection.close();
});

const anHourFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

test('the books are added up again: nothing is wrong with them, until a superuser forges a posting', async () => {
  const before = await ledgerVerify();
  expect(before).toMatchObject({ status: 0, said: expect.stringContaining('all adds up') });
  expect(before.said).toMatch(/\b3 transfers, 6 postings\b/);

  const dearest = `id = (SELECT id FROM payments.posting ORDER BY amount DESC LIMIT 1)`;
  await forge(`UPDATE payments.posting SET amount = amount + 1 WHERE ${dearest}`);
  const found = await ledgerVerify();
  expect(found.status).toBe(1);
  expect(found.said).toContain('the ledger does not add up to zero: UAH is 1, should be 0');
  expect(found.said).toMatch(/^a transfer does not add up to zero: [0-9a-f]{24} is 1 of 2/m);
  expect(found.said).toMatch(/^an account is not the sum of its postings: .+ is 1010025, should be 1010026$/m);

  await forge(`UPDATE payments.posting SET amount = amount - 1 WHERE ${dearest}`);
  expect(await ledgerVerify()).toMatchObject({ status: 0 });
});

test('the service itself, with its own rights, cannot change what was posted', async () => {
  const database = new pg.Client({ connectionString: system.databaseUrl('payments') });
  await database.connect();
  try {
    for (const statement of [
      'UPDATE posting SET amount = amount + 1',
      'DELETE FROM posting',
      'TRUNCATE posting CASCADE',
      'DELETE FROM transfer',
      `UPDATE transfer SET kind = 'fee'`,
      'SET session_replication_role = replica',
    ]) {
      await expect(database.query(statement), statement).rejects.toThrow();
    }
  } finally {
    await database.end();
  }
  expect(await ledgerVerify()).toMatchObject({ status: 0 });
});
