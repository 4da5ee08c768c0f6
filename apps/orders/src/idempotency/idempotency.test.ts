import { describe, expect, test } from 'vitest';
import { fingerprintOf, scopeOf } from './idempotency.ts';

const equal = (a: unknown, b: unknown) => fingerprintOf(a).equals(fingerprintOf(b));

describe('a fingerprint', () => {
  test('does not see the order of names, missing values and the spelling of numbers', () => {
    expect(equal({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1.0, e: undefined })).toBe(true);
  });

  test.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { a: 1, b: null }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: [1] }, { a: { 0: 1 } }],
    [
      { a: 'x', b: 'y' },
      { a: 'y', b: 'x' },
    ],
  ])('tells %j from %j', (a, b) => expect(equal(a, b)).toBe(false));
});

test('scopes keep callers apart: accounts, guests, and guests of one phone', () => {
  const guest = { customerId: null, phone: '+380971112233', clientId: 'a' };
  const scopes = [
    guest,
    { ...guest, clientId: 'b' },
    { ...guest, phone: '+380971112234' },
    { ...guest, customerId: '65f1a2b3c4d5e6f7a8b9c001' },
    { ...guest, customerId: '65f1a2b3c4d5e6f7a8b9c002' },
  ].map(scopeOf);
  expect(new Set(scopes).size).toBe(scopes.length);
});
