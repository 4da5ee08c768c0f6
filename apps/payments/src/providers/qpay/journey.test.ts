import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type QpaySandbox, startQpaySandbox } from '@forecourt/local/qpay-sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { openTill, type Till } from '../../../test/till.ts';
import { startWorker } from '../../replenishment/worker.ts';

const password = 'canary-of-a-qpay-password';
let till: Till;
let sandbox: QpaySandbox;
let gateway: Server;
let worker: ReturnType<typeof startWorker>;
beforeAll(async () => {
  // What the world reaches the service by.
  gateway = createServer((request, response) => {
    void till.get(request.url ?? '').then(({ status, text }) => response.writeHead(status).end(text));
  });
  await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening));
  sandbox = await startQpaySandbox({ currency: 'UAH', password, now: () => till.runtime.clock() });
  till = await openTill({
    env: {
      PUBLIC_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      PAYMENT_PROVIDER: 'qpay',
      QPAY_URL: sandbox.url,
      QPAY_USERNAME: sandbox.username,
      QPAY_PASSWORD: password,
      QPAY_INVOICE_CODE: sandbox.invoiceCode,
    },
  });
  worker = startWorker(till.deps);
  till.deps.hints.listen(worker.wake);
});
afterAll(async () => {
  await worker.close();
  await till.close();
  await sandbox.close();
  gateway.closeAllConnections();
  await new Promise((closed) => gateway.close(closed));
});
beforeEach(() => {
  Object.assign(sandbox.switches, { callback: 'once', pay: 'whole' });
});

const patience = { timeout: 15_000 };
async function replenish(amount = 10_069) {
  const customerId = anId();
  const headers = await till.asCustomer(customerId);
  const { status, body } = await till.post('/api/customer/replenish', { amount }, headers);
  expect(status).toBe(200);
  const { invoice_id: id, url } = body as { invoice_id: string; url: string };
  return {
    ...{ id, url, headers },
    ref: sandbox.invoices().find((invoice) => url.endsWith(invoice.code))?.id ?? '',
    press: (action: string) => fetch(url, { method: 'POST', body: new URLSearchParams({ action }) }),
    balance: async () => (await till.walletOf(customerId)).balance,
    check: async () => (await till.post(`/api/customer/replenishment/${id}`, undefined, headers)).body.replenishment,
  };
}

describe('a driver who pays at QPay', () => {
  test.each([
    ['whole', 'once', 1_006_900n],
    ['whole', 'twice', 1_006_900n],
    ['twice', 'once', 2_013_800n],
    ['twice', 'twice', 2_013_800n],
    ['too-much', 'once', 1_510_350n],
  ] as const)('%s, and is called back for %s, has it in the wallet once', async (pay, callback, balance) => {
    Object.assign(sandbox.switches, { pay, callback });
    const driver = await replenish();
    expect((await driver.press('pay')).status).toBe(200);
    await expect.poll(driver.balance, patience).toBe(balance);
    expect(sandbox.callbacks.at(-1)).toMatchObject({ status: 200, text: 'SUCCESS' });
    expect(await driver.check()).toMatchObject({ status: 'success' });
    expect(await driver.balance()).toBe(balance);
  });

  test('in two parts has each of them', async () => {
    const driver = await replenish(100);
    await driver.press('partly');
    await expect.poll(driver.balance, patience).toBe(5_000n);
    till.runtime.clock.advance(60_000);
    await driver.press('pay');
    await expect.poll(driver.balance, patience).toBe(10_000n);
    expect(await driver.check()).toMatchObject({ status: 'success' });
  });

  test('without being called back has it by looking', async () => {
    sandbox.switches.callback = 'never';
    const driver = await replenish(100);
    await driver.press('pay');
    till.runtime.clock.advance(10_001);
    await expect.poll(driver.check, patience).toEqual({ status: 'success', amount: 100 });
    expect(await driver.balance()).toBe(10_000n);
  });
});

test('a driver who cancels has paid nothing', async () => {
  const driver = await replenish(100);
  await driver.press('cancel');
  till.runtime.clock.advance(10_001);
  await expect.poll(driver.check, patience).toEqual({ status: 'canceled', amount: 100 });
  expect(await driver.balance()).toBe(0n);
});

test('a forged callback pays nothing', async () => {
  const driver = await replenish(100);
  const before = sandbox.requests.length;
  expect(await sandbox.callBack(driver.ref, { paymentId: '493622150113497' })).toMatchObject({ status: 200 });
  await expect.poll(() => sandbox.requests.length, patience).toBeGreaterThan(before);
  expect(await driver.check()).toEqual({ status: 'pending', amount: 100 });
  expect(await driver.balance()).toBe(0n);
});

test('an invoice whose answer was lost is made again under another number, and paid where it was lost it counts', async () => {
  sandbox.fail({ on: 'POST /invoice', how: 'cut', done: true });
  const driver = await replenish(100);
  const [lost, told] = sandbox.invoices().slice(-2);
  expect([lost?.number, told?.number]).toEqual([driver.id, `${driver.id}-2`]);
  sandbox.pay(lost?.id ?? '');
  await expect.poll(driver.balance, patience).toBe(10_000n);
});

test('QPay’s password is in no table and in no event', async () => {
  const { database } = till.runtime;
  const tables = await database.$queryRaw<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'payments' AND table_type = 'BASE TABLE'`;
  expect(tables.length).toBeGreaterThan(8);
  for (const { name } of tables) {
    const { rows } = await database.pool.query(`SELECT "${name}"::text AS line FROM payments."${name}"`);
    expect(JSON.stringify(rows)).not.toContain('canary');
  }
});
