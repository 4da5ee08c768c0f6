import { customerRegistered, claimGuestOrders as question } from '@forecourt/contracts';
import { ask } from '@forecourt/messaging';
import { aMessage, createTestNats, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId, anOrderBody, aProduct } from '../../test/builders.ts';
import { openShop, type Shop } from '../../test/shop.ts';
import { claimOnCustomerRegistered } from './consumers.ts';
import { answerClaims } from './requests.ts';
import { claimGuestOrders } from './service.ts';

let shop: Shop;
const bur = aProduct();
beforeAll(async () => {
  shop = await openShop();
  await shop.sell(bur);
});
afterAll(() => shop.close());

const phone = '+380971112233';
const aRegistration = (customerId: string, clientId: string | null) => ({
  customerId,
  version: 1,
  phone,
  email: 'ivan@example.com',
  name: null,
  language: 'uk' as const,
  clientId,
  registeredAt: new Date('2026-02-19T12:30:00.000Z'),
});
const ordersOf = async (customerId: string) =>
  (await shop.get('/me/orders', await shop.asCustomer(customerId))).body.items as { _id: string }[];

describe('at registration', () => {
  test('guest orders of exactly that phone and browser join the account, once, and say so in their history', async () => {
    const [clientId, customerId] = ['claiming', anId()];
    const mine = await shop.place(anOrderBody([bur], { clientId }));
    await shop.place(anOrderBody([bur], { clientId, phone: '+380971112234' }));
    await shop.place(anOrderBody([bur], { clientId: 'claimin' }));
    await shop.place(anOrderBody([bur], { clientId }), await shop.asCustomer(anId()));

    const claim = () => claimGuestOrders(shop.runtime.database, { customerId, phone, clientId }, shop.runtime.clock());
    expect(await Promise.all([claim(), claim(), claim()]).then((claimed) => claimed.sort())).toEqual([0, 0, 1]);
    expect(await ordersOf(customerId)).toEqual([{ ...mine.body, customerId }]);

    const { body } = await shop.get(`/admin/orders/${mine.body._id}`, await shop.asOperator());
    expect(body.history).toMatchObject([{ what: 'placed' }, { what: 'claimed', by: customerId, status: 'new' }]);
  });

  test('what was claimed is not claimed again by the next account of that phone', async () => {
    const [clientId, first, second] = ['recycled', anId(), anId()];
    await shop.place(anOrderBody([bur], { clientId }));
    await claimGuestOrders(shop.runtime.database, { customerId: first, phone, clientId }, shop.runtime.clock());
    await claimGuestOrders(shop.runtime.database, { customerId: second, phone, clientId }, shop.runtime.clock());
    expect(await ordersOf(first)).toHaveLength(1);
    expect(await ordersOf(second)).toEqual([]);
  });

  test('a key that a guest used answers them the same after the claim', async () => {
    const body = anOrderBody([bur], { clientId: 'claimed-key' });
    const key = { 'x-idempotency-key': 'claimed' };
    const first = await shop.place(body, key);
    const claim = { customerId: anId(), phone, clientId: 'claimed-key' };
    await claimGuestOrders(shop.runtime.database, claim, shop.runtime.clock());
    expect((await shop.place(body, key)).text).toBe(first.text);
  });
});

describe('the event of a registration', () => {
  const transact = () => ({ transact: shop.runtime.database.transaction });

  test('claims what the question did not, however often it comes', async () => {
    const [clientId, customerId] = ['by-event', anId()];
    await shop.place(anOrderBody([bur], { clientId }));
    const message = aMessage(customerRegistered, aRegistration(customerId, clientId));
    expect(await deliver(claimOnCustomerRegistered, message, transact())).toBe('applied');
    await shop.place(anOrderBody([bur], { clientId }));
    expect(await deliver(claimOnCustomerRegistered, message, transact())).toBe('duplicate');
    expect(await ordersOf(customerId)).toHaveLength(1);
  });

  test('of somebody without a browser claims nothing', async () => {
    const customerId = anId();
    const message = aMessage(customerRegistered, aRegistration(customerId, null));
    expect(await deliver(claimOnCustomerRegistered, message, transact())).toBe('applied');
    expect(await ordersOf(customerId)).toEqual([]);
  });

  test('that cannot be read is a dead letter', async () => {
    const message = aMessage(customerRegistered, aRegistration(anId(), 'x'), { payload: '{}' });
    expect(await deliver(claimOnCustomerRegistered, message, transact())).toBe('dead');
  });
});

test('the question is answered over NATS once the orders have joined', async () => {
  const nats = await createTestNats();
  const answering = answerClaims(shop.deps, nats);
  try {
    const [clientId, customerId] = ['by-question', anId()];
    await shop.place(anOrderBody([bur], { clientId }));
    expect(await ask(nats, question, { customerId, phone, clientId }, { timeoutMs: 2_000 })).toEqual({ claimed: 1 });
    expect(await ordersOf(customerId)).toHaveLength(1);
    expect(await ask(nats, question, { customerId, phone, clientId }, { timeoutMs: 2_000 })).toEqual({ claimed: 0 });
  } finally {
    await answering.close();
    await nats.close();
  }
});
