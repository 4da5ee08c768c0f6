import { expect, test } from 'vitest';
import { networkOf, throttleKey } from './throttle.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('a key tells nothing of what was typed, and no two subjects share one', () => {
  const secret = Buffer.from('a secret');
  const key = throttleKey(secret, 'login', 'ivan@example.com', '');
  expect(key).toMatch(/^login:[\w-]{32}$/);
  expect(throttleKey(secret, 'login', 'ivan@example.com', '')).toBe(key);
  expect(throttleKey(secret, 'login', 'ivan@example.co', 'm')).not.toBe(key);
  expect(throttleKey(Buffer.from('another'), 'login', 'ivan@example.com', '')).not.toBe(key);
});
