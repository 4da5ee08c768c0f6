import { randomBytes } from 'node:crypto';
import { exchangeToken } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { answer } from '@forecourt/messaging';
import { createTestNats, type TestNats, until } from '@forecourt/testing';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { routes } from '../src/routes.ts';
import { aGateway, aService, raw, rawRequest } from './system.ts';

let nats: TestNats;
beforeEach(async () => {
  const connection = await createTestNats();
  nats = connection;
  onTestFinished(() => connection.close());
});

const aToken = (kind = 'sub') => `${kind}_${randomBytes(32).toString('base64url')}`;
const cookie = (token: string) => ({ cookie: `session=${token}` });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const nobodys = () => Promise.reject(new AppError('unauthenticated', 'no'));
const forgotten = 'session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax';

/** Identity, as far as it is asked what a token is worth. */
async function anIdentity(say: (token: string) => Promise<string> = async (token) => `for.${token}`) {
  const asked: string[] = [];
  const answering = answer(nats, exchangeToken, async ({ token }) => {
    asked.push(token);
    return { accessToken: await say(token), expiresAt: new Date(Date.now() + 60_000) };
  });
  await nats.connection.flush();
  return { asked, leave: () => answering.close() };
}

async function aSystem(wishes: Parameters<typeof aGateway>[0] = {}, respond?: Parameters<typeof aService>[0]) {
  const service = await aService(respond);
  const services = Object.fromEntries(
    ['identity', 'catalog', 'orders', 'charging', 'payments'].map((name) => [name, service.origin]),
  );
  const gateway = await aGateway({ services, nats, ...wishes });
  const call = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(gateway.origin + path, { method, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  /** Without what the gateway itself asks. */
  const asked = () => service.seen.filter(({ url }) => !url.startsWith('/internal/'));
  return { ...gateway, service, call, seen: asked, borne: () => asked().map(({ headers }) => headers.authorization) };
}

/** Every path that the world can reach, once; public answers are asked for as nobody. */
const everywhere = routes
  .filter(({ developmentOnly, websocket, kept }) => !developmentOnly && !websocket && !kept)
  .map(({ path }) => path.replace(/\/\*$/, '').replaceAll(/:\w+/g, 'x'));

describe('a session cookie', () => {
  test('reaches every service as an access token and as nothing else; other cookies go on', async () => {
    const token = aToken();
    const { asked } = await anIdentity();
    const { call, seen, borne, logged } = await aSystem();
    for (const path of everywhere) await call('GET', path, { cookie: `a=1; session=${token}; verification=x` });
    expect(everywhere.length).toBeGreaterThan(80);
    expect(new Set(borne())).toEqual(new Set([`Bearer for.${token}`]));
    expect(new Set(seen().map(({ headers }) => headers.cookie))).toEqual(new Set(['a=1; verification=x']));
    expect(asked).toEqual([token]);
    await until(() => logged.some(({ msg }) => msg === 'request answered'));
    expect(JSON.stringify(logged)).not.toContain(token.slice(4));
  });

  test('reaches no service however it is spaced', async () => {
    const token = aToken();
    await anIdentity();
    const { call, seen } = await aSystem();
    await call('GET', '/me', { cookie: `a=1;session = ${token}` });
    expect(seen()).toMatchObject([{ headers: { cookie: 'a=1', authorization: `Bearer for.${token}` } }]);
  });

  test('that is all there is leaves no header behind', async () => {
    await anIdentity();
    const { call, seen } = await aSystem();
    await call('GET', '/me', cookie(aToken()));
    expect(seen()).toMatchObject([{ headers: { authorization: expect.any(String) } }]);
    expect(seen()[0]?.headers).not.toHaveProperty('cookie');
  });

  test('gives way to a bearer token, whatever either is worth', async () => {
    const [mine, other] = [aToken(), aToken()];
    const { asked } = await anIdentity();
    const { call, borne } = await aSystem();
    await call('GET', '/me', { ...cookie(mine), ...bearer(other) });
    await call('GET', '/me', { ...cookie(mine), ...bearer('a.b.c') });
    expect(borne()).toEqual([`Bearer for.${other}`, 'Bearer a.b.c']);
    expect(asked).toEqual([other]);
  });

  test.each([
    ['twice with two values', `session=${'sub_'.padEnd(47, 'a')}; session=${'sub_'.padEnd(47, 'b')}`],
    ['of another form', 'session=sub_short'],
    ["with an app's token", `session=${aToken('drv')}`],
    ['with a key', `session=${aToken('key')}`],
    ['with an access token', 'session=a.b.c'],
    ['of another name', `Session=${aToken()}`],
  ])('%s is none', async (_, header) => {
    const { asked } = await anIdentity();
    const { call, borne } = await aSystem();
    expect((await call('GET', '/me', { cookie: header })).status).toBe(200);
    expect([asked, borne()]).toEqual([[], [undefined]]);
  });

  test('of nobody counts as none, and the browser is told to forget it', async () => {
    await anIdentity(nobodys);
    const { call, borne } = await aSystem();
    for (const method of ['GET', 'POST']) {
      const answered = await call(method, '/orders', { ...cookie(aToken()), 'sec-fetch-site': 'cross-site' });
      expect([answered.status, answered.headers.get('set-cookie')]).toEqual([200, forgotten]);
    }
    expect(borne()).toEqual([undefined, undefined]);
  });

  test('of nobody is no guess: however many come from a network, nobody there is refused', async () => {
    await anIdentity(nobodys);
    const { call } = await aSystem({ env: { LIMIT_CREDENTIALS: '2' } });
    for (let n = 0; n < 6; n += 1) expect((await call('GET', '/me', cookie(aToken()))).status).toBe(200);
  });

  test('is a 503 while identity cannot be asked, and nobody is signed out by our trouble', async () => {
    const { call, service } = await aSystem();
    const answered = await call('GET', '/me', cookie(aToken()));
    expect([answered.status, answered.headers.get('set-cookie'), service.seen]).toEqual([503, null, []]);
  });

  test('is not asked about for what is the same for everybody', async () => {
    const { asked } = await anIdentity();
    const { call, borne } = await aSystem();
    await call('GET', '/products', cookie(aToken()));
    expect([asked, borne()]).toEqual([[], [undefined]]);
  });
});

describe('what changes something by a cookie alone', () => {
  const changing = ['POST', 'PUT', 'PATCH', 'DELETE'];

  test.each([
    ['another site’s page', { 'sec-fetch-site': 'cross-site' }],
    ['another origin of our site', { 'sec-fetch-site': 'same-site' }],
    ['no page', { 'sec-fetch-site': 'none' }],
    ['a page that says it is ours, which the browser does not', { 'sec-fetch-site': 'cross-site', origin: 'OWN' }],
    ['an old browser on another site', { origin: 'https://evil.example' }],
    ['an old browser in a sandbox', { origin: 'null' }],
    ['our host by another scheme', { origin: 'https://OWNHOST' }],
  ])('from %s is refused everywhere, in the words of the path', async (_, headers) => {
    await anIdentity();
    const { call, service, origin } = await aSystem();
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        value.replace('OWNHOST', new URL(origin).host).replace('OWN', origin),
      ]),
    );
    const token = aToken();
    for (const method of changing) {
      const refused = await call(method, '/register', { ...cookie(token), ...sent });
      expect([refused.status, JSON.parse(refused.text)]).toEqual([403, { data: {}, success: false, errorCode: 10 }]);
    }
    for (const path of everywhere.filter((path) => !path.startsWith('/api/client/mobile'))) {
      expect((await call('POST', path, { ...cookie(token), ...sent })).status).toBe(403);
    }
    expect(service.seen.filter(({ url }) => !url.startsWith('/internal/'))).toEqual([]);
  });

  test.each([
    ['our own page', { 'sec-fetch-site': 'same-origin' }],
    ['our own page in an old browser', { origin: 'OWN' }],
    ['no browser', {}],
  ])('from %s goes on', async (_, headers) => {
    await anIdentity();
    const { call, origin } = await aSystem();
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('OWN', origin)]),
    );
    for (const method of changing) {
      expect((await call(method, '/me', { ...cookie(aToken()), ...sent })).status).toBe(200);
    }
  });

  test('is asked nothing when it changes nothing, or has a token of its own beside the cookie', async () => {
    await anIdentity();
    const { call } = await aSystem();
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    for (const method of ['GET', 'HEAD']) {
      expect((await call(method, '/me', { ...cookie(aToken()), ...foreign })).status).toBe(200);
    }
    expect((await call('POST', '/me', { ...cookie(aToken()), ...bearer('a.b.c'), ...foreign })).status).toBe(200);
  });
});

describe('signing out', () => {
  test.each([
    ['by the cookie', (token: string) => cookie(token)],
    ['by the same token as a bearer', (token: string) => ({ ...cookie(token), ...bearer(token) })],
  ])('%s makes the browser forget it', async (_, headersOf) => {
    await anIdentity();
    const { call } = await aSystem();
    const answered = await call('POST', '/auth/logout', headersOf(aToken()));
    expect(answered.headers.get('set-cookie')).toBe(forgotten);
  });

  test('elsewhere leaves the cookie, and so does a refusal', async () => {
    await anIdentity();
    const { call } = await aSystem();
    const other = await call('POST', '/auth/logout', { ...cookie(aToken()), ...bearer(aToken()) });
    expect(other.headers.get('set-cookie')).toBeNull();
    const { call: refusing } = await aSystem({}, (_request, response) => response.writeHead(503).end());
    expect((await refusing('POST', '/auth/logout', cookie(aToken()))).headers.get('set-cookie')).toBeNull();
  });
});

test('what a service says of cookies is what counts: a new session is not forgotten with the old one', async () => {
  await anIdentity(nobodys);
  const fresh = ['session=sub_new; Path=/', 'verification=; Path=/'];
  const { call } = await aSystem({}, (_request, response) => response.writeHead(200, { 'set-cookie': fresh }).end());
  const answered = await call('POST', '/validate', cookie(aToken()));
  expect(answered.headers.getSetCookie()).toEqual(fresh);
});

describe('a site’s token as a bearer', () => {
  test('is taken on every path, and needs no origin', async () => {
    const token = aToken();
    await anIdentity();
    const { call, borne } = await aSystem();
    for (const path of everywhere) await call('PUT', path, { ...bearer(token), 'sec-fetch-site': 'cross-site' });
    expect(new Set(borne())).toEqual(new Set([`Bearer for.${token}`]));
  });

  test('that is worth nothing goes on as it came, and uses up an allowance by address', async () => {
    await anIdentity(nobodys);
    const { call, borne } = await aSystem({ env: { LIMIT_CREDENTIALS: '2' } });
    const token = aToken();
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await call('GET', '/me', bearer(token))).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect(borne()).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
  });
});

describe('a key of a service account', () => {
  const taking = routes.filter(({ partnerKeys }) => partnerKeys).map(({ path }) => path.replaceAll(/:\w+/g, 'x'));

  test('is exchanged on the rows that take one', async () => {
    const key = aToken('key');
    const { asked } = await anIdentity();
    const { call, borne } = await aSystem();
    expect(taking).toHaveLength(2);
    for (const path of taking) await call('GET', path.replace(/\/\*$/, ''), bearer(key));
    expect(new Set(borne())).toEqual(new Set([`Bearer for.${key}`]));
    expect(asked).toEqual([key]);
  });

  test('is no credential elsewhere, and nobody is asked', async () => {
    const key = aToken('key');
    const { asked } = await anIdentity();
    const { call, borne } = await aSystem();
    const others = everywhere.filter((path) => !taking.includes(path));
    for (const path of others) await call('GET', path, bearer(key));
    expect(others.length).toBeGreaterThan(80);
    expect([asked, new Set(borne())]).toEqual([[], new Set([`Bearer ${key}`])]);
  });
});

test('a cookie in two headers is read as one list', async () => {
  const token = aToken();
  await anIdentity();
  const { port, seen } = await aSystem();
  await raw(port, rawRequest('GET /me', ['cookie: a=1', `cookie: session=${token}`]));
  expect(seen()).toMatchObject([{ headers: { cookie: 'a=1', authorization: `Bearer for.${token}` } }]);
});
