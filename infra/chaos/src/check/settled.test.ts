import { expect, test } from 'vitest';
import { type SettledMaterial, settled } from './settled.ts';

const sound: SettledMaterial = {
  drained: true,
  relays: [{ service: 'orders', unpublished: 0, holders: 1 }],
  consumers: [{ durable: 'identity-write-on-order-placed', waiting: 0 }],
  danglingKeys: [],
  keyCount: 3,
  messages: [{ id: 'm1', kind: 'order_placed', overdueSeconds: 0 }],
  charges: [{ id: 's1', overdueSeconds: 60 }],
  readiness: [{ name: 'orders', said: 'ready' }],
};

test('the check of rest passes a system that rests', () => {
  expect(settled.judge(sound)).toMatchObject({ checked: 10, violations: [] });
});

test('the check of rest proves nothing when there is nothing that could rest', () => {
  const nothing = { ...sound, relays: [], consumers: [], keyCount: 0, messages: [], readiness: [] };
  expect(settled.judge(nothing).violations).toEqual([
    'saw no relays',
    'saw no consumers',
    'saw no idempotency keys',
    'saw no processes',
  ]);
});

test.each<[string, Partial<SettledMaterial>, RegExp]>([
  ['a drain that did not end', { drained: false }, /did not come to rest/],
  ['an event that waits', { relays: [{ service: 'orders', unpublished: 2, holders: 1 }] }, /2 events of orders/],
  ['a service without a relay', { relays: [{ service: 'orders', unpublished: 0, holders: 0 }] }, /0 processes hold/],
  ['a service with two relays', { relays: [{ service: 'orders', unpublished: 0, holders: 2 }] }, /2 processes hold/],
  ['a message that waits', { consumers: [{ durable: 'x', waiting: 1 }] }, /1 messages wait for x/],
  ['a key of nothing', { danglingKeys: ['o9'] }, /a key stands for o9/],
  [
    'a letter that should be out',
    { messages: [{ id: 'm1', kind: 'order_placed', overdueSeconds: 16 }] },
    /m1 should have gone out 16 s ago/,
  ],
  ['a charge that nobody looks at', { charges: [{ id: 's1', overdueSeconds: 76 }] }, /looked at session s1 for 76 s/],
  ['a process that is not ready', { readiness: [{ name: 'orders', said: 'nats' }] }, /orders is not ready: nats/],
])('the check of rest sees %s', (_, wrong, sentence) => {
  expect(settled.judge({ ...sound, ...wrong }).violations).toEqual([expect.stringMatching(sentence)]);
});
