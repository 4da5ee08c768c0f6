import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../../apps/gateway/src/routes.ts';
import { aProduct } from '../catalogue.ts';
import { aCustomer, operatorBearer } from '../people.ts';
import { system } from '../running-system.ts';
import type { Product } from '../storefront-shapes.ts';
import { type Answer, type Knock, knock } from './knock.ts';

let product: Product;
beforeAll(async () => {
  product = await aProduct({ titleEn: 'A thing' });
});

const ask = (wish: Partial<Knock> & { path: string }): Promise<Answer> =>
  knock(system.gatewayUrl, { method: 'GET', ...wish });

/** Past everything that is kept. */
const fresh = (path: string, headers = {}) => ask({ path, headers: { ...headers, 'cache-control': 'no-cache' } });

const evil = 'evil.example';
/** What an attacker would like the answer to others to depend on. */
const unkeyed: Record<string, string>[] = [
  { host: evil },
  {
    'x-forwarded-host': evil,
    'x-forwarded-proto': 'gopher',
    'x-forwarded-port': '1',
    'x-forwarded-prefix': `/${evil}`,
  },
  { 'x-original-url': `/${evil}`, 'x-rewrite-url': `/${evil}` },
  { 'x-http-method-override': 'HEAD' },
  { origin: `https://${evil}` },
  { origin: 'http://localhost:5173' },
  { accept: 'text/html', 'accept-encoding': 'gzip', 'accept-charset': 'utf-16' },
  { 'user-agent': evil, referer: `https://${evil}/`, 'x-request-id': 'poisoned-request' },
  { 'if-none-match': '"x"', 'if-match': '"x"', 'if-modified-since': new Date().toUTCString() },
  { 'if-range': '"x"', prefer: 'return=minimal', te: 'trailers' },
  { 'accept-language': 'xx, en;q=0.1' },
  { 'accept-language': `${'en,'.repeat(1500)}en` },
  { connection: 'close, accept-language', 'accept-language': 'en' },
  { connection: 'close, x-request-id, host, if-none-match' },
  { 'x-internal-revision': evil, 'x-internal-good-for': '1', 'x-internal-about': evil },
  { 'transfer-encoding': 'identity' },
  { expect: '100-continue' },
];

const known = new Set(['date', 'x-request-id', 'keep-alive', 'connection']);
const lasting = ({ headers }: Answer) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !known.has(name) && !name.startsWith('ratelimit')));

const kept = routes.filter((row) => row.kept);

describe.each(kept)('$path', ({ path: pattern }) => {
  const path = () => pattern.replace(':idOrSlug', product.slug);
  const takesAnyQuery = pattern === '/products/:idOrSlug';

  test('gives others what they would have been given anyway, whoever asked first and however', async () => {
    for (const headers of unkeyed) {
      // An address that nobody has asked for, where there are such: the attacker is the first.
      const own = takesAnyQuery
        ? `${path()}?${randomUUID()}`
        : pattern === '/products'
          ? `${path()}?q=${randomUUID()}`
          : path();
      await ask({ path: own, headers }).catch(() => undefined);
      await ask({ method: 'HEAD', path: own, headers }).catch(() => undefined);
      for (const language of ['uk', 'en']) {
        const mine = { 'accept-language': language };
        const [given, true_] = [await ask({ path: own, headers: mine }), await fresh(own, mine)];
        expect([given.status, given.text, lasting(given)], JSON.stringify(headers)).toEqual([
          200,
          true_.text,
          lasting(true_),
        ]);
        expect(JSON.stringify(given)).not.toContain(evil);
        expect(given.headers['content-language']).toBe(language);
      }
    }
  });

  test('is asked, and not given, to whoever sends a credential; and theirs is given to nobody', async () => {
    const { auth, customer } = await aCustomer();
    const operator = await operatorBearer();
    for (const headers of [
      { authorization: `Bearer ${auth.bearer}` },
      { authorization: `Bearer ${operator.bearer}` },
      { authorization: 'Bearer garbage' },
      { cookie: `session=${auth.bearer}` },
    ]) {
      const theirs = await ask({ path: path(), headers });
      const anybodys = await ask({ path: path() });
      expect([theirs.status, theirs.text]).toEqual([200, anybodys.text]);
      expect(JSON.stringify(anybodys)).not.toContain(customer.id);
    }
  });

  test('tells nobody how it is kept: by any method, known, refused or broken', async () => {
    const { etag = '' } = (await ask({ path: path() })).headers;
    const answers = await Promise.all([
      ask({ path: path() }),
      fresh(path()),
      ask({ method: 'HEAD', path: path() }),
      ask({ path: path(), headers: { 'if-none-match': etag } }),
      ask({ path: path(), headers: { 'if-none-match': etag, 'cache-control': 'no-cache' } }),
      ask({ path: path(), headers: { range: 'bytes=0-3' } }),
      ask({ path: `${path()}?limit=x&x=y` }),
      ask({ path: `${path()}-never` }),
      ask({ method: 'POST', path: path(), body: {} }),
    ]);
    expect(answers[3]).toMatchObject({ status: 304, text: '' });
    for (const { headers } of answers) {
      expect(Object.keys(headers).filter((name) => /^x-internal|^age$|^x-cache|^via$/.test(name))).toEqual([]);
    }
  });
});

test('a refusal is not kept: a product that comes into being is seen at once', async () => {
  const slug = `not-yet-${randomUUID()}`;
  expect((await ask({ path: `/products/${slug}` })).status).toBe(404);
  const { bearer } = await operatorBearer();
  const headers = { authorization: `Bearer ${bearer}` };
  const body = { sku: slug, slug, title: { uk: slug }, price: 1, categoryId: product.categoryId };
  expect((await ask({ method: 'POST', path: '/admin/products', headers, body })).status).toBe(201);
  expect((await ask({ path: `/products/${slug}` })).status).toBe(200);
});

test('two spellings of an address may be kept apart, and tell the same', async () => {
  const spellings = [
    '/products?limit=2&page=1',
    '/products?page=1&limit=2',
    '/%70roducts?limit=2',
    '/products?limit=%32',
  ];
  const answers = await Promise.all([...spellings, ...spellings].map((path) => ask({ path })));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});
