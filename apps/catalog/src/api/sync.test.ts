import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { countStatements, until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import { changeProduct, removeProduct } from '../product/service.ts';
import { liftVersions } from '../versions.ts';

let catalog: CatalogSystem;
let origin: string;
let partner: { authorization: string };
beforeAll(async () => {
  catalog = await aCatalog();
  await catalog.app.listen({ port: 0, host: '127.0.0.1' });
  origin = catalog.app.listeningOrigin;
  partner = await catalog.runtime.issuer.bearer({ customerId: '65f1a2b3c4d5e6f7a8b90002', roles: ['partner'] });
});
afterAll(async () => {
  const closed = catalog.app.close();
  letGo(catalog.app);
  await closed;
  await catalog.runtime.close();
});

/** Clients here keep their connections for later. */
const letGo = ({ server }: CatalogSystem['app']) => server.closeAllConnections();

const by = { actor: 'test', expectedVersion: undefined };
const ask = async (query = '', headers: Record<string, string> = partner) => {
  const response = await fetch(`${origin}/products/sync${query}`, { headers });
  const body = (await response.json()) as { data: Page & { fields?: string[] }; success: boolean; errorCode: number };
  return { status: response.status, headers: response.headers, body };
};
interface Page {
  items: { type: string; at: string; product: Record<string, unknown> & { id: string } }[];
  cursor: string;
  more: boolean;
}
const page = async (query = ''): Promise<Page> => {
  const { status, body } = await ask(query);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body).toMatchObject({ success: true, errorCode: 0 });
  return body.data;
};
/** Where the log ends, with nothing on its way: whoever else uses this Postgres may have an older transaction. */
async function end(): Promise<string> {
  for (let cursor = ''; ; ) {
    const next = await page(`?limit=1000${cursor && `&cursor=${cursor}`}`);
    cursor = next.cursor;
    if (!next.more) return cursor;
  }
}
const price = (id: string, value: bigint) => changeProduct(catalog.deps, id, () => ({ price: value }), by);

describe('GET /products/sync', () => {
  test('is for partners and operators, and for nobody else', async () => {
    const customer = await catalog.runtime.issuer.bearer({ customerId: '65f1a2b3c4d5e6f7a8b90003' });
    expect((await ask('', {})).body).toEqual({ data: {}, success: false, errorCode: 9 });
    expect(await ask('', customer)).toMatchObject({ status: 403, body: { errorCode: 10 } });
    expect((await ask('', await catalog.operator())).status).toBe(200);
  });

  test('gives products whole in major units, and a cursor to go on from', async () => {
    const cursor = await end();
    const terms = {
      period: { unit: 'month' as const, count: 1 },
      renews: true,
      line: 'internet',
      contents: [{ name: 'download', value: 100, unit: 'Mbit/s' }],
    };
    const product = await catalog.aProduct({ price: 4_550n, externalId: 'p:1', package: terms });
    const { items, more, cursor: next } = await page(`?cursor=${cursor}&wait=20`);
    expect(items).toEqual([
      {
        type: 'upsert',
        at: expect.stringMatching(/Z$/),
        product: {
          id: product.id,
          number: Number(product.number),
          slug: product.slug,
          sku: product.sku,
          externalId: 'p:1',
          version: 1,
          title: { uk: 'Товар', ru: null, en: null },
          description: { uk: null, ru: null, en: null },
          price: 45.5,
          priceNow: 45.5,
          currency: 'UAH',
          unit: 'шт',
          categoryId: product.categoryId,
          categoryPath: product.categoryPath,
          manufacturerId: null,
          countryId: null,
          tags: [],
          images: [],
          options: [],
          active: true,
          inStock: true,
          package: terms,
          createdAt: expect.any(String),
          updatedAt: expect.any(String),
        },
      },
    ]);
    expect(more).toBe(false);
    expect(await page(`?cursor=${next}`)).toEqual({ items: [], cursor: next, more: false });
    await removeProduct(catalog.deps, product.id, by);
    expect((await page(`?cursor=${next}&wait=20`)).items).toEqual([
      {
        type: 'delete',
        at: expect.any(String),
        product: { id: product.id, number: Number(product.number), sku: product.sku, externalId: 'p:1' },
      },
    ]);
  });

  test('gives as many as were asked for, and says that there is more', async () => {
    const cursor = await end();
    const made = [];
    for (let at = 0; at < 5; at += 1) made.push((await catalog.aProduct()).id);
    const seen: string[] = [];
    for (let at = cursor, more = true; more; ) {
      const next = await page(`?cursor=${at}&limit=2`);
      expect(next.items.length).toBeLessThanOrEqual(2);
      seen.push(...next.items.map(({ product }) => product.id));
      ({ cursor: at, more } = next);
    }
    expect(seen).toEqual(made);
  });

  test.each([
    'cursor=',
    'cursor=garbage',
    `cursor=${'A'.repeat(201)}`,
    'limit=0',
    'limit=1001',
    'limit=x',
    'wait=31',
    'wait=-1',
    'since=1',
  ])('refuses %s as bad input, and names it', async (query) => {
    const { status, body } = await ask(`?${query}`);
    expect([status, body.errorCode, body.data.fields]).toEqual([400, 1, [query.split('=')[0]]]);
  });

  test('refuses a cursor from before a restore, as a page and as a stream', async () => {
    const cursor = await end();
    await catalog.runtime.database.transaction(liftVersions);
    const refused = { status: 400, body: { data: { fields: ['cursor'] }, success: false, errorCode: 1 } };
    expect(await ask(`?cursor=${cursor}`)).toMatchObject(refused);
    expect(await ask('', { ...partner, accept: 'text/event-stream', 'last-event-id': cursor })).toMatchObject(refused);
  });

  test('is one statement to the database', async () => {
    const cursor = await end();
    const { statements } = await countStatements(catalog.runtime, () => page(`?cursor=${cursor}`));
    expect(statements).toHaveLength(1);
  });

  test('is kept by nobody', async () => {
    const { headers } = await ask();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-internal-revision')).toBeNull();
  });
});

describe('wait', () => {
  test('answers as soon as something happens', async () => {
    const { id } = await catalog.aProduct();
    const cursor = await end();
    const waiting = page(`?cursor=${cursor}&wait=30`);
    await price(id, 1n);
    expect((await waiting).items).toMatchObject([{ type: 'upsert', product: { id, price: 0.01 } }]);
  });

  test('answers with nothing when nothing has happened by then', async () => {
    const cursor = await end();
    expect(await page(`?cursor=${cursor}&wait=1`)).toEqual({ items: [], cursor, more: false });
  });

  test('tells nothing to whoever may hear nothing any more', async () => {
    const sessionId = '65f1a2b3c4d5e6f7a8b90009';
    const token = await catalog.runtime.issuer.bearer({ customerId: sessionId, sessionId, roles: ['partner'] });
    const cursor = await end();
    const waiting = ask(`?cursor=${cursor}&wait=30`, token);
    let isAnswered = false;
    void waiting.then(() => {
      isAnswered = true;
    });
    // By then it is past the door.
    await page(`?cursor=${cursor}&wait=1`);
    expect(isAnswered).toBe(false);
    catalog.runtime.issuer.revoke(sessionId);
    await catalog.aProduct();
    expect(await waiting).toMatchObject({ status: 401, body: { data: {}, errorCode: 9 } });
  });

  test('is not for everybody at once: of five of an account one is answered without', async () => {
    const cursor = await end();
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    const url = `${origin}/products/sync?cursor=${cursor}&wait=30`;
    let answered = 0;
    const waiting = Array.from({ length: 5 }, async () => {
      const response = await fetch(url, { headers: partner, signal: leaving.signal });
      answered += 1;
      return response.json();
    });
    for (const one of waiting) one.catch(() => undefined);
    expect(await Promise.any(waiting)).toMatchObject({ data: { items: [], cursor } });
    expect(answered).toBe(1);
  });
});

interface Event {
  event: string;
  id: string;
  data: { type?: string; product?: { id: string; priceNow: number } };
}

/** A stream as a browser hears it. */
async function listen(query = '', headers: Record<string, string> = {}) {
  const request = httpRequest(`${origin}/products/sync${query}`, {
    headers: { ...partner, accept: 'text/event-stream', ...headers },
  });
  request.end();
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  const heard: Event[] = [];
  let text = '';
  let isOver = false;
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
      const fields = text.slice(0, at).split('\n');
      text = text.slice(at + 2);
      const field = (name: string) => fields.find((one) => one.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      if (field('event')) heard.push({ event: field('event'), id: field('id'), data: JSON.parse(field('data')) });
    }
  });
  response.on('close', () => {
    isOver = true;
  });
  response.on('error', () => undefined);
  const leave = () => void request.destroy();
  onTestFinished(leave);
  return { response, heard, leave, isOver: () => isOver };
}

const connections = () =>
  new Promise<number>((resolve, reject) =>
    catalog.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

describe('text/event-stream', () => {
  test('says what there is, that this was all, and then what happens, each with its cursor', async () => {
    const cursor = await end();
    const [first, second] = [await catalog.aProduct(), await catalog.aProduct()];
    const { heard, response } = await listen(`?cursor=${cursor}`);
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await until(() => heard.some(({ event }) => event === 'current'));
    expect(heard.map(({ event, data }) => [event, data.product?.id])).toEqual([
      ['upsert', first.id],
      ['upsert', second.id],
      ['current', undefined],
    ]);
    await price(first.id, 700n);
    await removeProduct(catalog.deps, second.id, by);
    await until(() => heard.length === 5);
    expect(heard.slice(3).map(({ event, data }) => [event, data.product?.id])).toEqual([
      ['upsert', first.id],
      ['delete', second.id],
    ]);
    expect(await page(`?cursor=${heard[4]?.id}`)).toMatchObject({ items: [] });
  });

  test('goes on behind the last event that was heard, wherever a page ends', async () => {
    const cursor = await end();
    const made = [];
    for (let at = 0; at < 4; at += 1) made.push((await catalog.aProduct()).id);
    const before = await listen(`?cursor=${cursor}`);
    await until(() => before.heard.length === 5);
    before.leave();
    const after = await listen(`?cursor=${cursor}`, { 'last-event-id': before.heard[1]?.id ?? '' });
    await until(() => after.heard.length === 3);
    expect(after.heard.map(({ data }) => data.product?.id)).toEqual([made[2], made[3], undefined]);
  });

  test('ends with the session of who listens', async () => {
    const token = await catalog.runtime.issuer.bearer({
      customerId: '65f1a2b3c4d5e6f7a8b90004',
      sessionId: '65f1a2b3c4d5e6f7a8b90005',
      roles: ['partner'],
    });
    const cursor = await end();
    const stream = await listen(`?cursor=${cursor}`, token);
    await until(() => stream.heard.length === 1);
    catalog.runtime.issuer.revoke('65f1a2b3c4d5e6f7a8b90005');
    await catalog.aProduct();
    await until(stream.isOver);
    expect(stream.heard.map(({ event }) => event)).toEqual(['current']);
  });

  test('is open four times to an account, and again when one has left', async () => {
    const token = await catalog.runtime.issuer.bearer({ customerId: '65f1a2b3c4d5e6f7a8b90006', roles: ['partner'] });
    const cursor = await end();
    const open = [];
    for (let at = 0; at < 4; at += 1) open.push(await listen(`?cursor=${cursor}`, token));
    const headers = { ...token, accept: 'text/event-stream' };
    const fifth = await fetch(`${origin}/products/sync?cursor=${cursor}`, { headers });
    expect([
      fifth.status,
      fifth.headers.get('retry-after'),
      ((await fifth.json()) as { errorCode: number }).errorCode,
    ]).toEqual([429, '5', 6]);
    open[0]?.leave();
    await until(async () => {
      const again = await listen(`?cursor=${cursor}`, token);
      return again.response.statusCode === 200;
    });
  });

  test('leaves no place taken by those who went before it began', async () => {
    const token = await catalog.runtime.issuer.bearer({ customerId: '65f1a2b3c4d5e6f7a8b90008', roles: ['partner'] });
    const cursor = await end();
    const client = await catalog.runtime.database.pool.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE change_log_epoch IN ACCESS EXCLUSIVE MODE');
    const before = await connections();
    const asking = Array.from({ length: 4 }, () => {
      const request = httpRequest(`${origin}/products/sync?cursor=${cursor}`, {
        headers: { ...token, accept: 'text/event-stream' },
      });
      request.on('error', () => undefined).end();
      return request;
    });
    const waiting = async () => {
      const [row] = await catalog.runtime.database.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM pg_locks
        WHERE NOT granted AND relation = 'change_log_epoch'::regclass`;
      return row?.count;
    };
    await until(async () => (await waiting()) === 4);
    for (const request of asking) request.destroy();
    await until(async () => (await connections()) <= before);
    await client.query('COMMIT');
    client.release();
    await until(async () => (await waiting()) === 0);
    for (let at = 0; at < 4; at += 1) expect((await listen(`?cursor=${cursor}`, token)).response.statusCode).toBe(200);
  });

  test('is no stream for HEAD', async () => {
    const response = await fetch(`${origin}/products/sync`, {
      method: 'HEAD',
      headers: { ...partner, accept: 'text/event-stream' },
    });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('and whoever waits is let go when the process ends', async () => {
    const leaving = await aCatalog();
    onTestFinished(() => leaving.runtime.close());
    const app = leaving.app;
    await app.listen({ port: 0, host: '127.0.0.1' });
    const token = await leaving.runtime.issuer.bearer({ customerId: '65f1a2b3c4d5e6f7a8b90007', roles: ['partner'] });
    const ask = (query: string, headers = {}) =>
      fetch(`${app.listeningOrigin}/products/sync${query}`, { headers: { ...token, ...headers } });
    const { cursor } = ((await (await ask('')).json()) as { data: Page }).data;
    const waiting = ask(`?cursor=${cursor}&wait=30`);
    const stream = await ask(`?cursor=${cursor}`, { accept: 'text/event-stream' });
    const heard = stream.text();
    const closed = app.close();
    expect(await (await waiting).json()).toMatchObject({ data: { items: [], cursor } });
    expect(await heard).toContain('event: current');
    letGo(app);
    await closed;
  });
});
