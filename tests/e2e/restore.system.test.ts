import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@forecourt/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anEnteredDevice } from './bay.ts';
import { aProduct, changeProduct, seenProduct } from './catalogue.ts';
import {
  aDriver,
  aDriversCode,
  anInvoice,
  checkInvoice,
  otpCheck,
  pressAt,
  type SignedInDriver,
} from './driver/app.ts';
import { operate, operatorReads } from './operator.ts';
import { historyOf, lineOf, orderFor, placedOrder, setStock } from './orders.ts';
import { startTestSystem, type TestSystem } from './own-system.ts';
import { aCustomer, aRegistration, signIn } from './people.ts';
import { type HttpClient, httpClient } from './storefront-client.ts';

/*
 * docs/operations.md, "Restoring a dump", with a copy of the database in the place of pg_dump: what a restore leaves behind
 * is the same, but for the cluster's identifier, which is changed by hand for one of the services.
 */

const services = ['identity', 'catalog', 'orders', 'charging', 'payments'] as const;
let system: TestSystem;
let client: HttpClient;

beforeAll(async () => {
  system = await startTestSystem();
  client = httpClient(system.gateway);
}, 120_000);
afterAll(() => system?.stop(), 60_000);

/** On the server, in another database than the system's. */
async function administer(...statements: string[]): Promise<void> {
  const server = new pg.Client({ connectionString: process.env.TEST_POSTGRES_URL });
  await server.connect();
  try {
    for (const statement of statements) await server.query(statement);
  } finally {
    await server.end();
  }
}

const named = () => new URL(system.adminUrl).pathname.slice(1);
const stopServices = () => Promise.all(services.map((service) => system.program(service).stop()));
const startServices = async () => {
  for (const service of services) system.program(service).start();
  await system.ready();
};

async function dump(): Promise<void> {
  await stopServices();
  await administer(`CREATE DATABASE ${named()}_dump TEMPLATE ${named()}`);
  await startServices();
}

async function restore(): Promise<void> {
  await stopServices();
  const database = named();
  await administer(
    `DROP DATABASE ${database} WITH (FORCE)`,
    `ALTER DATABASE ${database}_dump RENAME TO ${database}`,
    ...services.map(
      (name) => `ALTER ROLE ${database}_${name} IN DATABASE ${database} SET search_path = ${name}, public`,
    ),
  );
  const cluster = new pg.Client({ connectionString: system.adminUrl });
  await cluster.connect();
  await cluster.query(`UPDATE orders.outbox_cursor SET system_id = 'another cluster'`);
  await cluster.end();
  await startServices();
}

async function rebuilt(service: string, cause: string): Promise<boolean> {
  const url = system.instances.find(({ name }) => name === service)?.url;
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return new RegExp(`^outbox_rebuilds_total\\{cause="${cause}",.*\\} 1$`, 'm').test(metrics);
}

/** Ends in an error when the stream lacks what was told. */
async function compareStreams(service: (typeof services)[number]): Promise<string> {
  const command = join(import.meta.dirname, '../../packages/messaging/src/streams-cli.ts');
  const env = {
    ...process.env,
    DATABASE_URL: system.databaseUrl(service),
    NATS_URL: system.natsUrl,
    STREAM_PREFIX: system.streamPrefix,
  };
  return (await promisify(execFile)(process.execPath, [command, 'compare'], { env })).stdout;
}

async function balanceOf({ token }: SignedInDriver): Promise<number> {
  const { status, text, body } = await client.post<SignedInDriver>('/api/user/me', undefined, { bearer: token });
  expect(status, text).toBe(200);
  return body.profile.balance;
}

const settled = (driver: SignedInDriver, id: string) =>
  until(async () => (await checkInvoice(driver, id, client)).body.replenishment.status === 'success', {
    timeoutMs: 30_000,
  });

/** Of a kWh, as every driver sees it. */
async function priceOnTheMap(number: string): Promise<number | undefined> {
  const box = 'bottom-left-longitude=-1&bottom-left-latitude=-76&upper-right-longitude=1&upper-right-latitude=-74';
  const path = `/api/devices/by-location?${box}`;
  const { body } = await client.get<{ deviceNumber: string; price: number }[]>(path);
  return body.find(({ deviceNumber }) => deviceNumber === number)?.price;
}

/** What the provider was paid, against our books. */
function reconciled(): Promise<{ listed: unknown; credited: unknown; differences: unknown[] }> {
  const [from, to] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
  return operatorReads(`/admin/ledger/reconciliation?from=${from}&to=${to}`, client);
}

test('after an older dump was restored, every service tells and hears again, and nobody is taken for another', async () => {
  const product = await aProduct({ price: 100 }, client);
  const kept = orderFor([lineOf(product)]);
  await placedOrder(kept, {}, client);
  const registration = aRegistration();
  const customer = await aCustomer(registration, client);
  await setStock(product, 10, client);
  await until(async () => (await seenProduct(product.id, client)).inStock);
  const driver = await aDriver(client);
  const [before, asked] = [await anInvoice(driver, 100, client), await anInvoice(driver, 20, client)];
  await pressAt(before, 'pay');
  await settled(driver, before.invoice_id);
  const device = await anEnteredDevice(client);
  await dump();

  await changeProduct(product, { price: 111 }, client);
  const lost = orderFor([lineOf(product, { price: 111 })]);
  await placedOrder(lost, {}, client);
  await operate('patch', `/admin/devices/${device.deviceId}`, { price: 650 }, client);
  await until(async () => (await priceOnTheMap(device.number)) === 650);
  for (const quantity of [0, 5, 0]) await setStock(product, quantity, client);
  await until(async () => !(await seenProduct(product.id, client)).inStock);
  const forgotten = await anInvoice(driver, 3, client);
  for (const invoice of [asked, forgotten]) {
    await pressAt(invoice, 'pay');
    await settled(driver, invoice.invoice_id);
  }
  expect(await balanceOf(driver)).toBe(123);
  const { refreshToken } = customer.tokens;
  expect((await client.post('/auth/logout', { refreshToken }, customer.auth)).status).toBeLessThan(300);
  // What a relay has not told yet, nobody knows to be forgotten.
  for (const service of services) await until(() => compareStreams(service));
  await restore();

  for (const service of services) await until(() => rebuilt(service, 'database_went_back'), { timeoutMs: 30_000 });
  expect(await rebuilt('orders', 'database_restored')).toBe(true);
  expect((await historyOf(kept, client)).body).toHaveLength(1);
  expect((await historyOf(lost, client)).body).toEqual([]);

  // Who had paid has it again, once: the provider is asked. Of an invoice that the dump lacks, an operator is told.
  const { phone, code } = await aDriversCode(driver.profile.phone, { client, count: 2 });
  const { body: again } = await otpCheck(phone, code, client);
  await settled(again, asked.invoice_id);
  expect(await balanceOf(again)).toBe(120);
  expect((await checkInvoice(again, forgotten.invoice_id, client)).status).toBe(404);
  expect(await reconciled()).toMatchObject({
    listed: { count: 3, amount: 123 },
    credited: { count: 2, amount: 120 },
    differences: [{ fault: 'not_booked', listed: { status: 'paid', amount: 3 }, booked: null }],
  });

  // The map is that of the dump, and follows what is changed from there.
  await until(async () => (await priceOnTheMap(device.number)) === 700);
  await operate('patch', `/admin/devices/${device.deviceId}`, { price: 720 }, client);
  await until(async () => (await priceOnTheMap(device.number)) === 720);

  // What is told now is above all that others have heard of the time that is gone.
  const line = lineOf(product, { price: 100 });
  await placedOrder(orderFor([line]), {}, client);
  await changeProduct(product, { price: 120 }, client);
  await placedOrder(orderFor([{ ...line, price: 120 }]), {}, client);
  await setStock(product, 0, client);
  await until(async () => !(await seenProduct(product.id, client)).inStock);
  await setStock(product, 3, client);
  await until(async () => (await seenProduct(product.id, client)).inStock);

  expect((await client.post('/auth/refresh', { refreshToken })).status).toBe(401);
  expect((await client.get('/me', customer.auth)).status).toBe(401);
  expect((await signIn(registration.email, registration.password, registration.clientId, client)).status).toBe(201);

  expect((await client.post('/api/user/me', undefined, { bearer: driver.token })).status).not.toBe(200);
  for (const service of services) expect(await compareStreams(service)).toMatch(/^type\t/);
}, 240_000);
