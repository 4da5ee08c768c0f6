import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeTo } from '../codes.ts';
import { messageSaying } from '../mailbox.ts';
import { system } from '../running-system.ts';
import { chromium, openPage, type Page } from './browser.ts';
import { aPackage, guest } from './packages.ts';
import { aSubscriber, done, type Envelope, refused } from './site.ts';

interface Fetched {
  status: number;
  body: Envelope<Record<string, unknown>>;
  verification: string | null;
  authorization: string | null;
}

let page: Page;
/** Of the gateway; where a page of its own may call it. */
let origin: string;
/** A site of somebody else's, on the same host. */
let elsewhere: Server;
let foreign: string;

const withoutBrowser = chromium === undefined;

beforeAll(async () => {
  if (withoutBrowser) return;
  origin = new URL(system.gatewayUrl).origin;
  elsewhere = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Elsewhere</title>'),
  );
  elsewhere.listen(0);
  await once(elsewhere, 'listening');
  foreign = `${new URL(origin).hostname}:${(elsewhere.address() as AddressInfo).port}`;
  page = await openPage();
});
afterAll(async () => {
  await page?.close();
  elsewhere?.close();
});

/** As the site's own scripts do: cookies go along by themselves. */
const fetched = (method: string, path: string, body?: unknown): Promise<Fetched> =>
  page.run(`(async () => {
    const response = await fetch(${JSON.stringify(path)}, {
      method: ${JSON.stringify(method)},
      ${body === undefined ? '' : `headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(body))},`}
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? null : JSON.parse(text),
      verification: response.headers.get('x-verification'),
      authorization: response.headers.get('authorization'),
    };
  })()`);

const cookieNamed = async (name: string) => (await page.cookies(origin)).find((cookie) => cookie.name === name);
const atHome = () => page.goTo(`${origin}/docs`);

async function signIn() {
  await atHome();
  const subscriber = await aSubscriber();
  const asked = await fetched('POST', '/register', { clientId: subscriber.clientId });
  expect(asked).toMatchObject({ status: 200, body: done });
  const code = Number(await codeTo(subscriber.phone));
  const entered = await fetched('POST', '/validate', { code });
  expect(entered).toMatchObject({ status: 200, body: done });
  return { ...subscriber, asked, entered };
}

test('what needs a browser has one, or it is said aloud that nothing of it was tried', () => {
  if (withoutBrowser) console.warn('NOT TESTED: no Chromium here, so no page has tried the session cookie. CHROMIUM=…');
  else expect(chromium).toMatch(/\S/);
});

describe.skipIf(withoutBrowser)('a browser', () => {
  test('signs in with nothing but what the answers set, and is somebody from then on', async () => {
    const { person, asked, entered } = await signIn();
    expect(asked.verification).toMatch(/^[0-9a-f-]{36}$/);
    expect(entered.authorization).toMatch(/^Bearer sub_[\w-]{43}$/);
    expect(await fetched('GET', '/me')).toMatchObject({ status: 200, body: { id: person.customer.id } });
    expect(await fetched('PATCH', '/me', { name: 'ნინო' })).toMatchObject({ status: 200, body: { name: 'ნინო' } });
  });

  test('keeps the session where no script reads it, and forgets the code’s request', async () => {
    const { entered } = await signIn();
    const session = await cookieNamed('session');
    expect(session).toMatchObject({
      value: entered.authorization?.replace('Bearer ', ''),
      httpOnly: true,
      sameSite: 'Lax',
      secure: false,
    });
    expect(await cookieNamed('verification')).toBeUndefined();
    expect(await page.run('document.cookie')).toBe('');
  });

  test('has the code’s request in a cookie until it is entered, tries and all', async () => {
    await atHome();
    const { clientId, phone } = await aSubscriber();
    const { verification } = await fetched('POST', '/restore', { clientId });
    expect(await cookieNamed('verification')).toMatchObject({ value: verification, httpOnly: true, sameSite: 'Lax' });
    const code = Number(await codeTo(phone));
    const wrong = code === 999_999 ? 100_000 : code + 1;
    expect(await fetched('POST', '/validate', { code: wrong })).toMatchObject({ status: 400, body: refused(3) });
    expect(await fetched('POST', '/validate', { code })).toMatchObject({ status: 200, body: done });
    expect(await fetched('POST', '/validate', { code })).toMatchObject({ status: 400, body: refused(3) });
  });

  test('orders as a guest, confirms by the code alone that came, and sees what is its own', async () => {
    await atHome();
    const [first, second] = [await aPackage({ price: 0 }), await aPackage()];
    const wish = guest(first.number);
    const ordered = await fetched('POST', '/order', wish);
    const clientId = ordered.body.data.clientId as number;
    expect(ordered).toMatchObject({ status: 200, body: { data: { clientId }, success: true, errorCode: 0 } });
    expect(await cookieNamed('verification')).toMatchObject({ value: ordered.verification, httpOnly: true });
    const phone = `+995${wish.phoneNumber}`;
    const code = Number(await codeTo(phone));
    expect(await fetched('POST', '/validate', { code })).toMatchObject({ status: 200, body: done });
    const own = () => fetched('GET', `/client/${clientId}`);
    await until(async () => (await own()).body.data.isActive === true);
    expect((await own()).body.data).toEqual({
      isActive: true,
      balance: 0,
      expireDate: expect.stringMatching(/Z$/),
      products: [first.number],
    });
    expect(await fetched('GET', `/client/${clientId + 1}`)).toMatchObject({ status: 403, body: refused(10) });

    const again = () => fetched('POST', '/order', { isUser: true, clientId, productId: second.number });
    const signedIn = await until(async () => {
      const tried = await again();
      return tried.status === 429 ? undefined : tried;
    });
    expect(signedIn).toMatchObject({ status: 200, body: done });
    expect(await fetched('POST', '/resend', { clientId })).toMatchObject({ status: 429, body: refused(6) });
    // News of the package say a year, too.
    const next = await messageSaying(phone, new RegExp(`(?<!\\d)(?!${code})\\d{6}(?!\\d)`));
    expect(await fetched('POST', '/validate', { code: Number(/\d{6}/.exec(next.text)?.[0]) })).toMatchObject({
      status: 200,
      body: done,
    });
  });

  test('has the code sent again, and the one before is worth nothing', async () => {
    await atHome();
    const { clientId, phone } = await aSubscriber();
    const first = await fetched('POST', '/register', { clientId });
    const before = Number(await codeTo(phone));
    const again = await until(async () => {
      const tried = await fetched('POST', '/resend', { clientId });
      return tried.status === 429 ? undefined : tried;
    });
    expect(again.verification).toBe(first.verification);
    const code = Number(await codeTo(phone, undefined, 2));
    expect(await fetched('POST', '/validate', { code: before })).toMatchObject({ status: 400, body: refused(3) });
    expect(await fetched('POST', '/validate', { code })).toMatchObject({ status: 200, body: done });
  });

  test('reads what calls cost without signing in', async () => {
    await atHome();
    const { status, body } = await fetched('GET', '/calls');
    expect([status, body]).toEqual([200, { data: { cities: expect.any(Array) }, success: true, errorCode: 0 }]);
  });

  test('signs out: the session is over and the cookie is gone', async () => {
    const { entered } = await signIn();
    expect((await fetched('POST', '/auth/logout')).status).toBe(204);
    expect(await cookieNamed('session')).toBeUndefined();
    expect((await fetched('GET', '/me')).status).toBe(401);
    const token = entered.authorization as string;
    const again = () =>
      page.run<number>(
        `fetch('/me', { headers: { authorization: ${JSON.stringify(token)} } }).then(({ status }) => status)`,
      );
    await until(async () => (await again()) === 401);
  });
});

describe.skipIf(withoutBrowser)('another site’s page', () => {
  /** Sends a form, as any page can without asking, and waits for what comes of it. */
  const submits = (path: string) =>
    page.run<string>(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.name = 'target';
      const form = document.createElement('form');
      Object.assign(form, { method: 'POST', action: ${JSON.stringify(origin)} + ${JSON.stringify(path)}, target: 'target' });
      document.body.append(frame, form);
      // Whatever came of it is another origin's: it can only be seen that something did.
      const wait = () => fetch('/').then(() => resolve('sent'));
      frame.addEventListener('load', wait);
      form.submit();
    })`);
  const calls = (path: string, init: object) =>
    page.run<string>(
      `fetch(${JSON.stringify(`${origin}${path}`)}, ${JSON.stringify(init)}).then(({ type, status }) => type + ' ' + status, () => 'blocked')`,
    );

  test('on the same host changes nothing by the cookie that the browser sends along', async () => {
    await signIn();
    await page.goTo(`http://${foreign}/`);
    await submits('/auth/logout');
    expect(await calls('/auth/logout', { method: 'POST', credentials: 'include', mode: 'no-cors' })).toBe('blocked');
    expect(await calls('/me', { method: 'DELETE', credentials: 'include' })).toBe('blocked');
    expect(await calls('/me', { credentials: 'include' })).toBe('blocked');
    await atHome();
    expect((await fetched('GET', '/me')).status).toBe(200);
  });

  test('on another host has no cookie sent along at all', async () => {
    await signIn();
    const other = new URL(origin).hostname === 'localhost' ? '127.0.0.1' : 'localhost';
    await page.goTo(`http://${other}:${foreign.split(':').at(-1)}/`);
    await submits('/auth/logout');
    expect(await calls('/auth/logout', { method: 'POST', credentials: 'include', mode: 'no-cors' })).toBe('blocked');
    await atHome();
    expect((await fetched('GET', '/me')).status).toBe(200);
  });
});
