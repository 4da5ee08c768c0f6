import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { openTill, type Till } from '../../test/till.ts';
import { captureHold, placeHold } from '../hold/service.ts';
import { refundTransfer } from '../ledger/refund.ts';
import { chargeWallet } from '../wallet/service.ts';

let till: Till;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());

const read = async (customerId: string, path = '') => till.get(`/me/wallet${path}`, await till.asCustomer(customerId));

test.each(['/me/wallet', '/me/wallet/statement'])('%s is for whoever signed in', async (path) => {
  const { status, body } = await till.get(path);
  expect(status).toBe(401);
  expect(body).toMatchObject({ statusCode: 401, error: 'Unauthorized' });
});

describe('a wallet', () => {
  test('of who never had money has nothing in it', async () => {
    const { status, body, headers } = await read(anId());
    expect([status, body]).toEqual([200, { currency: 'UAH', balance: 0, available: 0 }]);
    expect(headers['cache-control']).toBe('no-store');
  });

  test('is shown in major units, without what is held from what may be spent', async () => {
    const customerId = anId();
    await till.fund(customerId, 1_006_950n);
    const expiresAt = new Date(till.runtime.clock().getTime() + 60_000);
    await placeHold(till.deps, { key: anId(), customerId, amount: 51n, atLeast: 1n, reference: 'x', expiresAt });
    expect((await read(customerId)).body).toEqual({ currency: 'UAH', balance: 10069.5, available: 10068.99 });
  });

  test('is one statement to read', async () => {
    const headers = await till.asCustomer(anId());
    const { statements } = await countStatements(till.runtime, () => till.get('/me/wallet', headers));
    expect(statements).toHaveLength(1);
  });
});

describe('its statement', () => {
  test('says in a customer’s words what came and went, and nothing that operators wrote down', async () => {
    const customerId = anId();
    const { deps, runtime } = till;
    await till.fund(customerId, 10_000n);
    const expiresAt = new Date(runtime.clock().getTime() + 60_000);
    const key = anId();
    await placeHold(deps, { key, customerId, amount: 700n, atLeast: 1n, reference: 'session-7', expiresAt });
    await captureHold(deps, { key, amount: 600n, revenue: 'charging' });
    const { transferId } = await chargeWallet(deps, {
      key: anId(),
      customerId,
      amount: 100n,
      revenue: 'goods',
      reference: 'order-1',
    });
    await refundTransfer(deps, {
      key: anId(),
      of: { id: transferId },
      amount: 40n,
      reason: 'looks like fraud',
      operatorId: anId(),
    });

    const { status, body, text } = await read(customerId, '/statement');
    expect(status).toBe(200);
    const createdAt = expect.any(String);
    const id = expect.stringMatching(/^[0-9a-f]{24}$/);
    expect(body).toEqual({
      items: [
        { id, kind: 'refund', amount: 0.4, balance: 93.4, reference: 'order-1', createdAt },
        { id: transferId, kind: 'payment', amount: -1, balance: 93, reference: 'order-1', createdAt },
        { id, kind: 'payment', amount: -6, balance: 94, reference: 'session-7', createdAt },
        { id, kind: 'replenishment', amount: 100, balance: 100, createdAt },
      ],
      next: null,
    });
    expect(text).not.toContain('fraud');
  });

  test('comes in pages that join up while money moves', async () => {
    const customerId = anId();
    for (let index = 0; index < 5; index += 1) await till.fund(customerId, 100n);
    const all = (await read(customerId, '/statement?limit=100')).body.items;
    const seen: unknown[] = [];
    for (let after = ''; ; ) {
      const { items, next } = (await read(customerId, `/statement?limit=2${after}`)).body;
      seen.push(...items);
      if (next === null) break;
      after = `&after=${next}`;
      await till.fund(customerId, 1n);
    }
    expect(seen).toEqual(all);
  });

  test('is nobody else’s, nor can one go on after somebody else’s transfer', async () => {
    const [one, other] = [anId(), anId()];
    await till.fund(one, 100n);
    const [{ id }] = (await read(one, '/statement')).body.items;
    expect((await read(other, '/statement')).body).toEqual({ items: [], next: null });
    expect((await read(other, `/statement?after=${id}`)).status).toBe(400);
  });

  test.each(['limit=0', 'limit=101', 'limit=1.5', 'limit=', 'after=1', 'after=', 'page=2', 'limit=1&limit=2'])(
    'asked for with ?%s is a 400',
    async (query) => {
      const { status, body } = await read(anId(), `/statement?${query}`);
      expect([status, body.statusCode]).toEqual([400, 400]);
    },
  );
});
