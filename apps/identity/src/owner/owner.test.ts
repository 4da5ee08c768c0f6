import { expect, test } from 'vitest';
import { neededProof } from './owner.ts';

const now = new Date('2026-11-21T12:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

test.each([0, 14, 60])('an account with a password needs it, also %i minutes after a login', (minutes) => {
  expect(neededProof({ hasPassword: true, signedInAt: minutesAgo(minutes) }, now)).toBe('password');
});

test.each([
  [0, null],
  [15, null],
  [15.01, 'login'],
] as const)('without a password, a login of %d minutes ago leaves to be proved: %s', (minutes, needed) => {
  expect(neededProof({ hasPassword: false, signedInAt: minutesAgo(minutes) }, now)).toBe(needed);
});

test('a session of somebody else, or one that has ended, proves nothing', () => {
  expect(neededProof({ hasPassword: false, signedInAt: null }, now)).toBe('login');
});
