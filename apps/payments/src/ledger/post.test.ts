import { walletChanged } from '@forecourt/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { openTill, type Till } from '../../test/till.ts';
import type { Entry, Leg } from './ledger.ts';
import { post } from './service.ts';

let till: Till;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());

const from = (customerId: string, amount: bigint): Leg[] => [
  { account: { kind: 'wallet', owner: customerId }, amount: -amount },
  { account: { kind: 'revenue', owner: 'goods' }, amount },
];
const move = (wishes: Partial<Entry> & Pick<Entry, 'legs'>) => {
  const entry: Entry = { key: anId(), kind: 'charge', currency: 'UAH', at: till.runtime.clock(), ...wishes };
  return till.runtime.database.transaction((tx) => post(tx, entry));
};

test('money moves once: postings, balance, and the event', async () => {
  const customerId = anId();
  await till.fund(customerId, 1000n);
  const first = await move({ key: 'once', legs: from(customerId, 300n) });
  expect(first.repeated).toBe(false);
  expect(await move({ key: 'once', legs: from(customerId, 300n) })).toEqual({ ...first, repeated: true });
  expect(await till.walletOf(customerId)).toEqual({ balance: 700n, available: 700n });
  const told = await till.told(walletChanged.subject);
  expect(told.filter((data) => data.customerId === customerId)).toMatchObject([
    { version: 1, balance: 1000, available: 1000 },
    { version: 2, balance: 700, available: 700 },
  ]);
});

test('a key means one thing', async () => {
  const customerId = anId();
  await till.fund(customerId, 1000n);
  await move({ key: 'mine', legs: from(customerId, 300n) });
  for (const legs of [from(customerId, 301n), from(anId(), 300n)]) {
    await expect(move({ key: 'mine', legs })).rejects.toMatchObject({ code: 'transfer_key_reused' });
  }
  await expect(move({ key: 'mine', legs: from(customerId, 300n), reference: 'else' })).rejects.toMatchObject({
    code: 'transfer_key_reused',
  });
  expect(await till.walletOf(customerId)).toEqual({ balance: 700n, available: 700n });
});

test('nobody spends what they do not have', async () => {
  const customerId = anId();
  await till.fund(customerId, 100n);
  await expect(move({ legs: from(customerId, 101n) })).rejects.toMatchObject({
    code: 'insufficient_balance',
    params: { needed: '1.01 UAH' },
  });
  await move({ legs: from(customerId, 100n) });
  expect(await till.walletOf(customerId)).toEqual({ balance: 0n, available: 0n });
});
