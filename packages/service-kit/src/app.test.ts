import { storefront } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type App, createApp } from './app.ts';
import { door } from './door.ts';
import { principalOf } from './principal.ts';
import { text } from './text.ts';

const Item = z.object({ id: z.string(), language: z.string(), note: z.string().nullable() }).meta({ id: 'Item' });
const NewItem = z.strictObject({ name: text({ min: 1, max: 10 }), quantity: z.int().min(1) });

let runtime: TestRuntime;
let app: App;

beforeAll(async () => {
  runtime = await createTestRuntime('orders');
  app = await createApp(runtime);
  await app.register(
    door(storefront, async (shop) => {
      shop.post('/items', { schema: { body: NewItem, response: { 201: Item } } }, async (request, reply) =>
        reply.code(201).send({ id: request.body.name, language: request.language, note: null }),
      );
      shop.get(
        '/items/:id',
        {
          schema: {
            operationId: 'getItem',
            summary: 'One item',
            params: z.object({ id: text({ max: 64 }) }),
            querystring: z.strictObject({ page: z.coerce.number().int().min(1).default(1) }),
            response: { 200: Item },
          },
        },
        async ({ params, language }) => ({ id: params.id, language, note: null }),
      );
      shop.get('/me', { onRequest: shop.requirePrincipal }, async (request) => principalOf(request));
      shop.post('/guest', { onRequest: shop.optionalPrincipal }, async (request) => ({
        customerId: request.principal?.customerId ?? null,
      }));
      shop.post('/staff', { onRequest: shop.requireRole('operator'), schema: { body: NewItem } }, async () => ({}));
      shop.get('/broken', async () => {
        throw new Error('canary: the password is hunter2');
      });
      shop.get('/taken', async () => {
        throw new AppError('email_taken', 'This e-mail is taken.');
      });
      shop.get('/busy', async () => {
        throw new AppError('overloaded', 'Too busy.', { retryAfterSeconds: 3 });
      });
    }),
  );
});

afterAll(async () => {
  await app.close();
  await runtime.close();
});

const customerId = '65f1a2b3c4d5e6f7a8b9c001';
const post = (payload: unknown, headers = {}) =>
  app.inject({
    method: 'POST',
    url: '/items',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

test('a good body comes in, the answer leaves in its schema', async () => {
  const reply = await post({ name: 'Zoe\u0308', quantity: 2 });
  expect(reply.statusCode).toBe(201);
  expect(reply.json()).toEqual({ id: 'Zo\u00eb', language: 'uk', note: null });
});

test('a failed validation names every broken rule in the manner of the door', async () => {
  const reply = await post({ quantity: 0.5, role: 'operator' });
  expect(reply.statusCode).toBe(400);
  expect(reply.json()).toEqual({
    statusCode: 400,
    error: 'Bad Request',
    message: ['name should not be empty', 'quantity must be an integer number', 'property role should not exist'],
  });
});

test('nothing is coerced: null, a text and a boolean are no numbers', async () => {
  for (const quantity of [null, '1', true, [1], { $gt: 0 }]) {
    expect((await post({ name: 'a', quantity })).statusCode).toBe(400);
  }
});

test('query strings are checked as bodies are', async () => {
  const reply = await app.inject('/items/1?page=0&secret=1');
  expect(reply.json().message).toEqual(['page must not be less than 1', 'property secret should not exist']);
});

test.each([
  ['half a document', '{"name":'],
  ['a list nested 1,000 deep', '['.repeat(1000)],
  ['a name twice', '{"name":"a","name":"b","quantity":1}'],
  ['__proto__', '{"name":"a","quantity":1,"__proto__":{"role":"operator"}}'],
  ['constructor.prototype', '{"name":"a","quantity":1,"constructor":{"prototype":{}}}'],
])('%s is a 400 and nothing more', async (_, body) => {
  const reply = await post(body);
  expect(reply.statusCode).toBe(400);
  expect(reply.json().message).toBe('Тіло запиту не вдалося прочитати');
});

test.each(['null', '[]', '1', '"x"', ''])('%j as a body is a failed validation', async (body) => {
  const reply = await post(body);
  expect(reply.statusCode).toBe(400);
  expect(reply.json().message).toEqual([expect.stringContaining('must be an object')]);
});

test('a body over the limit is a 413 before it is read', async () => {
  expect((await post({ name: 'a'.repeat(70_000), quantity: 1 })).statusCode).toBe(413);
});

// CVE-2025-32442, CVE-2026-25223, CVE-2026-33806, GHSA-573f: spellings that once slipped past the validation.
test.each([
  'application/json',
  'application/json ',
  ' application/json',
  'application/json\t',
  'application/json;',
  'application/json ;charset=utf-8',
  'Application/JSON',
  'APPLICATION/JSON; charset="UTF-8"',
  'application/json\t; charset=utf8',
  'application/json, text/plain',
])('with content type %j an invalid body never passes', async (contentType) => {
  const reply = await post({ name: '', quantity: 0, role: 'operator' }, { 'content-type': contentType });
  expect([400, 415]).toContain(reply.statusCode);
});

test.each([
  'application/json; charset=utf-7',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/merge-patch+json',
  'json',
])('content type %j is a 415', async (contentType) => {
  const reply = await post({ name: 'a', quantity: 1 }, { 'content-type': contentType });
  expect(reply.statusCode).toBe(415);
  expect(reply.json()).toMatchObject({ statusCode: 415, error: 'Unsupported Media Type' });
});

test('the best language of the caller is used, and said', async () => {
  const reply = await app.inject({ url: '/taken', headers: { 'accept-language': 'fr, ka;q=0.8, en;q=0.5' } });
  expect(reply.headers['content-language']).toBe('ka');
  expect(reply.json().message).toBe('ელფოსტა უკვე დაკავებულია');
  const answer = await app.inject({ url: '/items/1', headers: { 'accept-language': 'ru' } });
  expect(answer.headers['content-language']).toBe('ru');
  expect(answer.json().language).toBe('ru');
});

test('a 503 says when to come back', async () => {
  const reply = await app.inject('/busy');
  expect(reply.statusCode).toBe(503);
  expect(reply.headers['retry-after']).toBe('3');
});

test('a 500 says a request id, the log says the rest', async () => {
  const reply = await app.inject({ url: '/broken', headers: { 'x-request-id': 'r-12345678' } });
  expect(reply.statusCode).toBe(500);
  expect(reply.body).not.toContain('canary');
  expect(reply.body).toContain('r-12345678');
  const line = runtime.logged.find(({ requestId, msg }) => requestId === 'r-12345678' && msg === 'request failed');
  expect(line).toMatchObject({
    level: 'error',
    status: 500,
    err: { cause: { message: expect.stringContaining('canary') } },
  });
});

test('an unknown path next to a door is refused in its manner, another in our own', async () => {
  const near = await app.inject('/items/1/unknown');
  expect(near.statusCode).toBe(404);
  expect(near.json()).toMatchObject({ statusCode: 404, error: 'Not Found' });
  const far = await app.inject('/nowhere');
  expect(far.statusCode).toBe(404);
  expect(far.json()).toMatchObject({ code: 'route_not_found', requestId: expect.any(String) });
});

test('a method that a path does not have is a 405 that names those it has', async () => {
  const reply = await app.inject({ method: 'DELETE', url: '/items' });
  expect(reply.statusCode).toBe(405);
  expect(reply.headers.allow).toBe('POST');
  expect((await app.inject({ method: 'POST', url: '/me' })).statusCode).toBe(405);
});

test('a path that cannot be decoded or is too long is a 404', async () => {
  for (const url of ['/items/%', '/items/%ff', `/items/${'a'.repeat(200)}`]) {
    const reply = await app.inject(url);
    expect(reply.statusCode).toBe(404);
    expect(reply.json()).toMatchObject({ statusCode: 404 });
  }
});

test('a NUL in a path is refused before it reaches the database', async () => {
  expect((await app.inject('/items/a%00b')).json().message).toEqual(['id must not contain control characters']);
});

test('without a token a protected route is a 401 with a challenge', async () => {
  const reply = await app.inject('/me');
  expect(reply.statusCode).toBe(401);
  expect(reply.headers['www-authenticate']).toBe('Bearer');
});

test('with a token the handler knows who is calling', async () => {
  const reply = await app.inject({
    url: '/me',
    headers: await runtime.issuer.bearer({ customerId, roles: ['operator'] }),
  });
  expect(reply.json()).toEqual({ customerId, sessionId: customerId, roles: ['operator'] });
});

test.each(['Bearer', 'Bearer ', 'Bearer x y', 'Basic dTpw', 'nonsense', `Bearer ${'a'.repeat(5000)}`])(
  'the header %j is a 401, on optional routes as well',
  async (authorization) => {
    for (const request of [{ url: '/me' }, { url: '/guest', method: 'POST' as const }]) {
      const reply = await app.inject({ ...request, headers: { authorization } });
      expect(reply.statusCode).toBe(401);
      expect(reply.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
  },
);

test('an optional route serves guests, and knows the others', async () => {
  const guest = await app.inject({ method: 'POST', url: '/guest' });
  expect(guest.json()).toEqual({ customerId: null });
  const known = await app.inject({
    method: 'POST',
    url: '/guest',
    headers: await runtime.issuer.bearer({ customerId }),
  });
  expect(known.json()).toEqual({ customerId });
});

test("who lacks the role is told so, and nothing about the body's rules", async () => {
  const headers = await runtime.issuer.bearer({ customerId, roles: ['customer'] });
  const reply = await app.inject({ method: 'POST', url: '/staff', headers, payload: { wrong: true } });
  expect(reply.statusCode).toBe(403);
  const stranger = await app.inject({ method: 'POST', url: '/staff', payload: { wrong: true } });
  expect(stranger.statusCode).toBe(401);
});

test('one line a request, with ids and outcome, without the values of its query', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const headers = { 'x-request-id': 'gw-00000001', traceparent, ...(await runtime.issuer.bearer({ customerId })) };
  await app.inject({ url: '/me?phone=%2B380971112233&token=canary', headers });
  const lines = runtime.logged.filter(({ requestId }) => requestId === 'gw-00000001');
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'info',
      method: 'GET',
      url: '/me?phone&token',
      route: '/me',
      status: 200,
      customerId,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      durationMs: expect.any(Number),
    }),
  ]);
});

test('a request id that is not fit for a log is replaced', async () => {
  const reply = await app.inject({ url: '/broken', headers: { 'x-request-id': 'a\u001b[31m{}' } });
  expect(reply.body).not.toContain('[31m');
});

test('a change wakes the relay, a read does not', async () => {
  let woken = 0;
  runtime.writes.listen(() => {
    woken += 1;
  });
  await app.inject('/items/1');
  expect(woken).toBe(0);
  await post({ name: 'a', quantity: 1 });
  expect(woken).toBe(1);
});

test('requests are measured by the pattern of their route', async () => {
  await app.inject('/items/some-id');
  const { body } = await app.inject('/metrics');
  expect(body).toMatch(/http_request_duration_seconds_count\{[^}]*route="\/items\/:id"[^}]*status="200"[^}]*\} \d/);
  expect(body).not.toContain('some-id');
});

test('liveness never looks at neighbours, readiness names the one that is away', async () => {
  runtime.health.check('nats', () => {
    throw new Error('not connected');
  });
  expect((await app.inject('/health/live')).statusCode).toBe(200);
  const ready = await app.inject('/health/ready');
  expect(ready.statusCode).toBe(503);
  expect(ready.json()).toEqual({ ready: false, checks: { nats: 'not connected' } });
});

test('the OpenAPI document of a door comes from the schemas that check and write', async () => {
  const document = (await app.inject('/internal/openapi/storefront.json')).json();
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: storefront.title },
    components: { schemas: { Item: { type: 'object' }, StorefrontError: { type: 'object' } } },
  });
  expect(document.paths['/items/{id}'].get).toMatchObject({
    operationId: 'getItem',
    summary: 'One item',
    tags: ['storefront'],
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 64 } },
      { name: 'page', in: 'query', required: false, schema: { type: 'integer', minimum: 1, default: 1 } },
    ],
    responses: {
      200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } } },
      default: { content: { 'application/json': { schema: { $ref: '#/components/schemas/StorefrontError' } } } },
    },
  });
  expect(document.paths['/me'].get.security).toEqual([{ bearer: [] }]);
  expect(document.paths['/guest'].post.security).toEqual([{ bearer: [] }, {}]);
  expect(document.paths['/items/{id}'].get.security).toBeUndefined();
  expect(Object.keys(document.paths)).not.toContain('/health/live');
  expect((await app.inject('/internal/openapi/driver.json')).statusCode).toBe(404);
});
