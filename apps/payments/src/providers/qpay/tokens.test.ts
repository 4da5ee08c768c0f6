import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type QpaySandbox, startQpaySandbox } from '@forecourt/local/qpay-sandbox';
import { type TestClock, testClock, until } from '@forecourt/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PaymentProvider } from '../../provider/provider.ts';
import { qpay } from './provider.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
let clock: TestClock;
let sandbox: QpaySandbox;
let provider: PaymentProvider;
beforeEach(async () => {
  clock = testClock();
  sandbox = await startQpaySandbox({ now: clock });
  provider = signedIn();
});
afterEach(async () => {
  await provider.close();
  await sandbox.close();
});

const signedIn = (wishes: object = {}) => {
  const { url, username, password, invoiceCode } = sandbox;
  return qpay({ url, username, password, invoiceCode, merchantId: username, currency: 'MNT', ...wishes }, clock);
};
const ask = (signal = AbortSignal.timeout(10_000)) => provider.findPayments('some', signal);
const make = () =>
  provider.makeInvoice(
    {
      ...{ number: 'F-1', amount: 100n, currency: 'MNT', description: 'd', payer: 'p' },
      callbackUrl: 'http://127.0.0.1:1/',
      expiresAt: clock(),
    },
    AbortSignal.timeout(10_000),
  );
const count = (path: string) => sandbox.requests.filter((request) => request.path === path).length;
const counts = () => ({ token: count('/auth/token'), refresh: count('/auth/refresh') });

describe('a token', () => {
  test('is asked for once, however many come at the same time, and kept', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ask()));
    await ask();
    expect(counts()).toEqual({ token: 1, refresh: 0 });
    expect(sandbox.requests.find(({ path }) => path === '/auth/token')).toMatchObject({
      authorization: `Basic ${btoa('SANDBOX:sandbox-password')}`,
      body: undefined,
    });
  });

  test.each(['absolute', 'seconds'] as const)(
    'ends when it says, whether that is %s, and is refreshed before',
    async (expiresIn) => {
      sandbox.switches.expiresIn = expiresIn;
      await ask();
      clock.advance(day - minute - 1);
      await ask();
      expect(counts()).toEqual({ token: 1, refresh: 0 });
      clock.advance(1);
      await ask();
      expect(counts()).toEqual({ token: 1, refresh: 1 });
    },
  );

  test('is asked for anew when nobody asked for longer than the refresh token lives', async () => {
    await ask();
    clock.advance(2 * day);
    await ask();
    expect(counts()).toEqual({ token: 2, refresh: 0 });
  });

  test('is asked for anew when refreshing goes wrong, whatever way', async () => {
    await ask();
    for (const how of [401, 500, 'garbage'] as const) {
      clock.advance(day - minute);
      sandbox.fail({ on: 'POST /auth/refresh', how });
      await ask().catch(() => ask());
    }
    expect(counts()).toEqual({ token: 4, refresh: 3 });
  });

  test('that is said to end at once is used for a minute all the same', async () => {
    sandbox.switches.tokenSeconds = 120;
    sandbox.switches.expiresIn = 'absolute';
    await ask();
    clock.advance(minute - 1);
    await ask();
    expect(counts()).toEqual({ token: 1, refresh: 0 });
    clock.advance(1);
    await ask();
    expect(counts()).toEqual({ token: 1, refresh: 1 });
  });

  test('that they forgot is replaced, and the request goes out once more', async () => {
    await ask();
    clock.advance(5_000);
    sandbox.forgetTokens();
    expect(await make()).toMatchObject({ outcome: 'made' });
    expect(counts()).toEqual({ token: 2, refresh: 1 });
    expect(sandbox.invoices()).toHaveLength(1);
  });

  test('is replaced once when many are told at once that it is worth nothing', async () => {
    await ask();
    clock.advance(5_000);
    sandbox.forgetTokens();
    await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(counts()).toEqual({ token: 2, refresh: 1 });
  });

  test('is not asked for again and again by requests that are refused whatever they bring', async () => {
    sandbox.fail({ on: 'POST /invoice', how: 401, times: 100 });
    for (let n = 0; n < 5; n++) expect(await make()).toMatchObject({ outcome: 'refused', passing: true });
    expect(counts()).toEqual({ token: 1, refresh: 0 });
    expect(count('/invoice')).toBe(5);
  });
});

describe('without a token', () => {
  test('a wish is certainly not made, and a wrong password is not tried again at once', async () => {
    await provider.close();
    provider = signedIn({ password: 'canary-of-a-password' });
    const refused = { outcome: 'refused', passing: true, reason: 'gave no token: answered 401 AUTHENTICATION_FAILED' };
    expect(await make()).toMatchObject(refused);
    expect(await make()).toMatchObject(refused);
    expect(counts().token).toBe(1);
    clock.advance(30_000);
    expect(await make()).toMatchObject(refused);
    expect(counts().token).toBe(2);
  });

  test.each([500, 'cut', 'half', 'garbage'] as const)(
    'that %s kept from us nothing was done, and the next may get one',
    async (how) => {
      sandbox.fail({ on: 'POST /auth/token', how });
      expect(await make()).toMatchObject({ outcome: 'refused', passing: true });
      expect(await make()).toMatchObject({ outcome: 'made' });
    },
  );

  test('one who waits no longer leaves the question to the others', async () => {
    sandbox.fail({ on: 'POST /auth/token', how: 'hang' });
    sandbox.switches.slowMs = 0;
    const patient = ask(AbortSignal.timeout(60_000)).catch((error: unknown) => error);
    await until(() => count('/auth/token') === 1);
    const impatient = new AbortController();
    const given = ask(impatient.signal);
    impatient.abort();
    await expect(given).rejects.toMatchObject({ reason: 'gave no token in time', inDoubt: false });
    await sandbox.close(); // which ends the question
    expect(await patient).toMatchObject({ code: 'provider_unavailable', inDoubt: false });
    expect(count('/auth/token')).toBe(1);
  });
});

describe('no secret is in what an error says:', () => {
  let server: Server;
  let behave: (response: ServerResponse) => void;
  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume();
      behave(response);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  test.each([
    [
      'a body that repeats it',
      (response: ServerResponse) => response.writeHead(401).end('{"message":"canary-of-a-password"}'),
    ],
    [
      'a word that looks like one',
      (response: ServerResponse) => response.writeHead(500).end('{"error":"canary-of-a-password"}'),
    ],
    ['an end without an answer', (response: ServerResponse) => response.destroy()],
    ['no JSON', (response: ServerResponse) => response.end('canary-of-a-password')],
  ])('%s', async (_name, how) => {
    behave = how;
    await provider.close();
    provider = signedIn({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`,
      password: 'canary-of-a-password',
    });
    const error = await ask().catch((reason: Error) => reason);
    const said = JSON.stringify([error, await make(), String((error as Error).cause), (error as Error).stack]);
    expect(said).toContain('gave');
    expect(said).not.toContain('canary');
    expect(said).not.toContain(btoa('SANDBOX:canary-of-a-password'));
  });
});
