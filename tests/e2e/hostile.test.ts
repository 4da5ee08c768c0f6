import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { aProduct } from './catalogue.ts';
import { lineOf, orderFor, placedOrder } from './orders.ts';
import { aCustomer, aRegistration } from './people.ts';
import { system } from './running-system.ts';
import { type Call, gateway } from './storefront-client.ts';
import { type Refusal, refusal } from './storefront-shapes.ts';

/** A GET whose path goes out as it is written: fetch would tidy it up first. */
const rawGet = (path: string) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { hostname, port } = new URL(system.gatewayUrl);
    request({ hostname, port, path }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, text: body }), reject);
    })
      .on('error', reject)
      .end();
  });

const login = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  gateway.post<Refusal>('/auth/login', body, { headers });

describe('a body', () => {
  test('that is huge is a 413, on every path that takes one', async () => {
    const huge = JSON.stringify({ login: 'x'.repeat(3_000_000), password: 'secret1', clientId: 'b' });
    for (const path of ['/auth/login', '/orders']) {
      const { status, body } = await gateway.post<Refusal>(path, huge);
      expect(status).toBe(413);
      expect(body).toEqual(refusal(413, expect.any(String)));
    }
  });

  test.each([
    '{',
    '{"login":',
    '{"login":"a",}',
    "{'login':'a'}",
    '[1,2',
    'null',
    '[]',
    '1',
    '"text"',
    '\u0000',
    '{"login":"ivan@example.com","password":"secret1","clientId":"b","__proto__":{"role":"operator"}}',
    '{"constructor":{"prototype":{}}}',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  ])('%#: that is no such JSON object is a 400', async (body) => {
    const answer = await login(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(refusal(400, expect.anything()));
  });

  test('that is empty is a 400', async () => {
    expect((await login('')).status).toBe(400);
  });

  test.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'a',
    'multipart/form-data',
  ])('of type %s is refused', async (type) => {
    const { status, body } = await login('{"login":"a"}', { 'content-type': type });
    expect([400, 415]).toContain(status);
    expect(body.statusCode).toBe(status);
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json;'])(
    'of type %s is validated like any other: nothing slips past the schema',
    async (type) => {
      const { status } = await login('{"login":"a"}', { 'content-type': type });
      expect([400, 415]).toContain(status);
    },
  );

  test.each([
    ['a NUL', 'Іван\u0000'],
    ['a lone surrogate', 'Іван\ud800'],
    ['a control character', 'Іван\u001b[31m'],
  ])('with %s in a text is a 400, never a 500', async (_, name) => {
    const { status, body } = await gateway.post('/auth/register', JSON.stringify(aRegistration({ name })));
    expect([status, body]).toEqual([400, refusal(400, expect.anything())]);
  });
});

describe('a path', () => {
  test.each([
    '/no/such/path',
    '/Auth/Login',
    '/auth',
    '/orders/65f1a2b3c4d5e6f7a8b9c001/x',
    '/../etc/passwd',
    '/%2e%2e/me',
  ])('%s that nobody answers is a 404 in the storefront form', async (path) => {
    const { status, text: body } = await rawGet(path);
    expect([status, JSON.parse(body)]).toEqual([404, refusal(404, expect.any(String))]);
  });

  test.each([
    '/metrics',
    '/internal',
    '/internal/openapi/storefront.json',
    '/internal/openapi/operators.json',
    '//metrics',
    '/./metrics',
    '/%6detrics',
    '/products/../metrics',
    '/products/..%2fmetrics',
    '/products/%2e%2e/metrics',
    '/orders/%2e%2e/internal/openapi/operators.json',
    '/.well-known/../metrics',
  ])('%s leads nowhere inside', async (path) => {
    const { status, text: body } = await rawGet(path);
    expect([400, 404]).toContain(status);
    expect(body).not.toMatch(/# HELP|process_cpu|"openapi"/);
  });

  test('with a broken escape is a 400 or a 404', async () => {
    expect([400, 404]).toContain((await rawGet('/products/%E0%A4%A')).status);
  });

  test('called by a method that it does not know is refused', async () => {
    for (const answer of [
      await gateway.put('/me', {}),
      await gateway.put('/orders', {}),
      await gateway.delete('/products'),
    ]) {
      expect([404, 405]).toContain(answer.status);
    }
  });
});

describe('headers that an outsider may not send', () => {
  test.each<[string, (id: string) => Call['headers']]>([
    ['X-User-Id', (id) => ({ 'x-user-id': id })],
    ['X-User-Roles', (id) => ({ 'x-user-id': id, 'x-user-roles': 'operator' })],
    ['X-Internal-Customer', (id) => ({ 'x-internal-customer': id })],
    ['X_User_Id', (id) => ({ x_user_id: id })],
  ])('%s makes nobody somebody', async (_, headers) => {
    const { customer } = await aCustomer();
    const call = { headers: headers(customer.id) ?? {} };
    expect((await gateway.get('/me', call)).status).toBe(401);
    expect((await gateway.get('/admin/orders', call)).status).toBe(401);
    const product = await aProduct();
    expect(await placedOrder(orderFor([lineOf(product)]), call)).not.toHaveProperty('customerId');
  });

  test('X-HTTP-Method-Override is not heard', async () => {
    const { auth, customer } = await aCustomer();
    const override = { ...auth, headers: { 'x-http-method-override': 'PATCH' } };
    expect((await gateway.post('/me', { name: 'Хтось' }, override)).status).toBeGreaterThanOrEqual(400);
    expect((await gateway.get('/me', auth)).body).toEqual(customer);
  });

  test('a stranger cannot choose the address that limits count', async () => {
    const answers = await Promise.all(
      ['203.0.113.1', '203.0.113.2'].map((address) =>
        gateway.get('/categories', {
          headers: { 'x-forwarded-for': address, 'x-real-ip': address, forwarded: `for=${address}` },
        }),
      ),
    );
    for (const { status } of answers) expect(status).toBe(200);
    const remaining = answers.map(({ headers }) => Number(headers.get('ratelimit-remaining')));
    expect(new Set(remaining).size).toBe(2);
  });
});

describe('what an answer tells', () => {
  test('is an id of its own for each request, and no word about what runs behind', async () => {
    const [one, other] = await Promise.all([gateway.get('/products'), gateway.get('/products')]);
    expect(one.headers.get('x-request-id')).toBeTruthy();
    expect(one.headers.get('x-request-id')).not.toBe(other.headers.get('x-request-id'));
    expect(one.headers.get('x-powered-by')).toBeNull();
    expect(one.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('lets in the origins that are configured, and no others', async () => {
    const from = async (origin: string) =>
      (await gateway.get('/products', { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await from('http://localhost:5173')).toBe('http://localhost:5173');
    for (const origin of ['https://evil.example', 'null', 'http://localhost:5173.evil.example']) {
      expect(await from(origin)).not.toBe(origin);
      expect(await from(origin)).not.toBe('*');
    }
  });

  test('is nothing about another guest, whose clientId one does not know', async () => {
    const product = await aProduct();
    const order = await placedOrder(orderFor([lineOf(product)]));
    const guess = new URLSearchParams({ phone: order.phone, clientId: randomUUID() });
    expect((await gateway.get(`/orders/history?${guess}`)).body).toEqual([]);
  });
});
