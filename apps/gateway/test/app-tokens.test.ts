import { randomBytes } from 'node:crypto';
import { exchangeToken } from '@forecourt/contracts';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { answer } from '@forecourt/messaging';
import { createTestNats, layCable, type TestNats, until } from '@forecourt/testing';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { routes } from '../src/routes.ts';
import { aGateway, aService, raw, rawRequest } from './system.ts';

let nats: TestNats;
beforeEach(async () => {
  const connection = await createTestNats();
  nats = connection;
  onTestFinished(() => connection.close());
});

const aToken = () => `drv_${randomBytes(32).toString('base64url')}`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Identity, as far as it is asked about apps' tokens. */
async function anIdentity(say: (token: string) => Promise<string> = async () => 'a.short.token', seconds = 60) {
  const asked: string[] = [];
  const answering = answer(nats, exchangeToken, async ({ token }) => {
    asked.push(token);
    return { accessToken: await say(token), expiresAt: new Date(Date.now() + seconds * 1000) };
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
    payments: service.origin,
  };
  const gateway = await aGateway({ services, nats, ...wishes });
  const call = async (path: string, headers: Record<string, string> = {}, method = 'POST') => {
    const response = await fetch(gateway.origin + path, { method, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  /** Without what the gateway itself asks. */
  const borne = () =>
    service.seen.filter(({ url }) => !url.startsWith('/internal/')).map(({ headers }) => headers.authorization);
  return { ...gateway, service, call, borne };
}

describe("an app's token", () => {
  test('reaches the service as an access token, and nothing of it is in the log', async () => {
    const token = aToken();
    const { asked } = await anIdentity();
    const { call, service, borne, logged } = await aSystem();
    expect((await call('/api/user/me', bearer(token))).status).toBe(200);
    expect(asked).toEqual([token]);
    expect(borne()).toEqual(['Bearer a.short.token']);
    expect(JSON.stringify(service.seen)).not.toContain(token);
    await until(() => logged.some(({ msg }) => msg === 'request answered'));
    expect(JSON.stringify(logged)).not.toContain(token.slice(4));
  });

  test('costs one question, however many requests it comes with, at once or one after the other', async () => {
    const { asked } = await anIdentity();
    const { call, borne } = await aSystem();
    const token = aToken();
    await Promise.all(Array.from({ length: 20 }, () => call('/api/user/me', bearer(token))));
    await call('/api/customer/update-info', bearer(token));
    expect(asked).toEqual([token]);
    expect(borne()).toEqual(Array(21).fill('Bearer a.short.token'));
  });

  test('is worth what it is worth: two of them never get one another’s', async () => {
    await anIdentity(async (token) => `for.${token}`);
    const { call, borne } = await aSystem();
    const tokens = Array.from({ length: 10 }, aToken);
    await Promise.all([...tokens, ...tokens].map((token) => call('/api/user/me', bearer(token))));
    expect(borne().sort()).toEqual([...tokens, ...tokens].map((token) => `Bearer for.${token}`).sort());
  });

  test.each([5, 0, -100])('is asked about anew when the access token has %i seconds left', async (seconds) => {
    const { asked } = await anIdentity(undefined, seconds);
    const { call } = await aSystem();
    const token = aToken();
    await call('/api/user/me', bearer(token));
    await until(async () => {
      await call('/api/user/me', bearer(token));
      return asked.length > 1;
    });
  });

  test.each([
    ['/api/user/me', '/api/user/me'],
    ['/auth/logout', '/auth/logout'],
    ['/api/v1/user/me?a=/b?c', '/api/user/me?a=/b?c'],
  ])('is taken at %s', async (path, served) => {
    await anIdentity();
    const { call, service } = await aSystem();
    await call(path, bearer(aToken()));
    expect(service.seen).toMatchObject([{ url: served, headers: { authorization: 'Bearer a.short.token' } }]);
  });

  test('is taken nowhere else, and nobody is asked', async () => {
    const { asked } = await anIdentity();
    const { call, borne } = await aSystem();
    const token = aToken();
    const others = routes.filter(({ appTokens, developmentOnly }) => !appTokens && !developmentOnly);
    expect(others.length).toBeGreaterThan(50);
    for (const { path } of others) {
      await call(path.replace(/\/\*$/, '').replaceAll(/:\w+/g, 'x'), bearer(token), 'PUT');
    }
    expect(asked).toEqual([]);
    expect(new Set(borne())).toEqual(new Set([`Bearer ${token}`]));
  });

  test.each([
    'a.b.c',
    'drv_',
    'drv_x',
    `drv_${'a'.repeat(42)}`,
    `drv_${'a'.repeat(44)}`,
    `drv_${'a'.repeat(42)}!`,
    `Drv_${'a'.repeat(43)}`,
    `x drv_${'a'.repeat(43)}`,
  ])('is not %j, which goes on as it came', async (token) => {
    const { asked } = await anIdentity();
    const { call, borne } = await aSystem();
    await call('/api/user/me', bearer(token));
    expect(asked).toEqual([]);
    expect(borne()).toEqual([`Bearer ${token}`]);
  });

  test('with a signature beside it is refused: nobody could say who asks', async () => {
    const { asked } = await anIdentity();
    const { call, service } = await aSystem();
    const answered = await call('/api/user/me', { ...bearer(aToken()), authentication: 'hmac 1:1:x' });
    expect([answered.status, service.seen, asked]).toEqual([400, [], []]);
  });

  test('is not believed when it comes twice', async () => {
    const { asked } = await anIdentity();
    const { port, service } = await aSystem();
    const token = aToken();
    await raw(
      port,
      rawRequest('POST /api/user/me', [`authorization: Bearer ${token}`, `authorization: Bearer ${aToken()}`]),
    );
    // Node takes the first of two, and so does everybody behind it.
    expect(asked).toEqual([token]);
    expect(service.seen).toMatchObject([{ headers: { authorization: 'Bearer a.short.token' } }]);
  });
});

describe("an app's token that is worth nothing", () => {
  test('goes on as it came, for the service to refuse it like any other, and is asked about each time', async () => {
    const { asked } = await anIdentity(refusing('unauthenticated'));
    const { call, borne } = await aSystem();
    const token = aToken();
    for (let n = 0; n < 2; n += 1) await call('/api/user/me', bearer(token));
    expect(asked).toEqual([token, token]);
    expect(borne()).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
  });

  test('uses up an allowance of its own by address, and only those that are wrong hear of it', async () => {
    const right = aToken();
    await anIdentity(async (token) => (token === right ? 'a.short.token' : refusing('unauthenticated')()));
    const { call } = await aSystem({ env: { LIMIT_CREDENTIALS: '3' } });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await call('/api/user/me', bearer(aToken()))).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await call('/api/user/me', bearer(right))).status).toBe(200);
    const refused = await call('/api/user/me', bearer(aToken()));
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'too_many_requests' } });
  });

  test('keeps nobody from asking for a code', async () => {
    const { asked } = await anIdentity(refusing('unauthenticated'));
    const { call } = await aSystem({ env: { LIMIT_CREDENTIALS: '100' } });
    for (const path of ['/api/user/otp-request', '/api/user/otp-check', '/api/v1/user/otp-check']) {
      expect((await call(path, bearer(aToken()))).status).toBe(200);
    }
    expect(asked).toEqual([]);
  });
});

describe('while identity cannot be asked', () => {
  test('it is a 503 and no 401: nobody is signed out by our trouble', async () => {
    const { call, service } = await aSystem();
    const answered = await call('/api/user/me', bearer(aToken()));
    expect([answered.status, service.seen]).toEqual([503, []]);
    expect(JSON.parse(answered.text)).toMatchObject({ error: { code: 'service_unavailable' } });
    expect(Number(answered.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('what was asked a moment ago goes on', async () => {
    const { leave } = await anIdentity();
    const { call } = await aSystem();
    const token = aToken();
    await call('/api/user/me', bearer(token));
    await leave();
    expect((await call('/api/user/me', bearer(token))).status).toBe(200);
    expect((await call('/api/user/me', bearer(aToken()))).status).toBe(503);
  });

  test('a connection that breaks is a 503, and whole again it is asked over', async () => {
    await anIdentity();
    const cable = await layCable(nats.url);
    const remote = await createTestNats({ url: cable.url, streamPrefix: nats.streamPrefix });
    onTestFinished(async () => {
      await remote.connection.close();
      await cable.close();
    });
    const { call } = await aSystem({ nats: remote });
    cable.cut();
    expect([503, 504]).toContain((await call('/api/user/me', bearer(aToken()))).status);
    cable.mend();
    await until(async () => (await call('/api/user/me', bearer(aToken()))).status === 200);
  });
});

test.each(['/api/%76%31/user/me', '/api/v%31/user/me?x=%2Fapi%2Fv1'])(
  '%s is the versioned path, whatever its escapes',
  async (path) => {
    await anIdentity();
    const { port, service } = await aSystem();
    await raw(port, rawRequest(`POST ${path}`));
    const query = path.split('?')[1];
    expect(service.seen).toMatchObject([{ url: `/api/user/me${query ? `?${query}` : ''}` }]);
  },
);
