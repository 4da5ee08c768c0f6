import { until } from '@forecourt/testing';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { aGateway, aService, raw, rawRequest } from './system.ts';

type Headers = Record<string, string | string[]>;

/** Two processes of a catalogue; each looks for changes when it is told to, and otherwise seldom. */
async function aShopOfTwo() {
  const shop = { price: 1, hangs: false };
  const aProcess = (epoch: string) => {
    const held = { price: 1, revision: 1 };
    const look = () => {
      if (held.price === shop.price) return;
      held.price = shop.price;
      held.revision += 1;
    };
    return aService((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://catalog');
      if (pathname === '/internal/revision') {
        if (shop.hangs && epoch === 'b') return;
        if (searchParams.get('anew') === '1') look();
        return response.end(JSON.stringify({ revision: `${epoch}.${held.revision}`, changed: null }));
      }
      if (request.method !== 'GET') {
        shop.price += 1;
        look();
        return response.writeHead(204).end();
      }
      response.writeHead(200, { vary: 'Accept-Language', 'x-internal-revision': `${epoch}.${held.revision}` });
      response.end(String(held.price));
    });
  };
  const [a, b] = [await aProcess('a'), await aProcess('b')];
  const { origin } = await aGateway({ services: { catalog: [a.origin, b.origin] } });
  const change = () => fetch(`${origin}/admin/products/1`, { method: 'PATCH', body: '{}' });
  const get = async (path: string, headers = {}) => (await fetch(origin + path, { headers })).text();
  return { shop, change, get };
}

/** A catalogue whose every answer tells how many it has given, at a revision that the test moves. */
async function aShop(headers: Headers = {}, status = 200) {
  const shop = {
    revision: 'a.1' as string | undefined,
    changed: null as string[] | null,
    answers: 0,
    asked: 0,
    askedSince: undefined as string | undefined,
  };
  const catalog = await aService((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://catalog');
    if (pathname === '/internal/revision') {
      shop.asked += 1;
      shop.askedSince = searchParams.get('since') ?? undefined;
      const { revision, changed } = shop;
      return revision ? response.end(JSON.stringify({ revision, changed })) : response.writeHead(500).end();
    }
    if (request.method !== 'GET') return response.writeHead(204).end();
    shop.answers += 1;
    const given = { 'content-type': 'application/json', etag: `"${shop.answers}"`, vary: 'Accept-Language' };
    const revision = { 'x-internal-revision': shop.revision ?? 'none' };
    const [, product] = /^\/products\/(\w+)$/.exec(pathname) ?? [];
    const about = product === undefined ? {} : { 'x-internal-about': product };
    response.writeHead(status, { ...given, ...revision, ...about, ...headers }).end(`{"answer":${shop.answers}}`);
  });
  const { origin } = await aGateway({ services: { catalog: catalog.origin } });
  const get = async (path = '/products?limit=1', requestHeaders: Record<string, string> = {}) => {
    const answer = await fetch(origin + path, { headers: requestHeaders });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { shop, origin, get, catalog };
}

test('an answer is given again for as long as the service says that nothing has changed', async () => {
  const { shop, get } = await aShop();
  const [first, second] = [await get(), await get()];
  expect(second.text).toBe(first.text);
  expect(shop.answers).toBe(1);
  expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
  const shared = ({ headers }: typeof first) =>
    [...headers].filter(([name]) => !/^(x-request-id|date|ratelimit-.*)$/.test(name));
  expect(shared(second)).toEqual(shared(first));
  expect([...first.headers, ...second.headers].filter(([name]) => name.startsWith('x-internal'))).toEqual([]);
});

test('a change that came by another way shows by itself, and the service is not asked for each request', async () => {
  const { shop, get } = await aShop();
  await get();
  shop.revision = 'a.2';
  let requests = 0;
  await until(async () => {
    requests += 1;
    return (await get()).text === '{"answer":2}';
  });
  for (let n = 0; n < 50; n += 1) await get();
  expect(shop.answers).toBe(2);
  expect(shop.asked).toBeLessThan(requests + 50);
});

test('whoever changes something through the gateway sees it in the next answer', async () => {
  const { shop, origin, get } = await aShop();
  await get();
  expect((await get()).text).toBe('{"answer":1}');
  shop.revision = 'a.2';
  await fetch(`${origin}/admin/products/1`, { method: 'PATCH', body: '{}' });
  expect((await get()).text).toBe('{"answer":2}');
});

test('an answer about one thing outlives changes of others, and none of its own', async () => {
  const { shop, origin, get } = await aShop();
  const change = async (revision: string, changed: string[] | null) => {
    shop.revision = revision;
    shop.changed = changed;
    await fetch(`${origin}/admin/products/1`, { method: 'PATCH', body: '{}' });
  };
  for (const path of ['/products/p1', '/products/p2', '/products?page=1']) await get(path);
  expect((await get('/products/p1')).text).toBe('{"answer":1}');

  await change('a.2', ['p2']);
  expect((await get('/products/p1')).text).toBe('{"answer":1}');
  expect(shop.askedSince).toBe('a.1');
  expect((await get('/products/p2')).text).toBe('{"answer":4}');
  expect((await get('/products?page=1')).text).toBe('{"answer":5}');

  await change('a.3', ['p1']);
  expect((await get('/products/p2')).text).toBe('{"answer":4}');
  expect((await get('/products/p1')).text).toBe('{"answer":6}');

  await change('a.4', null);
  expect((await get('/products/p1')).text).toBe('{"answer":7}');
  await change('b.4', []);
  expect((await get('/products/p1')).text).toBe('{"answer":8}');
});

test('whoever changed something sees it, whichever process changed it and whichever is asked', async () => {
  const { shop, change, get } = await aShopOfTwo();
  for (let round = 0; round < 6; round += 1) {
    await change();
    const seen = [
      await get('/products'),
      await get('/products/p1', { cookie: 'session=1' }),
      await get(`/products?page=${round}`),
      await get('/products/p1'),
    ];
    expect(seen).toEqual(seen.map(() => String(shop.price)));
  }
});

test('a process that hangs keeps nobody from reading after a change', async () => {
  const { shop, change, get } = await aShopOfTwo();
  shop.hangs = true;
  await change();
  await change();
  expect(await Promise.all(['/products', '/products', '/products/p1'].map((path) => get(path)))).toHaveLength(3);
});

test.each([
  ['authorization', 'Bearer x'],
  ['cookie', 'session=1'],
  ['cache-control', 'no-cache'],
  ['pragma', 'no-cache'],
  ['range', 'bytes=0-1'],
])('a request with %s is asked, and its answer given to nobody else', async (name, value) => {
  const { get } = await aShop();
  expect((await get('/products', { [name]: value })).text).toBe('{"answer":1}');
  expect((await get('/products', { [name]: value })).text).toBe('{"answer":2}');
  expect((await get('/products')).text).toBe('{"answer":3}');
});

test.each<[string, Headers, number]>([
  ['another status', {}, 404],
  ['no revision', { 'x-internal-revision': '' }, 200],
  ['a revision that cannot be read', { 'x-internal-revision': 'latest' }, 200],
  ['a cookie', { 'set-cookie': ['a=1'] }, 200],
  ['more reasons to vary', { vary: 'Accept-Language, Authorization' }, 200],
  ['an end that has come', { 'x-internal-good-for': '0' }, 200],
])('an answer with %s is not kept', async (_, headers, status) => {
  const { get } = await aShop(headers, status);
  await get();
  expect((await get()).text).toBe('{"answer":2}');
});

test('a service that does not say its revision is asked', async () => {
  const { shop, get } = await aShop();
  await get();
  shop.revision = undefined;
  expect((await get()).text).toBe('{"answer":2}');
});

test('languages, addresses and processes have answers of their own', async () => {
  const { get } = await aShop();
  expect((await get('/products', { 'accept-language': 'uk' })).text).toBe('{"answer":1}');
  expect((await get('/products', { 'accept-language': 'en' })).text).toBe('{"answer":2}');
  expect((await get('/products?page=2', { 'accept-language': 'uk' })).text).toBe('{"answer":3}');
  expect((await get('/products', { 'accept-language': 'uk' })).text).toBe('{"answer":1}');
});

test.each(['"1"', 'W/"1"', '"0", "1"', '*'])('who has it already (%s) is told so', async (known) => {
  const { shop, origin, get } = await aShop();
  await get();
  // fetch would say `cache-control: no-cache` with it
  const ask = async (etag: string) => {
    const answer = await request(`${origin}/products?limit=1`, { headers: { 'if-none-match': etag } });
    return [answer.statusCode, await answer.body.text(), answer.headers.etag, answer.headers['content-length']];
  };
  expect(await ask(known)).toEqual([304, '', '"1"', undefined]);
  expect(await ask('"0"')).toEqual([200, '{"answer":1}', '"1"', undefined]);
  expect(shop.answers).toBe(1);
});

test('only what the table marks is kept, whatever a service says', async () => {
  const { get } = await aShop();
  await get('/admin/products/1');
  expect((await get('/admin/products/1')).text).toBe('{"answer":2}');
});

test('a header that the service never sees cannot be what an answer is kept under', async () => {
  const { origin, get, catalog } = await aShop();
  const { port } = new URL(origin);
  const trick = rawRequest('GET /products', ['accept-language: en']).replace('close', 'close, accept-language');
  await raw(Number(port), trick);
  expect(catalog.seen.at(-1)?.headers).not.toHaveProperty('accept-language');
  expect((await get('/products', { 'accept-language': 'en' })).text).toBe('{"answer":2}');
});
