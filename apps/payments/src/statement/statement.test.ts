import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Posting, withBalances } from './statement.ts';

const aPosting = (amount: bigint): Posting => ({
  transferId: '65f1a2b3c4d5e6f7a8b9c001',
  kind: 'charge',
  amount,
  reference: null,
  refunds: null,
  operatorId: null,
  reason: null,
  at: new Date('2026-02-19T12:00:00.000Z'),
});
const amounts = fc.array(fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), { maxLength: 20 });

test('every balance is all that was posted until then', () => {
  fc.assert(
    fc.property(amounts, (oldestFirst) => {
      const total = oldestFirst.reduce((sum, amount) => sum + amount, 0n);
      const lines = withBalances(total, oldestFirst.map(aPosting).reverse()).reverse();
      let posted = 0n;
      for (const { amount, balance } of lines) {
        posted += amount;
        expect(balance).toBe(posted);
      }
      expect(lines).toHaveLength(oldestFirst.length);
    }),
  );
});
