import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateway } from '../storefront-client.ts';
import {
  aDriver,
  anInvoice,
  type Checked,
  checkInvoice,
  type DriverRefusal,
  type Invoice,
  pressAt,
  type SignedInDriver,
} from './app.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
let driver: SignedInDriver;
beforeAll(async () => {
  driver = await aDriver();
});

const replenish = (body: unknown, headers: Record<string, string> = {}) =>
  gateway.post<Invoice & DriverRefusal>('/api/customer/replenish', body, { bearer: driver.token, headers });

/** A path with a version answers as the one without. */
describe.each(['/api', '/api/v1'])('%s/customer', (base) => {
  const post = <Body>(path: string, body?: unknown) =>
    gateway.post<Body>(`${base}/customer/${path}`, body, { bearer: driver.token });

  test('replenish answers as printed, and what the page says about it is told as printed', async () => {
    const { status, headers, body } = await post<Invoice>('replenish', { amount: 10069 });
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({ invoice_id: expect.stringMatching(uuid), url: expect.stringMatching(/^https?:\/\/\S+$/) });
    const check = async () => (await post<Checked>(`replenishment/${body.invoice_id}`)).body;
    expect(await check()).toEqual({ replenishment: { status: 'pending', amount: 10069 } });
    await pressAt(body, 'pay');
    const settled = await until(
      async () => {
        const checked = await check();
        return checked.replenishment.status === 'pending' ? undefined : checked;
      },
      { timeoutMs: 20_000 },
    );
    expect(settled).toEqual({ replenishment: { status: 'success', amount: 10069 } });
  });

  test('errors are said in the form and the language of the document', async () => {
    const { status, body } = await post<DriverRefusal>('replenish', { amount: 0 });
    expect([status, body]).toEqual([
      400,
      { error: { code: 'amount_out_of_range', message: expect.stringMatching(/[а-яөү]/i) } },
    ]);
    expect(await post<DriverRefusal>(`replenishment/${randomUUID()}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'invoice_not_found', message: expect.stringMatching(/[а-яөү]/i) } },
    });
    const stranger = await gateway.post<DriverRefusal>(`${base}/customer/replenish`, { amount: 10069 });
    expect([stranger.status, Object.keys(stranger.body.error)]).toEqual([401, ['code', 'message']]);
  });
});

test.each([[0], [-10069], [0.001], [1e15], ['10069'], [null], [[10069]], [undefined]])(
  'an amount of %j is a 400, whoever reads it',
  async (amount) => {
    const { status, body } = await replenish({ amount }, { 'accept-language': 'en' });
    expect(status).toBe(400);
    expect(body).toEqual({ error: { code: expect.any(String), message: expect.stringMatching(/^[\x20-\x7e]+$/) } });
  },
);

test('an invoice that is somebody else’s is a 404, as one that nobody has', async () => {
  const { invoice_id } = await anInvoice(driver, 10069);
  const theirs = await checkInvoice(await aDriver(), invoice_id);
  const nobodys = await checkInvoice(driver, randomUUID());
  expect([theirs.status, nobodys.status]).toEqual([404, 404]);
  expect(theirs.body).toEqual(nobodys.body);
});

test('an invoice that is called off at the provider is canceled, and no money came', async () => {
  const before = (await gateway.post<SignedInDriver>('/api/user/me', undefined, { bearer: driver.token })).body;
  const invoice = await anInvoice(driver, 500);
  await pressAt(invoice, 'cancel');
  const checked = await checkInvoice(driver, invoice.invoice_id);
  expect(checked).toMatchObject({ status: 200, body: { replenishment: { status: 'canceled', amount: 500 } } });
  const after = (await gateway.post<SignedInDriver>('/api/user/me', undefined, { bearer: driver.token })).body;
  expect(after.profile.balance).toBe(before.profile.balance);
});

test('while the provider is away nobody gets an invoice, and is told so; afterwards everybody does', async () => {
  const { origin } = new URL((await anInvoice(driver, 10)).url);
  const sandbox = async (switches: object) => {
    const headers = { 'content-type': 'application/json' };
    const set = await fetch(`${origin}/sandbox/switches`, { method: 'PUT', headers, body: JSON.stringify(switches) });
    expect(set.status).toBe(200);
  };
  await sandbox({ down: true });
  try {
    expect(await replenish({ amount: 10069 })).toMatchObject({
      status: 503,
      body: { error: { code: 'provider_unavailable', message: expect.stringMatching(/[а-яөү]/i) } },
    });
  } finally {
    await sandbox({ down: false });
  }
  await until(async () => (await replenish({ amount: 10069 })).status === 200);
});
