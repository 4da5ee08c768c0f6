import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPackage } from '../../../test/builders.ts';
import { type Club, openClub } from '../../../test/club.ts';

let club: Club;
const monthly = aPackage({ number: 651 });
beforeAll(async () => {
  club = await openClub();
  await club.sell(monthly);
});
afterAll(() => club.close());

const subscribed = async (funds: bigint) => {
  const member = club.member({ funds });
  await club.order(member, monthly);
  await club.settle();
  const [known] = await club.casesOf(member);
  return { ...member, id: known?.subscription.id as string };
};
const get = async (path: string) => club.get(`/admin/subscriptions${path}`, await club.asOperator());
const post = async (path: string, body: unknown) =>
  club.post(`/admin/subscriptions${path}`, body, await club.asOperator());

describe('an operator', () => {
  test('finds subscriptions by state, customer, product and end, page by page, newest first', async () => {
    const [active, unpaid] = [await subscribed(45_000n), await subscribed(0n)];
    const ids = async (query: string) => (await get(`?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids(`customerId=${active.customerId}`)).toEqual([active.id]);
    expect(await ids('state=unpaid')).toContain(unpaid.id);
    expect(await ids('state=unpaid')).not.toContain(active.id);
    expect(await ids('state=active&endsFrom=2026-03-19T00:00:00Z&endsTo=2026-03-20T00:00:00Z')).toContain(active.id);
    expect(await ids('endsFrom=2026-03-20T00:00:00Z')).not.toContain(active.id);
    const first = (await get(`?productId=${monthly.productId}&limit=1`)).body;
    const second = (await get(`?productId=${monthly.productId}&limit=1&after=${first.next}`)).body;
    expect(first.items[0].id > second.items[0].id).toBe(true);
    expect((await get('?state=lost')).status).toBe(400);
    expect((await get('?nonsense=1')).status).toBe(400);
  });

  test('reads one with its periods and its history', async () => {
    const { id, customerId } = await subscribed(45_000n);
    expect((await get(`/${id}`)).body).toMatchObject({
      id,
      customerId,
      productNumber: 651,
      state: 'active',
      price: 450,
      periods: [{ n: 1, kind: 'first', status: 'paid', price: 450, credit: 0, from: '2026-02-19T12:00:00.000Z' }],
      history: [
        { what: 'ordered', state: 'unpaid', by: customerId },
        { what: 'paid', state: 'active', by: null, until: '2026-03-19T12:00:00.000Z' },
      ],
    });
  });

  test('gives days, which is written down with who and why', async () => {
    const { id } = await subscribed(45_000n);
    const { status, body } = await post(`/${id}/extend`, { days: 5, reason: 'the line was down' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      until: '2026-03-24T12:00:00.000Z',
      periods: [{}, { kind: 'gift', status: 'paid', price: 0 }],
    });
    expect(body.history.at(-1)).toMatchObject({
      what: 'operator',
      by: expect.any(String),
      note: '5 d: the line was down',
    });
  });

  test('gives days to what waits for money, which is active meanwhile', async () => {
    const { id } = await subscribed(0n);
    expect((await post(`/${id}/extend`, { days: 1, reason: 'goodwill' })).body).toMatchObject({
      state: 'active',
      until: '2026-02-20T12:00:00.000Z',
    });
  });

  test('cancels, which is written down with who and why; what is over gets no days', async () => {
    const [active, unpaid] = [await subscribed(45_000n), await subscribed(0n)];
    const canceled = (await post(`/${active.id}/cancel`, { reason: 'asked by phone' })).body;
    expect(canceled).toMatchObject({ state: 'active', renews: false });
    expect(canceled.history.at(-1)).toMatchObject({ what: 'canceled', note: 'asked by phone' });
    expect((await post(`/${unpaid.id}/cancel`, { reason: 'a mistake' })).body).toMatchObject({ state: 'ended' });
    const late = await post(`/${unpaid.id}/extend`, { days: 1, reason: 'too late' });
    expect({ status: late.status, code: late.body.code }).toEqual({ status: 409, code: 'subscription_ended' });
  });

  test.each([
    ['extend', { days: 0, reason: 'x' }],
    ['extend', { days: 367, reason: 'x' }],
    ['extend', { days: 1 }],
    ['extend', { days: 1, reason: '' }],
    ['extend', { days: 1, reason: 'x', more: true }],
    ['cancel', {}],
    ['cancel', { reason: 7 }],
  ])('%s with %j is refused', async (act, body) => {
    const { id } = await subscribed(0n);
    expect((await post(`/${id}/${act}`, body)).status).toBe(400);
  });

  test('finds nothing where there is nothing', async () => {
    const nobodys = '/65f1a2b3ffffffffffffffff';
    expect((await get(nobodys)).body.code).toBe('subscription_not_found');
    expect((await post(`${nobodys}/extend`, { days: 1, reason: 'x' })).status).toBe(404);
    expect((await post(`${nobodys}/cancel`, { reason: 'x' })).status).toBe(404);
  });
});

test('customers are no operators', async () => {
  const { id, customerId } = await subscribed(0n);
  const headers = await club.asCustomer(customerId);
  for (const path of ['', `/${id}`]) expect((await club.get(`/admin/subscriptions${path}`, headers)).status).toBe(403);
  for (const act of ['extend', 'cancel']) {
    expect((await club.post(`/admin/subscriptions/${id}/${act}`, { days: 1, reason: 'x' }, headers)).status).toBe(403);
  }
});

test('what was paid for is kept by the table itself, and so is what happened', async () => {
  const { id } = await subscribed(45_000n);
  const { database } = club.deps;
  const change = database.$executeRaw`UPDATE subscription_period SET price = 1 WHERE subscription_id = ${id}`;
  await expect(change).rejects.toThrow(/is kept/);
  await expect(database.$executeRaw`DELETE FROM subscription_period WHERE subscription_id = ${id}`).rejects.toThrow(
    /is kept/,
  );
  await expect(database.$executeRaw`DELETE FROM subscription_history WHERE subscription_id = ${id}`).rejects.toThrow(
    /append-only/,
  );
});
