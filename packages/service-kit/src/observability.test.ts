import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShop, type Shop } from '../test/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.close());

const customerId = '65f1a2b3c4d5e6f7a8b9c001';

test('a 500 says a request id, the log says the rest', async () => {
  const reply = await shop.app.inject({ url: '/broken', headers: { 'x-request-id': 'r-12345678' } });
  expect(reply.statusCode).toBe(500);
  expect(reply.body).not.toContain('canary');
  expect(reply.body).toContain('r-12345678');
  const line = shop.runtime.logged.find(({ requestId, msg }) => requestId === 'r-12345678' && msg === 'request failed');
  expect(line).toMatchObject({
    level: 'error',
    status: 500,
    err: { cause: { message: expect.stringContaining('canary') } },
  });
});

test('one line a request, with ids and outcome, without its query', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const headers = { 'x-request-id': 'gw-00000001', traceparent, ...(await shop.runtime.issuer.bearer({ customerId })) };
  await shop.app.inject({ url: '/me?phone=%2B380971112233&token=canary', headers });
  const lines = shop.runtime.logged.filter(({ requestId }) => requestId === 'gw-00000001');
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'info',
      method: 'GET',
      route: '/me',
      status: 200,
      customerId,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      durationMs: expect.any(Number),
    }),
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/phone|token|canary/);
});

test.each([
  [customerId, { ids: { id: customerId } }],
  ['+380971112233', {}],
  ['canary-token', {}],
])('of the path /items/%s a log keeps the pattern, and an id that is one of ours', async (id, kept) => {
  await shop.app.inject({ url: `/items/${id}`, headers: { 'x-request-id': 'path-in-log' } });
  const { requestId, level, time, service, msg, status, durationMs, refusal, ...facts } = shop.runtime.logged.findLast(
    (line) => line.requestId === 'path-in-log',
  ) as Record<string, unknown>;
  expect(facts).toEqual({ method: 'GET', route: '/items/:id', ...kept });
});

test.each([
  ['/broken', 'error', 'request failed'],
  ['/busy', 'warn', 'request put off'],
  ['/taken', 'info', 'request refused'],
])('%s is logged as %s: only our bugs wake somebody up', async (url, level, msg) => {
  await shop.app.inject({ url, headers: { 'x-request-id': `level-of${url.replace('/', '-')}` } });
  const line = shop.runtime.logged.find(({ requestId }) => requestId === `level-of${url.replace('/', '-')}`);
  expect(line).toMatchObject({ level, msg });
});

test('a request id that is not fit for a log is replaced', async () => {
  const reply = await shop.app.inject({ url: '/broken', headers: { 'x-request-id': 'a\u001b[31m{}' } });
  expect(reply.body).not.toContain('[31m');
});

test.each([
  ['in single quotes', `{"password":'canary'}`],
  ['without quotes', '{"password":canary}'],
])('a body that is no JSON, with its password %s, is quoted in no log', async (_, body) => {
  expect((await shop.post(body, { 'x-request-id': 'not-json' })).statusCode).toBe(400);
  const lines = shop.runtime.logged.filter(({ requestId }) => requestId === 'not-json');
  expect(lines).toContainEqual(expect.objectContaining({ refusal: 'malformed_body' }));
  expect(JSON.stringify(lines)).not.toContain('canary');
});

test('a change wakes the relay, a read does not', async () => {
  let woken = 0;
  shop.runtime.writes.listen(() => {
    woken += 1;
  });
  await shop.app.inject('/items/1');
  expect(woken).toBe(0);
  await shop.post({ name: 'a', quantity: 1 });
  expect(woken).toBe(1);
});

test('a change that tells nothing wakes nobody, and its refusal does: nobody knows what that left behind', async () => {
  let woken = 0;
  shop.runtime.writes.listen(() => {
    woken += 1;
  });
  const visit = (payload: object) => shop.app.inject({ method: 'POST', url: '/visits', payload });
  expect((await visit({ name: 'a', quantity: 1 })).statusCode).toBe(200);
  expect(woken).toBe(0);
  expect((await visit({ name: '', quantity: 1 })).statusCode).toBe(400);
  expect(woken).toBe(1);
});

test('requests are measured by the pattern of their route', async () => {
  await shop.app.inject('/items/some-id');
  const { body } = await shop.app.inject('/metrics');
  expect(body).toMatch(/http_request_duration_seconds_count\{[^}]*route="\/items\/:id"[^}]*status="200"[^}]*\} \d/);
  expect(body).not.toContain('some-id');
});

test('liveness never looks at neighbours, readiness names the one that is away', async () => {
  shop.runtime.health.check('nats', () => {
    throw new Error('not connected');
  });
  expect((await shop.app.inject('/health/live')).statusCode).toBe(200);
  const ready = await shop.app.inject({ url: '/health/ready', headers: { 'x-request-id': 'probe-0001' } });
  expect(ready.statusCode).toBe(503);
  expect(ready.json()).toEqual({ ready: false, checks: { nats: 'not connected' } });
  const lines = shop.runtime.logged.filter(({ requestId }) => requestId === 'probe-0001');
  expect(lines.filter(({ level }) => level !== 'debug')).toEqual([]);
});
