import { randomUUID } from 'node:crypto';
import { discountChanged, productChanged, productRemoved } from '@forecourt/contracts';
import { aMessage, countStatements, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aDiscount, anOrderBody, aProduct } from '../../test/builders.ts';
import { openShop, type Shop } from '../../test/shop.ts';
import { dropOfferOnProductRemoved, keepDiscountOnDiscountChanged, keepOfferOnProductChanged } from './consumers.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const transact = () => ({ transact: shop.runtime.database.transaction });
const pay = async (product: ReturnType<typeof aProduct>, price = product.price) =>
  shop.place(anOrderBody([{ ...product, price }]));
const asHeard = (data: ReturnType<typeof aProduct>) => ({
  data,
  meta: { id: randomUUID(), time: new Date(), aggregateId: data.productId, deliveryCount: 1 },
});
const termsVersion = async () => {
  const [row] = await shop.runtime.database.$queryRaw<[{ version: number }]>`SELECT version FROM terms`;
  return row.version;
};

describe('a changed product', () => {
  test('is sold by its newest version, in whatever order and how often the changes come', async () => {
    const versions = [1, 2, 3].map((version) => ({ version, price: BigInt(version) * 100n }));
    const product = aProduct();
    const messages = versions.map((change) => aMessage(productChanged, { ...product, ...change }));
    for (const message of [messages[1], messages[2], messages[0], messages[2], messages[1]]) {
      if (message) expect(await deliver(keepOfferOnProductChanged, message, transact())).not.toBe('dead');
    }
    expect((await pay(product, 300n)).body.total).toBe(3);
    expect((await pay(product, 200n)).status).toBe(409);
  });

  test('that comes with others is kept with them, in one statement, each at its newest version', async () => {
    const [product, other] = [aProduct(), aProduct()];
    const heard = [{ ...product, version: 2, price: 200n }, other, { ...product, version: 3, price: 300n }, product];
    const { statements } = await countStatements(shop.runtime, () =>
      shop.runtime.database.transaction((tx) => keepOfferOnProductChanged.handle(tx, heard.map(asHeard))),
    );
    expect(statements).toHaveLength(3);
    expect((await pay(product, 300n)).body.total).toBe(3);
    expect((await pay(product, 200n)).status).toBe(409);
    expect((await pay(other)).status).toBe(201);
  });

  test('that cannot be read is a dead letter', async () => {
    const message = aMessage(productChanged, aProduct(), { payload: '{"productId":"x"}' });
    expect(await deliver(keepOfferOnProductChanged, message, transact())).toBe('dead');
  });
});

describe('a removed product', () => {
  test('is gone, however often it is told, and an older change does not bring it back', async () => {
    const product = aProduct();
    const changed = aMessage(productChanged, product);
    const removal = { productId: product.productId, version: 3, removedAt: new Date() };
    const removed = aMessage(productRemoved, removal);
    await deliver(keepOfferOnProductChanged, changed, transact());
    expect((await pay(product)).status).toBe(201);

    await deliver(dropOfferOnProductRemoved, removed, transact());
    await deliver(dropOfferOnProductRemoved, removed, transact());
    await deliver(keepOfferOnProductChanged, aMessage(productChanged, { ...product, version: 2 }), transact());
    expect((await pay(product)).status).toBe(404);

    await deliver(keepOfferOnProductChanged, aMessage(productChanged, { ...product, version: 4 }), transact());
    expect((await pay(product)).status).toBe(201);
  });

  test('that was never known stays unknown when its change comes late', async () => {
    const product = aProduct();
    const removal = { productId: product.productId, version: 2, removedAt: new Date() };
    await deliver(dropOfferOnProductRemoved, aMessage(productRemoved, removal), transact());
    await deliver(keepOfferOnProductChanged, aMessage(productChanged, product), transact());
    expect((await pay(product)).status).toBe(404);
  });

  test('that cannot be read is a dead letter', async () => {
    const removal = { productId: aProduct().productId, version: 2, removedAt: new Date() };
    const message = aMessage(productRemoved, removal, { payload: '[]' });
    expect(await deliver(dropOfferOnProductRemoved, message, transact())).toBe('dead');
  });
});

describe('a changed discount', () => {
  test('holds at its newest version, and only news moves the terms of sale', async () => {
    const product = aProduct();
    await shop.sell(product);
    const discount = aDiscount({ scope: 'product', targetId: product.productId });
    const [ten, twenty] = [1_000, 2_000].map((percentHundredths, index) =>
      aMessage(discountChanged, { ...discount, version: index + 1, percentHundredths }),
    );
    if (!ten || !twenty) throw new Error('two messages');

    await deliver(keepDiscountOnDiscountChanged, twenty, transact());
    expect((await pay(product)).body.total).toBe(280);
    const before = await termsVersion();
    await deliver(keepDiscountOnDiscountChanged, ten, transact());
    await deliver(keepDiscountOnDiscountChanged, twenty, transact());
    expect(await termsVersion()).toBe(before);
    expect((await pay(product)).body.total).toBe(280);

    const over = aMessage(discountChanged, { ...discount, version: 3, active: false });
    await deliver(keepDiscountOnDiscountChanged, over, transact());
    expect((await pay(product)).body.total).toBe(350);
  });

  test('that cannot be read is a dead letter', async () => {
    const message = aMessage(discountChanged, aDiscount(), { payload: 'nonsense' });
    expect(await deliver(keepDiscountOnDiscountChanged, message, transact())).toBe('dead');
  });
});
