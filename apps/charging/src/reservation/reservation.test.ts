import { expect, test } from 'vitest';
import { tokenBytes, tokenFrom, whyNotKept } from './reservation.ts';

test.each([
  ['Idle', null],
  ['Busy', 'device_busy'],
  ['Repair', 'device_offline'],
  ['Error', 'device_offline'],
] as const)('of a device that is %s', (state, refusal) => {
  expect(whyNotKept(state)).toBe(refusal);
});

test('a token is one that every station of 1.6 takes', () => {
  expect(tokenFrom(new Uint8Array(tokenBytes).fill(0xab))).toMatch(/^[0-9A-Z]{1,20}$/);
});
