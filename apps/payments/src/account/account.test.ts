import { expect, test } from 'vitest';
import { accountIdOf, accountIdPattern, accountNamed } from './account.ts';

const customerId = '65f1a2b3c4d5e6f7a8b9c001';

test.each([
  [`wallet:${customerId}:UAH`, { kind: 'wallet', owner: customerId, currency: 'UAH' }],
  ['clearing:qpay:MNT', { kind: 'clearing', owner: 'qpay', currency: 'MNT' }],
  ['revenue:charging:UAH', { kind: 'revenue', owner: 'charging', currency: 'UAH' }],
  ['fees::UAH', { kind: 'fees', owner: '', currency: 'UAH' }],
  ['adjustments::UAH', { kind: 'adjustments', owner: '', currency: 'UAH' }],
] as const)('%s is read as it is written', (id, name) => {
  expect(accountNamed(id)).toEqual(name);
  expect(accountIdOf(name)).toBe(id);
});

test.each([
  '',
  'wallet::UAH',
  'wallet:me:UAH',
  `wallet:${customerId.toUpperCase()}:UAH`,
  `wallet:${customerId}:uah`,
  `wallet:${customerId}`,
  'clearing::UAH',
  'clearing:QPay:UAH',
  'fees:qpay:UAH',
  'purse::UAH',
  ' fees::UAH',
  'fees::UAH\n',
])('%j names no account', (id) => {
  expect(accountIdPattern.test(id)).toBe(false);
  expect(() => accountNamed(id)).toThrow('names no account');
});
