import { expect, test } from 'vitest';
import { read } from './topics.ts';

const settled = { status: 'success', amount: 100.69 };
const heard = { topic: 'push.abc', status: 'success', amount: 10_069 };

test('one settlement is read from both of its forms', () => {
  expect(read('push.abc', { replenishment: settled })).toEqual({ ...heard, form: 'wrapped' });
  expect(read('push.abc.REPLENISHMENT', settled)).toEqual({ ...heard, form: 'bare' });
});

test('what tells of something else is left aside', () => {
  expect(read('push.abc', { device: { id: '1', state: 'Idle' } })).toBeUndefined();
});
