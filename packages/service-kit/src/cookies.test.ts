import { describe, expect, test } from 'vitest';
import { clearCookie, readCookie, withoutCookie, writeCookie } from './cookies.ts';

test('a cookie is no script’s and no other site’s, and in the clear only where there is no TLS', () => {
  const cookie = { name: 'session', value: 'sub_x', maxAgeSeconds: 60 };
  expect(writeCookie({ ...cookie, secure: true })).toBe(
    'session=sub_x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
  );
  expect(writeCookie({ ...cookie, secure: false })).toBe('session=sub_x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax');
  expect(clearCookie({ name: 'session', secure: false })).toBe('session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax');
});

describe('what a header says of a name', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['session=a', 'a'],
    ['x=1; session=a; y=2', 'a'],
    ['x=1;session=a', 'a'],
    ['session=a=b', 'a=b'],
    ['session=', ''],
    ['Session=a', undefined],
    ['xsession=a', undefined],
    ['session', undefined],
    ['session=a; session=a', 'a'],
    ['session=a; session=b', undefined],
  ])('%j: %j', (header, value) => {
    expect(readCookie(header, 'session')).toBe(value);
  });

  test.each([
    ['session=a', undefined],
    ['session=a; session=b', undefined],
    ['x=1; session=a; y=2', 'x=1; y=2'],
    ['x=1', 'x=1'],
  ])('%j without it is %j', (header, rest) => {
    expect(withoutCookie(header, 'session')).toBe(rest);
  });
});
