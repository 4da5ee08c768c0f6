import { AppError } from '@forecourt/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cursorOf, readCursor } from './sync.ts';

const place = fc.record({
  epoch: fc.stringMatching(/^[0-9a-f]{32}$/),
  xid: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  seq: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  since: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
});

test('a cursor reads as the place that it was given out for', () => {
  fc.assert(
    fc.property(place, (position) => {
      expect(readCursor(cursorOf(position))).toEqual(position);
    }),
  );
});

test('whatever is no cursor of ours is refused as one', () => {
  const cursor = cursorOf({ epoch: 'a'.repeat(32), xid: 7n, seq: 8n, since: 9n });
  const forged = [
    '',
    'x',
    `${cursor}=`,
    `${cursor} `,
    cursor.slice(0, -1),
    Buffer.from(`1.${'a'.repeat(32)}.9223372036854775808.1.1`).toString('base64url'),
    Buffer.from(`1.${'a'.repeat(32)}.07.8.9`).toString('base64url'),
    Buffer.from(`2.${'a'.repeat(32)}.7.8.9`).toString('base64url'),
    Buffer.from(`1.${'a'.repeat(32)}.-7.8.9`).toString('base64url'),
  ];
  for (const one of forged) expect(() => readCursor(one), one).toThrow(AppError);
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      if (text === cursor) return;
      expect(() => readCursor(text)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
    }),
  );
});
