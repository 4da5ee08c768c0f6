import { randomBytes } from 'node:crypto';
import { until } from '@forecourt/testing';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { aCategory, aDiscount, aProduct, changeProduct, endDiscount, removeProduct } from '../catalogue.ts';
import { operate } from '../operator.ts';
import { aCustomer } from '../people.ts';
import { system } from '../running-system.ts';
import { gateway } from '../storefront-client.ts';
import { refused } from '../subscriber/site.ts';
import { aPartner, endOf, type Partner, type SyncedProduct } from './partner.ts';

let partner: Partner;
beforeAll(async () => {
  partner = await aPartner();
});

/** What is said of these products after a cursor, others' aside, until it is as much as this. */
async function heard(cursor: string, ids: readonly string[], count: number) {
  const said: { type: string; product: SyncedProduct }[] = [];
  for (let at = cursor; said.length < count; ) {
    const page = await partner.sync(`?cursor=${at}&wait=20`);
    said.push(...page.items.filter(({ product }) => ids.includes(product.id)));
    at = page.cursor;
  }
  return said;
}

test('a partner’s key follows what operators and discounts do to products, and what is gone', async () => {
  const [changed, removed] = [await aProduct({ price: 100 }), await aProduct()];
  const cursor = await endOf(partner);
  await changeProduct(changed, { price: 80 });
  expect(await heard(cursor, [changed.id], 1)).toMatchObject([
    { type: 'upsert', product: { number: changed.number, price: 80, priceNow: 80, version: 2 } },
  ]);
  const before = await endOf(partner);
  const discount = await aDiscount({ type: 'percent', value: 50, productId: changed.id });
  expect(await heard(before, [changed.id], 1)).toMatchObject([{ product: { price: 80, priceNow: 40, version: 3 } }]);
  const between = await endOf(partner);
  await endDiscount(discount.id);
  await removeProduct(removed);
  expect(await heard(between, [changed.id, removed.id], 2)).toMatchObject([
    { type: 'upsert', product: { priceNow: 80 } },
    { type: 'delete', product: { id: removed.id } },
  ]);
});

test('what a partner pushes in is in the shop and comes back in step, once however often it is sent', async () => {
  const category = await aCategory();
  const mine = randomBytes(4).toString('hex');
  const rows = Array.from({ length: 20 }, (_, index) => ({
    ...{ external_id: `${mine}:${index}`, title_uk: `Пакет ${mine} ${index}`, price: 10 + index },
    ...{ category: category.slug, package_period: '1 month', package_line: 'internet' },
  }));
  const cursor = await endOf(partner);
  expect((await partner.imports(rows, '?dryRun=true')).at(-1)?.summary).toMatchObject({ dryRun: true, created: 20 });
  expect(await partner.sync(`?cursor=${cursor}`)).toMatchObject({ items: [] });
  const report = await partner.imports(rows, '?atomic=true');
  expect(report.at(-1)?.summary).toMatchObject({ applied: true, created: 20 });
  const ids = report.flatMap(({ productId }) => productId ?? []);
  const said = await heard(cursor, ids, 20);
  expect(said.map(({ product }) => [product.externalId, product.package?.period])).toEqual(
    rows.map(({ external_id }) => [external_id, { unit: 'month', count: 1 }]),
  );
  const shown = await until(async () => {
    const answer = await gateway.get<{ price: number }>(`/products/${ids[0]}`);
    return answer.status === 200 ? answer.body : undefined;
  });
  expect(shown.price).toBe(10);
  const again = await endOf(partner);
  expect((await partner.imports(rows)).at(-1)?.summary).toMatchObject({ unchanged: 20 });
  expect(await partner.sync(`?cursor=${again}`)).toMatchObject({ items: [] });
  const wrong = [...rows.map((row) => ({ ...row, price: 99 })), { external_id: `${mine}:x`, price: -1 }];
  expect((await partner.imports(wrong, '?atomic=true')).at(-1)?.summary).toMatchObject({ applied: false, refused: 1 });
  expect((await gateway.get<{ price: number }>(`/products/${ids[0]}`)).body.price).toBe(10);
});

test('a stream goes through the gateway as it comes, and on behind what was heard', async () => {
  const product = await aProduct();
  const cursor = await endOf(partner);
  const listen = async (query: string, headers: Record<string, string> = {}) => {
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    const response = await fetch(`${system.gatewayUrl}/products/sync${query}`, {
      headers: { authorization: `Bearer ${partner.key}`, accept: 'text/event-stream', ...headers },
      signal: leaving.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until_ = async (pattern: RegExp) => {
      for (;;) {
        const found = pattern.exec(text);
        if (found) return found;
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended after ${text}`);
        text += value;
      }
    };
    return { until: until_, leave: () => leaving.abort() };
  };
  const first = await listen(`?cursor=${cursor}`);
  await first.until(/event: current/);
  await changeProduct(product, { price: 7 });
  const [, id] = await first.until(new RegExp(`event: upsert\nid: (\\S+)\ndata: .*"${product.id}".*"price":7,`));
  first.leave();
  await changeProduct(product, { price: 8 });
  const second = await listen(`?cursor=${cursor}`, { 'last-event-id': id ?? '' });
  const [all] = await second.until(/event: current/);
  expect(all).toBeDefined();
  await second.until(new RegExp(`"${product.id}".*"price":8,`));
});

test('nobody else may follow: not customers, not a key that was revoked', async () => {
  expect((await gateway.get('/products/sync')).body).toEqual(refused(9));
  expect((await gateway.get('/products/sync', (await aCustomer()).auth)).body).toEqual(refused(10));
  const revoked = await aPartner();
  await revoked.sync('?limit=1');
  await operate('post', `/admin/service-accounts/${revoked.accountId}/revoke`, undefined);
  await until(async () => (await gateway.get('/products/sync', { bearer: revoked.key })).status === 401);
});
