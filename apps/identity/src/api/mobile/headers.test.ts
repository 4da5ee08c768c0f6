import { expect, test } from 'vitest';
import { isPosition } from './headers.ts';

test.each(['55.0355 73.3012', '0 0', '-90 180', '90.0 -180.0', '5.50355e1 7.33012E+1', '+1 -.5', '1. 2.', '1e-300 0'])(
  '%j is a place on earth',
  (text) => {
    expect(isPosition(text)).toBe(true);
  },
);

test.each([
  '',
  ' ',
  '55.0355',
  '55.0355,73.3012',
  '55.0355  73.3012',
  ' 55.0355 73.3012',
  '55.0355 73.3012 ',
  '55.0355 73.3012 10',
  '55,0355 73,3012',
  '90.1 0',
  '0 180.1',
  '-91 0',
  '1e2 0',
  '1e999 0',
  'NaN 0',
  'Infinity 0',
  '0x10 0',
  '55° 73°',
  '. .',
  'e1 e1',
  `${'1'.repeat(50)} 0`,
])('%j is none', (text) => {
  expect(isPosition(text)).toBe(false);
});
