import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type QpaySandbox, type QpaySandboxOptions, startQpaySandbox } from './sandbox.ts';

let sandbox: QpaySandbox;
let now = new Date('2026-03-01T10:00:00Z');
const heard: { method: string | undefined; url: string | undefined }[] = [];
let shop: Server;
let callbackUrl: string;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  now = new Date('2026-03-01T10:00:00Z');
  heard.length = 0;
  shop = createServer(({ method, url }: IncomingMessage, response) => {
    heard.push({ method, url });
    response.end('SUCCESS');
  });
  await new Promise<void>((listening) => shop.listen(0, '127.0.0.1', listening));
  callbackUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/callback?ours=1`;
  sandbox = await start();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  shop.closeAllConnections();
  await new Promise((closed) => shop.close(closed));
});

async function start(options: QpaySandboxOptions = {}): Promise<QpaySandbox> {
  const started = await startQpaySandbox({ now: () => now, ...options });
  closing.push(started.close);
  return started;
}

const basic = (password = sandbox.password) => `Basic ${btoa(`${sandbox.username}:${password}`)}`;
async function ask(method: string, path: string, options: { body?: unknown; authorization?: string } = {}) {
  const { body, authorization = `Bearer ${await signIn()}` } = options;
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: whatever it is, the assertion says so
  return { status: response.status, body: (await response.json()) as any };
}
const signIn = async () => {
  const response = await fetch(`${sandbox.url}/auth/token`, { method: 'POST', headers: { authorization: basic() } });
  return ((await response.json()) as { access_token: string }).access_token;
};
const makeInvoice = async (wishes: object = {}) =>
  ask('POST', '/invoice', {
    body: {
      invoice_code: sandbox.invoiceCode,
      sender_invoice_no: 'F-1',
      invoice_receiver_code: 'terminal',
      invoice_description: 'Top up <b>',
      amount: 100.5,
      callback_url: callbackUrl,
      ...wishes,
    },
  });
const check = (id: string, offset?: object) =>
  ask('POST', '/payment/check', { body: { object_type: 'INVOICE', object_id: id, ...(offset && { offset }) } });

describe('tokens', () => {
  test('end at a second of the clock, and are no token with another password', async () => {
    const { body } = await ask('POST', '/auth/token', { authorization: basic() });
    expect(body).toMatchObject({ expires_in: now.getTime() / 1000 + 86_400, 'not-before-policy': '0' });
    expect(await ask('POST', '/auth/token', { authorization: basic('wrong') })).toEqual({
      status: 401,
      body: { message: 'AUTHENTICATION_FAILED' },
    });
  });

  test('serve until their end, and can be made anew until the refresh token ends', async () => {
    const { body } = await ask('POST', '/auth/token', { authorization: basic() });
    const read = () => ask('GET', '/invoice/none', { authorization: `Bearer ${body.access_token}` });
    const refresh = () => ask('POST', '/auth/refresh', { authorization: `Bearer ${body.refresh_token}` });
    expect((await read()).status).toBe(404);
    now = new Date(now.getTime() + 86_400_000);
    expect(await read()).toEqual({ status: 401, body: { message: 'NO_CREDENDIALS' } });
    expect((await refresh()).body).toHaveProperty('access_token');
    now = new Date(now.getTime() + 86_400_000);
    expect((await refresh()).status).toBe(401);
  });
});

describe('an invoice', () => {
  test('is made, paid and closed, in QPay’s mixture of texts and numbers', async () => {
    const { body } = await makeInvoice();
    expect(body).toMatchObject({ invoice_id: expect.stringMatching(/^[0-9a-f-]{36}$/), urls: expect.any(Array) });
    const id = body.invoice_id;
    expect((await check(id)).body).toEqual({ count: 0, rows: [] });
    const payment = sandbox.pay(id);
    const { body: checked } = await check(id);
    expect(checked).toMatchObject({ count: 1, paid_amount: 100.5 });
    expect(checked.rows[0]).toMatchObject({
      payment_status: 'PAID',
      payment_amount: '100.50',
      payment_currency: 'MNT',
    });
    expect(String(checked.rows[0].payment_id)).toBe(payment.id);
    expect((await ask('GET', `/invoice/${id}`)).body).toMatchObject({
      invoice_status: 'CLOSED',
      sender_invoice_no: 'F-1',
      total_amount: '100.50',
      gross_amount: 100.5,
    });
    expect((await ask('GET', `/payment/${payment.id}`)).body).toMatchObject({
      object_id: id,
      payment_amount: '100.50',
    });
  });

  test.each([
    [{ invoice_code: 'SOMEBODY' }, 'INVOICE_CODE_INVALID'],
    [{ amount: 0 }, 'INVALID_REQUEST'],
    [{ amount: '100' }, 'INVALID_REQUEST'],
    [{ amount: 1.005 }, 'INVALID_REQUEST'],
    [{ sender_invoice_no: 'x'.repeat(46) }, 'INVALID_REQUEST'],
    [{ callback_url: 'nowhere' }, 'INVALID_REQUEST'],
  ])('with %j is refused: %s', async (wishes, word) => {
    expect(await makeInvoice(wishes)).toEqual({ status: 400, body: { message: word } });
    expect(sandbox.invoices()).toEqual([]);
  });

  test('is called off once, unless it is paid', async () => {
    const { invoice_id: id } = (await makeInvoice()).body;
    expect(await ask('DELETE', `/invoice/${id}`)).toEqual({ status: 200, body: {} });
    expect((await ask('DELETE', `/invoice/${id}`)).body).toEqual({ message: 'INVOICE_ALREADY_CANCELED' });
    expect((await ask('GET', `/invoice/${id}`)).body.invoice_status).toBe('CANCELED');
    expect(() => sandbox.pay(id)).toThrow('INVOICE_ALREADY_CANCELED');

    const { invoice_id: paid } = (await makeInvoice()).body;
    sandbox.pay(paid, { amount: 1 });
    expect((await ask('DELETE', `/invoice/${paid}`)).body).toEqual({ message: 'INVOICE_PAID' });
    expect((await ask('DELETE', '/invoice/none')).body).toEqual({ message: 'INVOICE_NOTFOUND' });
  });

  test('under a used number is another one, or is refused', async () => {
    const first = (await makeInvoice()).body.invoice_id;
    expect((await makeInvoice()).body.invoice_id).not.toBe(first);
    sandbox.switches.repeatedNumber = 'refused';
    expect((await makeInvoice()).status).toBe(409);
  });

  test('can be paid after it was canceled, by money that was on its way', async () => {
    const { invoice_id: id } = (await makeInvoice()).body;
    sandbox.cancel(id);
    sandbox.pay(id, { anyway: true });
    expect((await check(id)).body.count).toBe(1);
    expect(sandbox.invoices()[0]?.status).toBe('CANCELED');
  });
});

describe('payments', () => {
  test('are listed by time, page by page, and given back', async () => {
    const { invoice_id: id } = (await makeInvoice()).body;
    for (const hour of [10, 11, 12]) {
      now = new Date(Date.UTC(2026, 2, 1, hour));
      sandbox.pay(id, { amount: 10 });
    }
    const list = async (body: object) =>
      (await ask('POST', '/payment/list', { body: { object_type: 'MERCHANT', object_id: 'm', ...body } })).body;
    const between = { start_date: '2026-03-01T11:00:00Z', end_date: '2026-03-01T11:30:00Z' };
    expect(await list(between)).toMatchObject({
      count: 1,
      rows: [{ object_id: id, payment_date: '2026-03-01T11:00:00.000Z' }],
    });
    const second = await list({ offset: { page_number: 2, page_limit: 2 } });
    expect(second).toMatchObject({ count: 3, rows: [{ payment_date: '2026-03-01T12:00:00.000Z' }] });
    await ask('DELETE', `/payment/refund/${second.rows[0].payment_id}`);
    expect((await check(id)).body).toMatchObject({ count: 3, paid_amount: 20 });
    expect((await check(id, { page_number: 3, page_limit: 1 })).body.rows).toMatchObject([
      { payment_status: 'REFUND' },
    ]);
  });
});

describe('a payment is called back', () => {
  test.each([
    ['once', 1],
    ['twice', 2],
  ] as const)('%s, with its id behind our own parameters', async (callback, times) => {
    sandbox.switches.callback = callback;
    const { invoice_id: id } = (await makeInvoice()).body;
    const payment = sandbox.pay(id);
    await vi.waitFor(() => expect(sandbox.callbacks).toHaveLength(times));
    expect(heard).toEqual(Array(times).fill({ method: 'GET', url: `/callback?ours=1&qpay_payment_id=${payment.id}` }));
    expect(sandbox.callbacks[0]).toMatchObject({ status: 200, text: 'SUCCESS' });
  });

  test('never, or late, or by POST, as told', async () => {
    const { invoice_id: id } = (await makeInvoice()).body;
    sandbox.switches.callback = 'never';
    sandbox.pay(id, { amount: 1 });
    Object.assign(sandbox.switches, { callback: 'late', lateMs: 20, callbackMethod: 'POST' });
    const late = sandbox.pay(id, { amount: 2 });
    await vi.waitFor(() => expect(heard).not.toEqual([]));
    expect(heard).toEqual([{ method: 'POST', url: `/callback?ours=1&qpay_payment_id=${late.id}` }]);
    expect(await sandbox.callBack(id, { paymentId: 'forged', method: 'GET' })).toMatchObject({ status: 200 });
  });

  test('to a shop that is away, which is written down', async () => {
    const { invoice_id: id } = (await makeInvoice({ callback_url: 'http://127.0.0.1:1/' })).body;
    sandbox.pay(id, { silently: true });
    expect(await sandbox.callBack(id)).toMatchObject({ status: null });
  });
});

describe('what goes wrong', () => {
  test('once, before or after it did what it was asked', async () => {
    sandbox.fail({ on: 'POST /invoice', how: 503 });
    expect((await makeInvoice()).status).toBe(503);
    expect(sandbox.invoices()).toHaveLength(0);
    sandbox.fail({ on: 'POST /invoice', how: 500, done: true });
    expect((await makeInvoice()).status).toBe(500);
    expect(sandbox.invoices()).toHaveLength(1);
    expect((await makeInvoice()).status).toBe(200);
  });

  test.each([['cut'], ['half'], ['garbage']] as const)('with an answer that is %s', async (how) => {
    for (const done of [false, true]) {
      sandbox.fail({ on: 'POST /invoice', how, done });
      await expect(makeInvoice()).rejects.toThrow();
    }
    expect(sandbox.invoices()).toHaveLength(1);
  });

  test('by silence, which its end ends', async () => {
    sandbox.fail({ on: 'POST /payment/check', how: 'hang' });
    const asked = check('none').catch((error: Error) => error.message);
    await vi.waitFor(() => expect(sandbox.requests.at(-1)?.path).toBe('/payment/check'));
    await sandbox.close();
    expect(await asked).toBe('fetch failed');
  });

  test.each([
    ['error_code', { error_code: 'INVOICE_NOTFOUND', message: 'Алдаа гарлаа' }],
    ['error', { error: 'INVOICE_NOTFOUND', message: 'Алдаа гарлаа' }],
  ] as const)('with the word at %s', async (errorAt, body) => {
    sandbox.switches.errorAt = errorAt;
    expect((await ask('GET', '/invoice/none')).body).toEqual(body);
  });

  test('by hand, from outside of the process', async () => {
    const put = (body: object) =>
      fetch(`${sandbox.origin}/sandbox/switches`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await put({ down: true })).status).toBe(200);
    expect((await ask('GET', '/invoice/none', { authorization: 'x' })).status).toBe(500);
    expect((await put({ down: 'perhaps' })).status).toBe(400);
    expect((await put({ unknown: 1 })).status).toBe(400);
    expect(sandbox.switches.down).toBe(true);
  });
});

describe('the page', () => {
  const pageOf = async (wishes: object = {}) => {
    const { invoice_id: id, qPay_shortUrl: url } = (await makeInvoice(wishes)).body;
    const read = async () => (await fetch(url)).text();
    const post = (body: string) =>
      fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
    return { id, url, read, post, invoice: () => sandbox.invoices().find((invoice) => invoice.id === id) };
  };

  test('shows what is to be paid, and two buttons that post to its own address', async () => {
    const { read } = await pageOf();
    const text = await read();
    expect(text).toContain('MNT 100.50'.replace(' ', '\u00a0'));
    expect(text).toContain('Top up &lt;b&gt;');
    expect(text).toContain('<form method="post">');
    expect(text).toMatch(/<button[^>]* name="action" value="pay">Pay<\/button>/);
    expect(text).toMatch(/<button[^>]* name="action" value="cancel">Cancel<\/button>/);
  });

  test('pays, and then offers nothing more', async () => {
    const { post, read, invoice, url } = await pageOf();
    const response = await post('action=pay');
    expect(response).toMatchObject({ status: 200, url, redirected: true });
    expect(await response.text()).toContain('Paid. You can close this page.');
    expect(await read()).not.toContain('<button');
    await post('action=pay');
    await post('action=cancel');
    expect(invoice()).toMatchObject({ status: 'CLOSED', payments: [{ amount: 10_050 }] });
  });

  test('cancels', async () => {
    const { post, invoice } = await pageOf();
    expect(await (await post('action=cancel')).text()).toContain('This invoice was canceled.');
    await post('action=pay');
    expect(invoice()).toMatchObject({ status: 'CANCELED', payments: [] });
  });

  test.each([
    ['partly', 'OPEN', [5025]],
    ['twice', 'CLOSED', [10_050, 10_050]],
    ['too-much', 'CLOSED', [15_075]],
  ] as const)('pays %s, by a button or by the switch', async (how, status, amounts) => {
    for (const action of [how, 'pay']) {
      sandbox.switches.pay = how;
      const { post, invoice } = await pageOf();
      await post(`action=${action}`);
      expect(invoice()?.status).toBe(status);
      expect(invoice()?.payments.map(({ amount }) => amount)).toEqual(amounts);
    }
  });

  test('says when an invoice has expired, and pays it no more', async () => {
    const { read, post, invoice } = await pageOf({ enable_expiry: true, expiry_date: '2026-03-01T10:05:00Z' });
    now = new Date('2026-03-01T10:05:00Z');
    expect(await read()).toContain('This invoice has expired.');
    await post('action=pay');
    expect(invoice()?.payments).toEqual([]);
  });

  test('knows what to do with nonsense', async () => {
    const { post } = await pageOf();
    expect((await post('action=steal')).status).toBe(400);
    expect((await post('')).status).toBe(400);
    expect((await fetch(`${sandbox.origin}/pay/nothing`)).status).toBe(404);
  });

  test('of all invoices changes how the sandbox behaves', async () => {
    await pageOf();
    const text = await (await fetch(sandbox.origin)).text();
    expect(text).toContain('>F-1</a>');
    const form = new URLSearchParams({
      slowMs: '5',
      down: 'on',
      callback: 'never',
      lateMs: '10',
      callbackMethod: 'POST',
      pay: 'twice',
      payment: 'PAID',
      repeatedNumber: 'refused',
      canceled: 'CANCELLED',
      errorAt: 'error',
      expiresIn: 'seconds',
      tokenSeconds: '600',
    });
    const response = await fetch(sandbox.origin, { method: 'POST', body: form });
    expect(response.redirected).toBe(true);
    expect(sandbox.switches).toMatchObject({
      slowMs: 5,
      down: true,
      callback: 'never',
      pay: 'twice',
      tokenSeconds: 600,
    });
    form.set('callback', 'perhaps');
    expect((await fetch(sandbox.origin, { method: 'POST', body: form })).status).toBe(400);
  });
});

test('with a file it remembers what was paid, also when it was killed in the middle of a line', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'forecourt-qpay-'));
  const file = join(directory, 'sandbox.jsonl');
  try {
    sandbox = await start({ file });
    const { invoice_id: id } = (await makeInvoice()).body;
    const payment = sandbox.pay(id, { silently: true });
    await sandbox.close();
    await appendFile(file, '{"id":"half of');
    sandbox = await start({ file });
    expect(sandbox.invoices()).toMatchObject([{ id, status: 'CLOSED', payments: [{ id: payment.id }] }]);
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(2);
  } finally {
    await rm(directory, { recursive: true });
  }
});
