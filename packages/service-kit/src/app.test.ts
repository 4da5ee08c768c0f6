import { clients, mobile, operators, storefront } from '@forecourt/dialects';
import { createTestRuntime } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openShop, type Shop } from '../test/shop.ts';
import { createApp } from './app.ts';
import { door } from './door.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.close());

test('a good body comes in, the answer leaves in its schema', async () => {
  const reply = await shop.post({ name: 'Zoe\u0308', quantity: 2 });
  expect(reply.statusCode).toBe(201);
  expect(reply.json()).toEqual({ id: 'Zo\u00eb', language: 'uk', note: null });
});

test('a failed validation names every broken rule in the manner of the door', async () => {
  const reply = await shop.post({ quantity: 0.5, role: 'operator' });
  expect(reply.statusCode).toBe(400);
  expect(reply.json()).toEqual({
    statusCode: 400,
    error: 'Bad Request',
    message: ['name should not be empty', 'quantity must be an integer number', 'property role should not exist'],
  });
});

test('nothing is coerced: null, a text and a boolean are no numbers', async () => {
  for (const quantity of [null, '1', true, [1], { $gt: 0 }]) {
    expect((await shop.post({ name: 'a', quantity })).statusCode).toBe(400);
  }
});

test('query strings are checked as bodies are', async () => {
  const reply = await shop.app.inject('/items/1?page=0&secret=1');
  expect(reply.json().message).toEqual(['page must not be less than 1', 'property secret should not exist']);
});

test.each([
  ['half a document', '{"name":'],
  ['a list nested 1,000 deep', '['.repeat(1000)],
  ['a name twice', '{"name":"a","name":"b","quantity":1}'],
  ['__proto__', '{"name":"a","quantity":1,"__proto__":{"role":"operator"}}'],
  ['constructor.prototype', '{"name":"a","quantity":1,"constructor":{"prototype":{}}}'],
])('%s is a 400 and nothing more', async (_, body) => {
  const reply = await shop.post(body);
  expect(reply.statusCode).toBe(400);
  expect(reply.json().message).toBe('Тіло запиту не вдалося прочитати');
});

test.each(['null', '[]', '1', '"x"', ''])('%j as a body is a failed validation', async (body) => {
  const reply = await shop.post(body);
  expect(reply.statusCode).toBe(400);
  expect(reply.json().message).toEqual([expect.stringContaining('must be an object')]);
});

test.each([{}, { 'content-length': '0' }])('who sends no body may name any type for it: %j', async (headers) => {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await shop.app.inject({ method: 'POST', url: '/guest', headers: { ...type, ...headers } });
  expect(reply.json()).toEqual({ customerId: null });
});

test('a body over the limit is a 413 before it is read', async () => {
  expect((await shop.post({ name: 'a'.repeat(70_000), quantity: 1 })).statusCode).toBe(413);
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
  const reply = await shop.post({ name: '', quantity: 0, role: 'operator' }, { 'content-type': contentType });
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
  const reply = await shop.post({ name: 'a', quantity: 1 }, { 'content-type': contentType });
  expect(reply.statusCode).toBe(415);
  expect(reply.json()).toMatchObject({ statusCode: 415, error: 'Unsupported Media Type' });
});

test('the best language of the caller is used, and said', async () => {
  const reply = await shop.app.inject({ url: '/taken', headers: { 'accept-language': 'fr, ka;q=0.8, en;q=0.5' } });
  expect(reply.headers['content-language']).toBe('ka');
  expect(reply.json().message).toBe('ელფოსტა უკვე დაკავებულია');
  const answer = await shop.app.inject({ url: '/items/1', headers: { 'accept-language': 'ru' } });
  expect(answer.headers['content-language']).toBe('ru');
  expect(answer.json().language).toBe('ru');
});

test('a 503 says when to come back', async () => {
  const reply = await shop.app.inject('/busy');
  expect(reply.statusCode).toBe(503);
  expect(reply.headers['retry-after']).toBe('3');
});

test('an unknown path next to a door is refused in its manner, another in our own', async () => {
  const near = await shop.app.inject('/items/1/unknown');
  expect(near.statusCode).toBe(404);
  expect(near.json()).toMatchObject({ statusCode: 404, error: 'Not Found' });
  const far = await shop.app.inject('/nowhere');
  expect(far.statusCode).toBe(404);
  expect(far.json()).toMatchObject({ code: 'route_not_found', requestId: expect.any(String) });
});

test('a method that a path does not have is a 405 that names those it has', async () => {
  const reply = await shop.app.inject({ method: 'DELETE', url: '/items' });
  expect(reply.statusCode).toBe(405);
  expect(reply.headers.allow).toBe('POST');
  expect((await shop.app.inject({ method: 'POST', url: '/me' })).statusCode).toBe(405);
});

test('a path that cannot be decoded or is too long is a 404', async () => {
  for (const url of ['/items/%', '/items/%ff', `/items/${'a'.repeat(200)}`]) {
    const reply = await shop.app.inject(url);
    expect(reply.statusCode).toBe(404);
    expect(reply.json()).toMatchObject({ statusCode: 404 });
  }
});

test('a NUL in a path is refused before it reaches the database', async () => {
  expect((await shop.app.inject('/items/a%00b')).json().message).toEqual(['id must not contain control characters']);
});

test('every route that is there can be listed, documented or not', async () => {
  const { routes } = (await shop.app.inject('/internal/routes')).json();
  expect(routes).toContainEqual({ method: 'GET', path: '/items/:id', dialect: 'storefront' });
  expect(routes).toContainEqual({ method: 'HEAD', path: '/items/:id', dialect: 'storefront' });
  expect(routes).toContainEqual({ method: 'GET', path: '/metrics', dialect: null });
});

test('the OpenAPI document of a door comes from the schemas that check and write', async () => {
  const document = (await shop.app.inject('/internal/openapi/storefront.json')).json();
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
  expect((await shop.app.inject('/internal/openapi/driver.json')).statusCode).toBe(404);
});

test('a route that reads files, or answers with them when asked to, says so in its document', async () => {
  const runtime = await createTestRuntime('catalog');
  const app = await createApp(runtime);
  await app.register(
    door(operators, async (staff) => {
      staff.post('/import', { schema: { consumes: ['text/csv'] } }, async () => ({}));
      staff.get(
        '/export',
        { schema: { produces: ['text/csv'], response: { 200: z.int(), 204: z.undefined() } } },
        async () => 1,
      );
      staff.get('/receipt', { schema: { produces: ['text/html', 'application/pdf'] } }, async () => '<p>');
    }),
  );
  const { paths } = (await app.inject('/internal/openapi/operators.json')).json();
  expect(paths['/import'].post.requestBody).toEqual({
    required: true,
    content: { 'text/csv': { schema: { type: 'string' } } },
  });
  expect(Object.keys(paths['/export'].get.responses['200'].content)).toEqual(['application/json', 'text/csv']);
  expect(paths['/export'].get.responses['204'].content).toBeUndefined();
  expect(Object.keys(paths['/receipt'].get.responses['200'].content)).toEqual(['text/html', 'application/pdf']);
  await app.close();
  await runtime.close();
});

test('a dialect that has nothing to say says nothing: no body, and no type of one', async () => {
  const runtime = await createTestRuntime('orders');
  const app = await createApp(runtime);
  await app.register(
    door(mobile, async (apps) => {
      apps.get('/api/broken', async () => {
        throw new Error('canary');
      });
    }),
  );
  for (const [path, status] of [
    ['/api/broken', 500],
    ['/api/nothing', 404],
  ] as const) {
    const { statusCode, headers, body } = await app.inject(path);
    expect({ statusCode, body }).toEqual({ statusCode: status, body: '' });
    expect(headers).toMatchObject({ 'content-length': '0', 'cache-control': 'no-store' });
    expect(headers).not.toHaveProperty('content-type');
  }
  await app.close();
  await runtime.close();
});

test('what is not there is refused in the manners of the door that shares the longest way with it', async () => {
  const runtime = await createTestRuntime('orders');
  const app = await createApp(runtime);
  await app.register(door(clients, async (partners) => void partners.get('/api/v1/clients/:id', async () => ({}))));
  await app.register(door(mobile, async (apps) => void apps.get('/api/client/mobile/time', async () => ({}))));
  expect((await app.inject('/api/client/mobile/history')).body).toBe('');
  expect((await app.inject('/api/client')).body).toBe('');
  expect((await app.inject('/api/v1/clients/1/2')).json()).toMatchObject({ error: { code: 'route_not_found' } });
  expect((await app.inject('/elsewhere')).json()).toMatchObject({ code: 'route_not_found', status: 404 });
  await app.close();
  await runtime.close();
});
