import { randomUUID } from 'node:crypto';
import { codeAccepted, pendingOrderRefused } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { aMessage, deliver } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPackage, aProduct } from '../../test/builders.ts';
import { type Club, day, openClub } from '../../test/club.ts';
import { confirmOnCodeAccepted } from './consumers.ts';
import { sweepPending } from './store.ts';

let club: Club;
const monthly = aPackage({ number: 701 });
const router = aProduct({ number: 702 });
beforeAll(async () => {
  club = await openClub();
  await club.sell(monthly, router);
});
afterAll(() => club.close());

const transact = () => ({ transact: club.deps.database.transaction });
const accepted = (reference: string, wishes: { owner?: string; acceptedAt?: Date } = {}) =>
  aMessage(codeAccepted, {
    codeRequestId: randomUUID(),
    version: 1,
    owner: 'orders',
    reference,
    customerId: null,
    recipient: '+995555000000',
    acceptedAt: club.runtime.clock(),
    ...wishes,
  });
const confirm = (message: ReturnType<typeof accepted>) =>
  deliver(confirmOnCodeAccepted(club.deps), message, transact());
const ordersOf = ({ customerId }: { customerId: string }) => club.deps.prisma.order.findMany({ where: { customerId } });
const minutes = (count: number) => count * 60_000;

/** What was told of an order that came to nothing. */
const refusalsOf = async (id: string) =>
  (await club.told(pendingOrderRefused.subject)).filter(({ pendingOrderId }) => pendingOrderId === id);

describe('an order that waits for its code', () => {
  test('lapses after a quarter of an hour, and nothing comes of it', async () => {
    const member = club.member({ funds: 100_000n });
    const id = await club.request(member, monthly);
    club.pass(minutes(15) - 1);
    await club.settle();
    expect(await club.pending(id)).toMatchObject({ status: 'pending' });
    club.pass(1);
    await club.settle();
    expect(await club.pending(id)).toMatchObject({ status: 'lapsed', endedAt: club.runtime.clock() });
    expect(await club.casesOf(member)).toEqual([]);
  });

  test('is done when its code was accepted in time, however late and often that is told', async () => {
    const member = club.member({ funds: 100_000n });
    const id = await club.request(member, monthly);
    const message = accepted(id);
    club.pass(minutes(16));
    await club.settle();
    await confirm(message);
    await confirm(message);
    await club.settle();
    await confirm(message);
    await club.settle();
    expect(await club.pending(id)).toMatchObject({ status: 'done' });
    expect(await club.casesOf(member)).toMatchObject([{ subscription: { state: 'active' }, periods: [{ n: 1 }] }]);
  });

  test.each([
    ['before anybody has looked', false],
    ['after it had lapsed', true],
  ])('is not done when its code was accepted too late, %s, and its customer hears so, once', async (_, isLapsed) => {
    const member = club.member();
    const id = await club.request(member, monthly);
    club.pass(minutes(15) + 1);
    if (isLapsed) await club.settle();
    const late = accepted(id);
    await confirm(late);
    await confirm(late);
    await club.settle();
    expect(await club.pending(id)).toMatchObject({ status: 'refused', reason: 'code_expired' });
    expect(await club.casesOf(member)).toEqual([]);
    expect(await refusalsOf(id)).toMatchObject([{ customerId: member.customerId, reason: 'code_expired' }]);
  });

  test('is confirmed by no code of another service, and codes of nothing that is known confirm nothing', async () => {
    const id = await club.request(club.member(), monthly);
    expect(await confirm(accepted(id, { owner: 'payments' }))).toBe('applied');
    expect(await confirm(accepted('65f1a2b3ffffffffffffffff'))).toBe('applied');
    expect(await club.pending(id)).toMatchObject({ status: 'pending' });
  });

  test('a confirmation that cannot be read is a dead letter', async () => {
    const message = { ...accepted('x'), payload: Buffer.from('{"owner":"orders"}') };
    expect(await confirm(message)).toBe('dead');
  });

  test.each([
    ['too_many_requests', 0],
    ['upstream_timeout', 1],
  ] as const)('whose code is answered %s leaves %i behind, which lapses like any other', async (code, count) => {
    const member = club.member();
    const { sendCode } = club.people;
    club.people.sendCode = async () => {
      throw new AppError(code, 'Later.', { retryAfterSeconds: 30 });
    };
    await expect(club.request(member, monthly)).rejects.toMatchObject({ code });
    club.people.sendCode = sendCode;
    club.pass(minutes(15));
    await club.settle();
    const rows = await club.deps.prisma.pendingOrder.findMany({ where: { customerId: member.customerId } });
    expect(rows.map(({ status, codeRequestId }) => ({ status, codeRequestId }))).toEqual(
      Array(count).fill({ status: 'lapsed', codeRequestId: null }),
    );
  });

  test('that lapsed is forgotten after a month; what came to something is kept', async () => {
    const [lapsed, done] = [await club.request(club.member(), monthly), await club.order(club.member(), monthly)];
    club.pass(minutes(15));
    await club.settle();
    club.pass(31 * day);
    await sweepPending(club.deps.database, club.runtime.clock());
    expect(await club.pending(lapsed)).toBeNull();
    expect(await club.pending(done)).toMatchObject({ status: 'done' });
  });
});

describe('what is no package', () => {
  test('is placed as an order when it is confirmed, for what it cost, and under a browser that nobody knows', async () => {
    const member = club.member();
    const id = await club.order(member, router);
    expect(await ordersOf(member)).toEqual([]);
    await club.settle();
    const [placed, ...others] = await ordersOf(member);
    expect(others).toEqual([]);
    expect(placed).toMatchObject({
      total: 35_000n,
      phone: member.phone,
      clientId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await club.pending(id)).toMatchObject({ status: 'done', orderId: placed?.id });
  });

  test('that cannot be placed says why, and its customer hears of it', async () => {
    const member = club.member();
    const dear = aProduct({ number: 703 });
    await club.sell(dear);
    const id = await club.order(member, dear);
    await club.sell({ ...dear, version: 2, price: 99_000n });
    club.catalogue.known = [{ ...dear, version: 2, price: 99_000n }];
    await club.settle();
    expect(await club.pending(id)).toMatchObject({ status: 'refused', reason: 'price_changed' });
    expect(await ordersOf(member)).toEqual([]);
    expect(await refusalsOf(id)).toMatchObject([
      { customerId: member.customerId, reason: 'price_changed', title: dear.title },
    ]);
  });

  test('that cannot be placed now is placed later', async () => {
    const member = club.member();
    const late = aProduct({ number: 704 });
    await club.sell(late);
    const id = await club.order(member, late);
    await club.sell({ ...late, version: 2, active: false });
    club.catalogue.away = true;
    await club.deps.database.$executeRaw`DELETE FROM offers WHERE product_id = ${late.productId}`;
    await club.settle();
    expect(await club.pending(id)).toMatchObject({ status: 'confirmed', attempts: 1 });
    club.catalogue.away = false;
    await club.sell({ ...late, version: 3 });
    club.pass(10_000);
    await club.settle();
    expect(await club.pending(id)).toMatchObject({ status: 'done' });
    expect(await ordersOf(member)).toHaveLength(1);
  });
});

test('what a customer confirms of a package holds, although the catalogue has changed since', async () => {
  const member = club.member({ funds: 100_000n });
  const sale = aPackage({ number: 705 });
  await club.sell(sale);
  const id = await club.request(member, sale);
  await club.sell({ ...sale, version: 2, price: 99_000n });
  await club.confirm(id);
  await club.settle();
  expect(club.wallets.balance(member.customerId)).toBe(55_000n);
});

test('a change of package that cannot be paid is told to its customer', async () => {
  const member = club.member({ funds: 50_000n });
  const [slow, fast] = [
    aPackage({ number: 706 }, { line: 'pending' }),
    aPackage({ number: 707, price: 95_000n }, { line: 'pending' }),
  ];
  await club.sell(slow, fast);
  await club.order(member, slow);
  await club.settle();
  const id = await club.order(member, fast);
  await club.settle();
  expect(await refusalsOf(id)).toMatchObject([{ customerId: member.customerId, reason: 'insufficient_balance' }]);
  expect(await club.casesOf(member)).toMatchObject([{ subscription: { state: 'active', productNumber: 706 } }]);
});
