import { expect, test } from 'vitest';
import { Upstreams } from './upstreams.ts';

const three = ['http://a.test', 'http://b.test', 'http://c.test'];

function aTrio() {
  let now = 0;
  const upstreams = new Upstreams(three, { connectTimeoutMs: 100, now: () => now });
  const [a, b, c] = upstreams.all;
  if (!a || !b || !c) throw new Error('three were asked for');
  const turns = (count: number) => Array.from({ length: count }, () => upstreams.pick().origin.slice(7, 8)).join('');
  return { upstreams, a, b, c, turns, at: (ms: number) => (now = ms) };
}

test('everyone has a turn', () => {
  expect(aTrio().turns(6)).toBe('abcabc');
});

test('who refused a connection rests for a second, and is asked again after it', () => {
  const { upstreams, a, turns, at } = aTrio();
  upstreams.rest(a);
  expect(turns(4)).not.toContain('a');
  at(999);
  expect(turns(4)).not.toContain('a');
  at(1000);
  expect(turns(3)).toContain('a');
});

test('when all rest, one is asked all the same', () => {
  const { upstreams, a, b, c } = aTrio();
  for (const upstream of [a, b, c]) upstreams.rest(upstream);
  expect(upstreams.pick([a, b])).toBe(c);
});

test('work goes to those that have room, and is refused when nobody has', () => {
  const { upstreams, a, b, c, turns } = aTrio();
  a.inFlight = c.inFlight = 320;
  expect(turns(3)).toBe('bbb');
  b.inFlight = 320;
  expect(() => upstreams.pick()).toThrow(expect.objectContaining({ code: 'overloaded', retryAfterSeconds: 1 }));
});
