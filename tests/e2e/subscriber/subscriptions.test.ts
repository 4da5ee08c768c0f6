import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { payIn } from '../bay.ts';
import { messageSaying } from '../mailbox.ts';
import { operate, operatorReads } from '../operator.ts';
import { gateway } from '../storefront-client.ts';
import { aPackage, aSubscribed, orderAsClient, readClient } from './packages.ts';
import { refused, type SignedInSubscriber } from './site.ts';

interface Mine {
  _id: string;
  product: { number: number; title: string };
  state: string;
  price: number;
  until?: string;
  renews: boolean;
}

const mine = async ({ token }: SignedInSubscriber) =>
  (await gateway.get<{ items: Mine[] }>('/me/subscriptions', { bearer: token })).body.items;
const stands = (subscriber: SignedInSubscriber, state: string) =>
  until(async () => {
    const [newest] = await mine(subscriber);
    return newest?.state === state ? newest : undefined;
  });
const clientOf = async ({ clientId, token }: SignedInSubscriber) =>
  (await readClient(clientId, { bearer: token })).body.data;
const line = () => `line-${crypto.randomUUID()}`;

test('what is paid for is active, and taken from the wallet once; the cookie of the site shows it too', async () => {
  const { number } = await aPackage();
  const subscriber = await aSubscribed({ number }, { funds: 500 });
  const { until: end } = await stands(subscriber, 'active');
  const { body } = await readClient(subscriber.clientId, { headers: { cookie: `session=${subscriber.token}` } });
  expect(body.data).toEqual({ isActive: true, balance: 50, expireDate: end, products: [number] });
});

test('too little leaves it inactive, which its customer is told; a replenishment makes it active at once', async () => {
  const { number } = await aPackage();
  const subscriber = await aSubscribed({ number });
  await stands(subscriber, 'unpaid');
  await messageSaying(subscriber.phone, 'Інтернет 100');
  expect(await clientOf(subscriber)).toEqual({ isActive: false, balance: 0, expireDate: null, products: [] });
  await payIn(subscriber, 450);
  await stands(subscriber, 'active');
  expect(await clientOf(subscriber)).toMatchObject({ isActive: true, balance: 0, products: [number] });
});

test('another package of the line is a change at once, and what is left of the first is credited', async () => {
  const own = line();
  const [slow, fast] = [await aPackage({ price: 100, line: own }), await aPackage({ price: 300, line: own })];
  const subscriber = await aSubscribed(slow, { funds: 310 });
  await stands(subscriber, 'active');
  await orderAsClient(subscriber, fast.number, { count: 3 });
  await until(async () => (await clientOf(subscriber)).products.includes(fast.number));
  const { balance, products } = await clientOf(subscriber);
  expect(products).toEqual([fast.number]);
  expect(balance).toBeGreaterThanOrEqual(9.9);
  expect(balance).toBeLessThanOrEqual(10);
});

describe('a cancelled subscription', () => {
  test('lasts as long as it is paid for', async () => {
    const subscriber = await aSubscribed(await aPackage(), { funds: 500 });
    const { _id } = await stands(subscriber, 'active');
    const { status, body } = await gateway.post<Mine>(`/me/subscriptions/${_id}/cancel`, undefined, {
      bearer: subscriber.token,
    });
    expect([status, body.state, body.renews]).toEqual([200, 'active', false]);
    expect((await clientOf(subscriber)).isActive).toBe(true);
  });

  test('is nobody else’s business', async () => {
    const [one, other] = [await aSubscribed(await aPackage()), await aSubscribed(await aPackage())];
    const { _id } = await stands(one, 'unpaid');
    const { status } = await gateway.post(`/me/subscriptions/${_id}/cancel`, undefined, { bearer: other.token });
    expect(status).toBe(404);
    const read = await readClient(one.clientId, { bearer: other.token });
    expect([read.status, read.body]).toEqual([403, refused(10)]);
  });
});

test('operators find it, give days, and cancel it, and all of it is written down', async () => {
  const subscriber = await aSubscribed(await aPackage());
  const { _id } = await stands(subscriber, 'unpaid');
  const path = `/admin/subscriptions/${_id}`;
  const story = async () => (await operatorReads<{ history: { what: string; note: string | null }[] }>(path)).history;
  // That there is too little is known a moment after it was ordered.
  await until(async () => (await story()).length === 2);
  const { items } = await operatorReads<{ items: { id: string }[] }>(
    `/admin/subscriptions?customerId=${subscriber.person.customer.id}&state=unpaid`,
  );
  expect(items.map(({ id }) => id)).toEqual([_id]);
  const extended = await operate<{ state: string }>('post', `${path}/extend`, { days: 3, reason: 'goodwill' });
  expect(extended.state).toBe('active');
  expect((await clientOf(subscriber)).isActive).toBe(true);
  await operate('post', `${path}/cancel`, { reason: 'asked by phone' });
  const history = await story();
  expect(history.map(({ what }) => what)).toEqual(['ordered', 'insufficient_balance', 'operator', 'canceled']);
  expect(history.at(-1)?.note).toBe('asked by phone');
});

test('an operator reads any client, and nobody is nobody', async () => {
  const subscriber = await aSubscribed(await aPackage());
  const { data } = await operatorReads<{ data: { isActive: boolean } }>(`/client/${subscriber.clientId}`);
  expect(data.isActive).toBe(false);
  const own = await readClient(subscriber.clientId, {});
  expect([own.status, own.body]).toEqual([401, refused(9)]);
});

test('it is part of what a customer is shown of themselves', async () => {
  const subscriber = await aSubscribed(await aPackage());
  await stands(subscriber, 'unpaid');
  const { status, text } = await gateway.post('/me/export', undefined, { bearer: subscriber.token });
  expect(status).toBe(201);
  expect(text).toContain('subscription');
});
