import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPackage } from '../../../test/builders.ts';
import { type Club, openClub } from '../../../test/club.ts';

let club: Club;
const monthly = aPackage({ number: 601 });
beforeAll(async () => {
  club = await openClub();
  await club.sell(monthly);
});
afterAll(() => club.close());

const subscribed = async (funds: bigint) => {
  const member = club.member({ funds });
  await club.order(member, monthly);
  await club.settle();
  const headers = await club.asCustomer(member.customerId);
  return { ...member, headers, list: async () => (await club.get('/me/subscriptions', headers)).body };
};

describe('whoever is subscribed', () => {
  test('sees to what, for how much, until when and what follows; in their language', async () => {
    const { headers, list } = await subscribed(50_000n);
    const own = {
      _id: expect.stringMatching(/^[0-9a-f]{24}$/),
      product: { _id: monthly.productId, number: 601, title: 'Інтернет 100' },
      state: 'active',
      price: 450,
      period: { unit: 'month', count: 1 },
      from: '2026-02-19T12:00:00.000Z',
      until: '2026-03-19T12:00:00.000Z',
      renews: true,
      orderedAt: '2026-02-19T12:00:00.000Z',
    };
    expect(await list()).toEqual({ items: [own], page: 1, limit: 20, total: 1 });
    const english = await club.get('/me/subscriptions', { ...headers, 'accept-language': 'en' });
    expect(english.body.items[0].product.title).toBe('Internet 100');
  });

  test('cancels: it lasts as long as it is paid for; again changes nothing', async () => {
    const { headers, list } = await subscribed(50_000n);
    const id = (await list()).items[0]._id;
    const cancel = () => club.post(`/me/subscriptions/${id}/cancel`, undefined, headers);
    expect((await cancel()).body).toMatchObject({ state: 'active', renews: false });
    expect((await cancel()).body).toMatchObject({ state: 'active', renews: false });
    const told = await club.deps.prisma.subscriptionHistory.findMany({
      where: { subscriptionId: id, what: 'canceled' },
    });
    expect(told).toHaveLength(1);
  });

  test('cancels what waits for money, and it is over', async () => {
    const { headers, list } = await subscribed(0n);
    const [{ _id, state }] = (await list()).items;
    expect(state).toBe('unpaid');
    const { body } = await club.post(`/me/subscriptions/${_id}/cancel`, undefined, headers);
    expect(body).toMatchObject({ state: 'ended', renews: false, endedAt: expect.any(String) });
  });
});

test('somebody else’s subscription looks like none: by bytes, headers and statements', async () => {
  const [one, other] = [await subscribed(50_000n), await subscribed(50_000n)];
  const id = (await one.list()).items[0]._id;
  const cancel = async (which: string) => {
    const { result, statements } = await countStatements(club.runtime, () =>
      club.post(`/me/subscriptions/${which}/cancel`, undefined, other.headers),
    );
    const { 'x-request-id': _id, date: _date, ...headers } = result.headers;
    return { status: result.status, text: result.text, headers, statements };
  };
  const nobodys = await cancel('65f1a2b3ffffffffffffffff');
  expect(nobodys.status).toBe(404);
  expect(await cancel(id)).toEqual(nobodys);
  expect((await one.list()).items[0].renews).toBe(true);
});

test('a list is one statement', async () => {
  const { headers } = await subscribed(0n);
  const { statements } = await countStatements(club.runtime, () => club.get('/me/subscriptions', headers));
  expect(statements).toHaveLength(1);
});

test('nobody sees anything without an account', async () => {
  expect((await club.get('/me/subscriptions')).status).toBe(401);
  expect((await club.post('/me/subscriptions/65f1a2b3ffffffffffffffff/cancel', undefined)).status).toBe(401);
});
