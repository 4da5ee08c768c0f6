import { expect, test } from 'vitest';
import { messagesOf } from './push.ts';

test.each([
  [
    'both forms',
    { name: 'replenishment', wrapped: { replenishment: { a: 1 } }, bare: { a: 1 } },
    [
      { subject: 'push.t', payload: '{"replenishment":{"a":1}}' },
      { subject: 'push.t.REPLENISHMENT', payload: '{"a":1}' },
    ],
  ],
  [
    'the topic alone',
    { name: 'device', wrapped: { device: {} }, bare: null },
    [{ subject: 'push.t', payload: '{"device":{}}' }],
  ],
  ['the sub-topic alone', { name: 'payment', wrapped: null, bare: {} }, [{ subject: 'push.t.PAYMENT', payload: '{}' }]],
])('a push may go to %s', (_, push, messages) => {
  expect(messagesOf(push, 'push.t')).toEqual(messages);
});
