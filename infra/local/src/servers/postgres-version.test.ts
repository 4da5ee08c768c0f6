import { expect, test } from 'vitest';
import { demandPostgres } from './postgres-version.ts';

test.each([150_018, 169_999])('%d is refused in words', (version) => {
  expect(() => demandPostgres(version, 'db.example:5432')).toThrow(/db\.example:5432 .* is 1[56], and 17 or newer/);
});

test.each([170_000, 180_004])('%d will do', (version) => {
  expect(() => demandPostgres(version, 'db.example:5432')).not.toThrow();
});
