import { customerErased, exportOrdersOfCustomer, orderChanged } from '@forecourt/contracts';
import { ask } from '@forecourt/messaging';
import { aMessage, createTestNats, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId, anOrderBody, aPackage, aProduct } from '../../test/builders.ts';
import { openClub } from '../../test/club.ts';
import { openShop, type Shop } from '../../test/shop.ts';
import { claimGuestOrders, moveOrder } from '../order/service.ts';
import { forgetOnCustomerErased } from './consumers.ts';
import { answerExports } from './requests.ts';
import { exportPage, forgetAgain } from './service.ts';

let shop: Shop;
const bur = aProduct();
beforeAll(async () => {
  shop = await openShop();
  await shop.sell(bur);
});
afterAll(() => shop.close());

const erased = (customerId: string) =>
  aMessage(customerErased, { customerId, version: 7, erasedAt: shop.runtime.clock() });
const forget = (message: ReturnType<typeof erased>) =>
  deliver(forgetOnCustomerErased, message, { transact: shop.runtime.database.transaction });
const place = async (customerId: string, wishes: Parameters<typeof anOrderBody>[1] = {}, key?: string) => {
  const auth = await shop.asCustomer(customerId);
  return shop.place(anOrderBody([bur], wishes), { ...auth, ...(key && { 'x-idempotency-key': key }) });
};
const rowsOf = (customerId: string) => shop.deps.prisma.order.findMany({ where: { customerId } });
const keysNaming = async (word: string) =>
  shop.runtime.database.$queryRaw<unknown[]>`SELECT FROM idempotency_keys WHERE scope LIKE ${`%${word}%`}`;
const nobody = { phone: null, clientId: null, name: null, comment: null };

describe('a customer who is erased', () => {
  test('is forgotten: their orders stay with lines and sums, and say nothing of who it was', async () => {
    const [customerId, other] = [anId(), anId()];
    const person = { phone: '+380671230001', clientId: 'forgotten', name: 'Олена', comment: 'Дзвоніть двічі' };
    const { body } = await place(customerId, person);
    await place(other, person);
    const [before] = await rowsOf(customerId);
    expect(await forget(erased(customerId))).toBe('applied');
    expect(await rowsOf(customerId)).toEqual([{ ...before, ...nobody }]);
    expect(await rowsOf(other)).toMatchObject([person]);
    const found = await shop.get(`/admin/orders/${body._id}`, await shop.asOperator());
    expect(found.body).toMatchObject({ customerId, phone: null, name: null, total: body.total });
    expect(JSON.stringify(found.body)).not.toMatch(/Олена|380671230001|двічі/);
  });

  test('loses the keys that name them, those that they used as a guest too; others keep theirs', async () => {
    const customerId = anId();
    const guest = { phone: '+380671230002', clientId: 'guest-of-keys' };
    await place(customerId, {}, 'as a customer');
    await shop.place(anOrderBody([bur], guest), { 'x-idempotency-key': 'as a guest' });
    await shop.place(anOrderBody([bur], { ...guest, clientId: 'another browser' }), { 'x-idempotency-key': 'other' });
    await claimGuestOrders(shop.runtime.database, { customerId, ...guest }, shop.runtime.clock());
    await forget(erased(customerId));
    expect(await keysNaming(customerId)).toHaveLength(0);
    expect(await keysNaming(guest.phone)).toHaveLength(1);
  });

  test('is forgotten once, however often it is told', async () => {
    const customerId = anId();
    await place(customerId);
    const message = erased(customerId);
    expect(await forget(message)).toBe('applied');
    expect(await forget(message)).toBe('duplicate');
    expect(await forget(erased(customerId))).toBe('applied');
    expect(await rowsOf(customerId)).toMatchObject([nobody]);
  });

  test('what nobody can read is a dead letter', async () => {
    const erasure = { customerId: anId(), version: 1, erasedAt: new Date() };
    expect(await forget(aMessage(customerErased, erasure, { payload: '{"customerId":7}' }))).toBe('dead');
  });

  test('is given no guest orders any more, also by news that come late', async () => {
    const guest = { phone: '+380671230003', clientId: 'too late' };
    const customerId = anId();
    await forget(erased(customerId));
    await shop.place(anOrderBody([bur], guest));
    expect(await claimGuestOrders(shop.runtime.database, { customerId, ...guest }, shop.runtime.clock())).toBe(0);
  });

  test('whose order came in that very moment is forgotten by the next round; after two days nobody looks any more', async () => {
    const [customerId, longAgo] = [anId(), anId()];
    await forget(erased(longAgo));
    shop.runtime.clock.advance(3 * 24 * 3_600_000);
    await forget(erased(customerId));
    await place(customerId);
    await place(longAgo);
    await forgetAgain(shop.deps);
    expect(await rowsOf(customerId)).toMatchObject([nobody]);
    expect((await rowsOf(longAgo))[0]?.phone).not.toBeNull();
  });

  test('has orders that still move on, and tells of nobody', async () => {
    const customerId = anId();
    const { body } = await place(customerId);
    await forget(erased(customerId));
    await moveOrder(shop.deps, { orderId: body._id, to: 'processing', by: anId(), reason: null });
    const told = (await shop.told(orderChanged.subject)).find(({ orderId }) => orderId === body._id);
    expect(told).toMatchObject({ customerId, phone: null });
  });

  test('is no name for half an order: the table refuses one', async () => {
    const { body } = await place(anId());
    const half = shop.deps.prisma.order.update({ where: { id: body._id }, data: { phone: null } });
    await expect(half).rejects.toThrow(/orders_person_is_whole_or_gone/);
  });
});

describe('all that is kept about a customer', () => {
  test('is told page by page, each order once and whole, oldest first, with its history and no names of ours', async () => {
    const customerId = anId();
    const placed: { _id: string }[] = [];
    for (const comment of ['перше', 'друге', 'третє']) {
      placed.push((await place(customerId, { comment })).body);
      shop.runtime.clock.advance(1000);
    }
    await moveOrder(shop.deps, { orderId: placed[0]?._id ?? '', to: 'processing', by: anId(), reason: 'в роботі' });
    await place(anId());

    const first = await exportPage(shop.deps, { customerId, after: null });
    expect(first.records.map(({ id }) => id)).toEqual(placed.map(({ _id }) => _id));
    expect(first.records[0]).toMatchObject({
      comment: 'перше',
      phone: expect.any(String),
      history: [
        { what: 'placed', by: 'buyer' },
        { what: 'moved', by: 'shop', reason: 'в роботі' },
      ],
    });
    expect(await exportPage(shop.deps, { customerId, after: first.next })).toEqual({
      records: [],
      next: 'subscription ',
    });
  });

  test('tells of subscriptions with their periods, and of orders that waited for a code, after the orders', async () => {
    const club = await openClub();
    const packages = [aPackage({ number: 1 }), aPackage({ number: 2 }, { renews: false })] as const;
    await club.sell(...packages);
    const member = club.member({ funds: 45_000n });
    for (const product of packages) {
      await club.order(member, product);
      await club.settle();
      club.pass(1_000);
    }
    const { customerId } = member;
    const records: Record<string, unknown>[] = [];
    for (let after: string | null = null; ; ) {
      const page = await exportPage(club.deps, { customerId, after });
      records.push(...page.records);
      if (page.next === null) break;
      after = page.next;
    }
    expect(records).toMatchObject([
      {
        what: 'subscription',
        state: 'active',
        price: 450,
        until: '2026-03-19T12:00:00.000Z',
        periods: [{ n: 1, price: 450 }],
      },
      { what: 'subscription', state: 'unpaid', renews: false, until: null, periods: [{ status: 'refused' }] },
      { what: 'order that waited for a code', status: 'done', product: 1, phone: member.phone },
      { what: 'order that waited for a code', status: 'done', product: 2 },
    ]);
    await deliver(forgetOnCustomerErased, erased(customerId), { transact: club.deps.database.transaction });
    const { records: left } = await exportPage(club.deps, { customerId, after: 'pending ' });
    expect(left).toMatchObject([{ phone: null }, { phone: null }]);
    await club.close();
  });

  test('never fills a message: large orders come on pages of their own', async () => {
    const customerId = anId();
    const options = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`option ${n}`, `${n} ${'довге слово '.repeat(15)}`]),
    );
    const { body: small } = await place(customerId);
    await shop.runtime.database.$executeRaw`
      UPDATE orders SET items = (
        SELECT jsonb_agg(line) FROM generate_series(1, 60), LATERAL (
          SELECT orders.items -> 0 || jsonb_build_object('options', ${JSON.stringify(options)}::jsonb) AS line) AS made)
      WHERE id = ${small._id}`;
    await shop.runtime.database.$executeRaw`
      INSERT INTO orders SELECT (jsonb_populate_record(o, jsonb_build_object('id', lpad(to_hex(n), 24, '0'), 'number', 'N' || n))).*
      FROM orders AS o, generate_series(1, 5) AS n WHERE o.id = ${small._id}`;

    const seen: unknown[] = [];
    let pages = 0;
    for (let after: string | null = null; ; pages++) {
      const page = await exportPage(shop.deps, { customerId, after });
      if (page.next === null) break;
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1_000_000);
      seen.push(...page.records.map(({ id }) => id));
      after = page.next;
    }
    expect(pages).toBeGreaterThan(1);
    expect(new Set(seen).size).toBe(6);
  });

  test('is asked for over NATS; a page that ends nowhere is refused', async () => {
    const nats = await createTestNats();
    const answering = answerExports(shop.deps, nats);
    const customerId = anId();
    await place(customerId);
    const options = { timeoutMs: 2_000 };
    const page = await ask(nats, exportOrdersOfCustomer, { customerId, after: null }, options);
    expect(page.records).toHaveLength(1);
    await expect(ask(nats, exportOrdersOfCustomer, { customerId, after: 'nowhere' }, options)).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await answering.close();
    await nats.close();
  });
});
