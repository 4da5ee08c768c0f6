import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashOf, isPassword, passwordIn } from './password.ts';

const secret = 'a secret of tests, which all know';
const header = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the header of a station', () => {
  test('holds its password, whatever bytes these are', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 48 }), fc.uint8Array({ maxLength: 40 }), (identity, bytes) => {
        const sent = Buffer.concat([Buffer.from(`${identity}:`), bytes]);
        expect(passwordIn(header(sent), identity)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('is nobody’s under another name', () => {
    expect(passwordIn(header('CP-2:secret'), 'CP-1')).toBeNull();
    expect(passwordIn(header('CP-1'), 'CP-1')).toBeNull();
    expect(passwordIn(header('CP-1:a:b'), 'CP-1:a')).toEqual(Buffer.from('b'));
  });

  test.each([undefined, '', 'Basic', 'Basic ', 'Bearer abc', 'Basic !!!', `Basic ${'A'.repeat(10_000)}`])(
    '%s is none',
    (authorization) => {
      expect(passwordIn(authorization, 'CP-1')).toBeNull();
    },
  );
});

describe('a password', () => {
  const fits = (kept: string, presented: string | Buffer, station = 's1') =>
    isPassword(secret, station, Buffer.from(presented), hashOf(secret, 's1', kept));

  test('fits itself, and no other, and no other station', () => {
    expect(fits('correct horse battery', 'correct horse battery')).toBe(true);
    expect(fits('correct horse battery', 'correct horse batterz')).toBe(false);
    expect(fits('correct horse battery', '')).toBe(false);
    expect(fits('correct horse battery', 'correct horse battery', 's2')).toBe(false);
  });

  test('in hex may be sent as it is written, in either case, or as the bytes that it means', () => {
    const hex = '00ff10a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8';
    expect(fits(hex, hex)).toBe(true);
    expect(fits(hex, hex.toUpperCase())).toBe(true);
    expect(fits(hex.toUpperCase(), Buffer.from(hex, 'hex'))).toBe(true);
    expect(fits(hex, Buffer.from(hex.replace('ff', 'fe'), 'hex'))).toBe(false);
  });

  test('is not known from its hash without the secret', () => {
    expect(hashOf('another secret', 's1', 'correct horse battery')).not.toBe(
      hashOf(secret, 's1', 'correct horse battery'),
    );
  });

  test.each([null, '', 'short', 'x'.repeat(100)])('fits no hash that is none: %s', (hash) => {
    expect(isPassword(secret, 's1', Buffer.from(''), hash)).toBe(false);
    expect(isPassword(secret, 's1', Buffer.alloc(32), hash)).toBe(false);
  });
});
