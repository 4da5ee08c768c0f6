import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { exchangeCredential } from '@forecourt/contracts';
import { operators, storefront } from '@forecourt/dialects';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { answer } from '@forecourt/messaging';
import { createClosing, createLog } from '@forecourt/service-kit';
import { createTestNats, layCable, type TestNats, until } from '@forecourt/testing';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { z } from 'zod';
import { readConfig } from '../src/config.ts';
import { connectForQuestions } from '../src/questions.ts';
import type { Row } from '../src/routes.ts';
import { aGateway, aService, raw, rawRequest } from './system.ts';

type Question = z.output<typeof exchangeCredential.request>;

const credential = 'hmac 7:1:canary-digest';
const date = 'Tue, 24 Jan 2017 16:24:27 +0600';

let nats: TestNats;
beforeEach(async () => {
  const connection = await createTestNats();
  nats = connection;
  onTestFinished(() => connection.close());
});

/** Identity, as far as the gateway asks it: gives a token, or what it is told to say. */
async function anIdentity(say: (question: Question) => Promise<string> = async () => 'a.short.token') {
  const asked: Question[] = [];
  const answering = answer(nats, exchangeCredential, async (question) => {
    asked.push(question);
    return { accessToken: await say(question), expiresAt: new Date('2026-01-01T00:00:00Z') };
  });
  await nats.connection.flush();
  return { asked, leave: () => answering.close() };
}

const refusing = (code: ErrorCode) => () => Promise.reject(new AppError(code, 'no'));

async function aSystem(wishes: Parameters<typeof aGateway>[0] = {}) {
  const service = await aService();
  const services = {
    identity: service.origin,
    catalog: service.origin,
    orders: service.origin,
    charging: service.origin,
    payments: service.origin,
  };
  const gateway = await aGateway({ services, nats, ...wishes });
  const call = async (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) => {
    const response = await fetch(gateway.origin + path, {
      ...init,
      headers: { authentication: credential, ...headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };
  return { ...gateway, service, call };
}

describe('a signed request', () => {
  test('reaches the service with a bearer token instead of its signature, and nothing of it is in the log', async () => {
    const { asked } = await anIdentity();
    const { call, service, logged } = await aSystem();
    const { status } = await call('/me/orders?page=1&x=%20', { 'x-hive-date': date, 'hive-profile': 'demo' });
    expect(status).toBe(200);
    const [{ headers, url }] = service.seen as [(typeof service.seen)[number]];
    expect(url).toBe('/me/orders?page=1&x=%20');
    expect(headers).toMatchObject({ authorization: 'Bearer a.short.token', 'hive-profile': 'demo' });
    expect(headers).not.toHaveProperty('authentication');
    expect(asked).toEqual([{ method: 'GET', path: '/me/orders', date, authentication: credential, profile: 'demo' }]);
    await until(() => logged.some(({ msg }) => msg === 'request answered'));
    expect(JSON.stringify(logged)).not.toMatch(/canary-digest|a\.short\.token/);
  });

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    'of %s is asked about by that method',
    async (method) => {
      const { asked } = await anIdentity();
      const { call, service } = await aSystem();
      await call('/orders', {}, { method });
      expect(asked).toMatchObject([{ method, path: '/orders' }]);
      expect(service.seen).toMatchObject([{ method, headers: { authorization: 'Bearer a.short.token' } }]);
    },
  );

  test('is asked about by its path exactly as it was written', async () => {
    const { asked } = await anIdentity();
    const { port } = await aSystem();
    const path = '/products/bur%20801%D0%B1~!*';
    for (const target of [`${path}?a=/b?c`, `http://shop.example${path}`]) {
      await raw(port, rawRequest(`GET ${target}`, [`authentication: ${credential}`]));
    }
    expect(asked.map((question) => question.path)).toEqual([path, path]);
  });

  test.each([
    ['X-Hive-Date before Date', [`date: ${date}`, 'x-hive-date: another'], 'another'],
    ['Date', [`date: ${date}`], date],
    ['no date as none', [], null],
    ['two dates as both', ['x-hive-date: a', 'x-hive-date: b'], 'a, b'],
  ])('hands on %s', async (_, headers, expected) => {
    const { asked } = await anIdentity();
    const { port } = await aSystem();
    await raw(port, rawRequest('GET /me', [`authentication: ${credential}`, ...headers]));
    expect(asked).toMatchObject([{ date: expected, profile: null }]);
  });

  test('with two signatures is asked about with both, so that neither is believed alone', async () => {
    const { asked } = await anIdentity();
    const { port } = await aSystem();
    await raw(port, rawRequest('GET /me', [`authentication: ${credential}`, 'Authentication: hmac 8:1:x']));
    expect(asked).toMatchObject([{ authentication: `${credential}, hmac 8:1:x` }]);
  });

  test('carries its body on', async () => {
    await anIdentity();
    const { call, service } = await aSystem();
    await call('/orders', {}, { method: 'POST', body: '{"a":1}' });
    expect(service.seen).toMatchObject([{ body: '{"a":1}' }]);
  });

  test('may become a socket', async () => {
    const { asked } = await anIdentity();
    const rows: Row[] = [{ path: '/feed', service: 'catalog', dialect: storefront, websocket: true }];
    const { port, service } = await aSystem({ rows });
    const upgrades: Record<string, unknown>[] = [];
    new WebSocketServer({ server: service.server }).on('connection', (_socket, request) => {
      upgrades.push(request.headers);
    });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/feed?a=b`, { headers: { authentication: credential } });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    expect(asked).toMatchObject([{ method: 'GET', path: '/feed' }]);
    expect(upgrades).toMatchObject([{ authorization: 'Bearer a.short.token' }]);
    expect(upgrades[0]).not.toHaveProperty('authentication');
  });
});

describe('a signed request is refused', () => {
  test.each([
    ['signature_wrong', 401],
    ['header_malformed', 400],
    ['request_stale', 400],
    ['request_replayed', 400],
    ['app_profile_unknown', 400],
    ['overloaded', 503],
  ] as const)(
    'with %s as a %i in the manners of the API that was called, and no service hears of it',
    async (code, status) => {
      await anIdentity(refusing(code));
      const { call, service } = await aSystem();
      const shop = await call('/me', { 'accept-language': 'en' });
      const staff = await call('/admin/orders', { 'accept-language': 'en' });
      expect([shop.status, staff.status]).toEqual([status, status]);
      const context = { language: 'en', requestId: 'r' } as const;
      const said = (dialect: typeof storefront, params = {}) =>
        dialect.refuse(new AppError(code, 'no', params), context).body as Record<string, unknown>;
      expect(JSON.parse(shop.text)).toEqual(said(storefront));
      expect(JSON.parse(staff.text)).toMatchObject({ ...said(operators), requestId: expect.any(String) });
      expect(service.seen).toEqual([]);
    },
  );

  test('when it bears a token, too', async () => {
    const { asked } = await anIdentity();
    const { call, service } = await aSystem();
    expect((await call('/me', { authorization: 'Bearer x' })).status).toBe(400);
    expect([...asked, ...service.seen]).toEqual([]);
  });

  test('while identity is away, when others are answered', async () => {
    const identity = await anIdentity();
    await identity.leave();
    const { call, origin } = await aSystem();
    const refused = await call('/me');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await fetch(`${origin}/me`, { headers: { authorization: 'Bearer x' } })).status).toBe(200);
  });

  test('when identity does not answer in time', async () => {
    await anIdentity(() => new Promise(() => undefined));
    const { call, service } = await aSystem();
    expect((await call('/me')).status).toBe(504);
    expect(service.seen).toEqual([]);
  });
});

describe('a client that leaves while its signature is checked', () => {
  // Longer than a test may take: no time-out does what the client's leaving should.
  const env = { BODY_TIMEOUT_MS: '60000', RESPONSE_TIMEOUT_MS: '60000' };

  test.each([
    ['before its body is complete', { 'content-length': 100 }, 'half'],
    ['with nothing more to say', {}, ''],
  ])('%s troubles no service', async (_, headers, body) => {
    const [asked, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await anIdentity(async () => {
      asked.resolve();
      await goOn.promise;
      return 'a.short.token';
    });
    const { port, origin, service, logged } = await aSystem({ env });
    const call = requestHttp({
      port,
      path: '/orders',
      method: 'POST',
      headers: { authentication: credential, ...headers },
    });
    call.on('error', () => undefined);
    if (body) call.write(body);
    else call.end();
    await asked.promise;
    call.destroy();
    await until(() => logged.some(({ msg }) => msg === 'client left'));
    goOn.resolve();
    expect((await fetch(`${origin}/orders/history`)).status).toBe(200);
    expect(service.seen).toMatchObject([{ method: 'GET' }]);
  });
});

describe('wrong signatures from one address', () => {
  const env = { LIMIT_CREDENTIALS: '3' };

  test('use up an allowance, and after it are told to wait', async () => {
    await anIdentity(refusing('signature_wrong'));
    const { call } = await aSystem({ env });
    const statuses: number[] = [];
    for (let guess = 0; guess < 5; guess += 1) statuses.push((await call('/me')).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect(Number((await call('/me')).headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('keep nobody there from signing rightly, nor from logging in', async () => {
    let wrong = true;
    await anIdentity(() => (wrong ? refusing('signature_wrong')() : Promise.resolve('a.short.token')));
    const { call, origin } = await aSystem({ env });
    for (let guess = 0; guess < 5; guess += 1) await call('/me');
    wrong = false;
    expect((await call('/me')).status).toBe(200);
    expect((await fetch(`${origin}/auth/login`, { method: 'POST' })).status).toBe(200);
  });
});

describe('kept answers', () => {
  async function aShop() {
    const shop = { answers: 0 };
    const catalog = await aService((request, response) => {
      if (request.url?.startsWith('/internal/'))
        return response.end(JSON.stringify({ revision: 'a.1', changed: null }));
      shop.answers += 1;
      const whose = request.headers.authorization ?? 'nobody';
      response
        .writeHead(200, { vary: 'Accept-Language', 'x-internal-revision': 'a.1' })
        .end(`${shop.answers} ${whose}`);
    });
    const { origin } = await aGateway({ services: { catalog: catalog.origin }, nats });
    const get = async (headers: Record<string, string> = {}) => {
      const response = await fetch(`${origin}/products`, { headers });
      return response.ok ? response.text() : response.status;
    };
    return { shop, get };
  }
  const signed = { authentication: credential };

  test('are given to a signed request as to anybody, and one that a signed request had asked for is nobody’s own', async () => {
    const { asked } = await anIdentity();
    const { get } = await aShop();
    expect(await get(signed)).toBe('1 nobody');
    expect(await get()).toBe('1 nobody');
    expect(await get(signed)).toBe('1 nobody');
    expect(asked).toHaveLength(2);
  });

  test('are not given to a wrong signature', async () => {
    await anIdentity(refusing('signature_wrong'));
    const { get } = await aShop();
    expect(await get()).toBe('1 nobody');
    expect(await get(signed)).toBe(401);
  });

  test('are passed by, with the token, by who wants no kept one', async () => {
    await anIdentity();
    const { get } = await aShop();
    expect(await get({ ...signed, 'cache-control': 'no-cache' })).toBe('1 Bearer a.short.token');
    expect(await get()).toBe('2 nobody');
  });
});

test('a page for developers alone takes no signature, and is told none', async () => {
  const { asked } = await anIdentity();
  const { call, service } = await aSystem();
  expect((await call('/dev/messages')).status).toBe(200);
  expect(asked).toEqual([]);
  expect(service.seen[0]?.headers).not.toHaveProperty('authentication');
});

test('the gateway is ready without NATS, refuses what is signed alone, and exchanges once NATS is there', async () => {
  await anIdentity();
  const cable = await layCable(nats.url);
  cable.cut();
  const logged: { msg?: string }[] = [];
  const log = createLog({
    service: 'gateway',
    level: 'info',
    destination: { write: (line) => void logged.push(JSON.parse(line)) },
  });
  const closing = createClosing(log);
  onTestFinished(() => closing.close().then(cable.close));
  const config = readConfig({ NODE_ENV: 'test', NATS_URL: cable.url, STREAM_PREFIX: nats.streamPrefix });
  const connection = connectForQuestions(config, { log, onClose: closing.onClose });
  await until(() => logged.some(({ msg }) => msg?.startsWith('NATS is away')));

  const service = await aService((_request, response) => response.end('{"ready":true,"checks":{}}'));
  const services = {
    identity: service.origin,
    catalog: service.origin,
    orders: service.origin,
    charging: service.origin,
    payments: service.origin,
  };
  const { origin } = await aGateway({ services, nats: connection });
  const statusOf = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(origin + path, { headers })).status;
  const signed = { authentication: credential };
  expect(await statusOf('/health/ready')).toBe(200);
  expect(await statusOf('/me')).toBe(200);
  expect(await statusOf('/me', signed)).toBe(503);

  cable.mend();
  await until(async () => (await statusOf('/me', signed)) === 200);
  cable.cut();
  await until(async () => (await statusOf('/me', signed)) === 503);
  expect([await statusOf('/health/ready'), await statusOf('/me')]).toEqual([200, 200]);
  cable.mend();
  await until(async () => (await statusOf('/me', signed)) === 200);
});
