import { expect, test } from 'vitest';
import { newObjectId, newUuid } from './ids.ts';

const earlier = new Date('2026-02-19T12:00:00.000Z');
const later = new Date('2026-02-19T12:00:01.000Z');

test('an object id is 24 hex digits, ordered by time and never the same', () => {
  expect(newObjectId(earlier)).toMatch(/^6996fb40[0-9a-f]{16}$/);
  expect(newObjectId(earlier) < newObjectId(later)).toBe(true);
  expect(new Set(Array.from({ length: 1000 }, () => newObjectId(earlier))).size).toBe(1000);
});

test('a uuid is version 7, ordered by time', () => {
  expect(newUuid(earlier)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(newUuid(earlier).replaceAll('-', '').slice(0, 12), 16)).toBe(earlier.getTime());
  expect(newUuid(earlier) < newUuid(later)).toBe(true);
});
