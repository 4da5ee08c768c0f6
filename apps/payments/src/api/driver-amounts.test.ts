import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { createTestProvider } from '../../test/provider.ts';
import { openTill, type Till } from '../../test/till.ts';

const provider = createTestProvider();
let till: Till;
let driver: Record<string, string>;

beforeAll(async () => {
  till = await openTill({ deps: { provider }, env: { REPLENISH_LEAST: '10', REPLENISH_MOST: '50000' } });
  driver = await till.asCustomer(anId());
});
afterAll(() => till.close());

const replenish = (amount: unknown) => till.post('/api/customer/replenish', { amount }, driver);

describe('an amount', () => {
  test.each([10, 50_000, 10.01, 49_999.99])('of %d is taken', async (amount) => {
    expect((await replenish(amount)).status).toBe(200);
    expect(provider.invoices.at(-1)?.wish.amount).toBe(BigInt(Math.round(amount * 100)));
  });

  test.each([0, -0, -10, 9.99, 50_000.01, 9_007_199_254_740])('of %d is out of range', async (amount) => {
    const { status, body } = await replenish(amount);
    expect([status, body.error.code]).toEqual([400, 'amount_out_of_range']);
    expect(body.error.message).toBe('Дүн 10 UAH-аас 50000 UAH хүртэл байх ёстой');
  });

  test.each([10.001, 1e-7])('of %d has too many decimals', async (amount) => {
    expect(await replenish(amount)).toMatchObject({ status: 400, body: { error: { code: 'amount_precision' } } });
  });

  test.each([['100'], ['1e3'], [''], [null], [true], [[100]], [{ $gt: 0 }], [1e300], [undefined]])(
    'that is %j is none',
    async (amount) => {
      expect(await replenish(amount)).toMatchObject({ status: 400, body: { error: { code: 'validation_failed' } } });
    },
  );

  test.each(['{"amount":9007199254740993}', '{"amount":1e400}', '{"amount":NaN}', '{"amount":100,"amount":1}', ''])(
    'in %s is none',
    async (body) => {
      const headers = { ...driver, 'content-type': 'application/json' };
      expect((await till.post('/api/customer/replenish', body, headers)).status).toBe(400);
    },
  );

  test('comes alone', async () => {
    const { status } = await till.post('/api/customer/replenish', { amount: 100, customerId: anId() }, driver);
    expect(status).toBe(400);
  });

  test('that was refused was never told to the provider', () => {
    expect(provider.calls).toHaveLength(provider.invoices.length);
  });
});
