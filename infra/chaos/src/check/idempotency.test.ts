import { expect, test } from 'vitest';
import { type IdempotencyMaterial, idempotency } from './idempotency.ts';
import { anOrderBody, aPlacing } from './made-up.ts';

const guest = 'guest:+380671234567:browser k';
const first = aPlacing({ reply: '{"_id":"o1"}' });
const again = aPlacing({ reply: '{"_id":"o1"}', replayed: true });
const otherBody = aPlacing({
  request: anOrderBody({ items: [{ productId: 'p1', quantity: 9 }] }),
  outcome: 'fail',
  status: 409,
  reply: '{"statusCode":409}',
});
const stranger = aPlacing({ about: { idempotencyKey: 'k', customerId: 'c1' }, reply: '{"_id":"o2"}' });
const keys = new Map([
  [guest, 'o1'],
  ['customer:c1 k', 'o2'],
]);
const sound: IdempotencyMaterial = { placings: [first, again, otherBody, stranger], keys };

const violationsOf = (placings: IdempotencyMaterial['placings']) => idempotency.judge({ placings, keys }).violations;

test('the check of keys passes one answer a key, one refusal a body, and one order a caller', () => {
  expect(idempotency.judge(sound)).toMatchObject({ checked: 6, violations: [] });
});

test('the check of keys passes a repetition whose first answer was lost', () => {
  expect(violationsOf([aPlacing({ outcome: 'unknown', status: null }), again, again])).toEqual([]);
});

test('the check of keys proves nothing without repetitions', () => {
  expect(violationsOf([first])).toEqual(['saw no repeated keys']);
});

test.each([
  ['another order', aPlacing({ reply: '{"_id":"o9"}', replayed: true }), /was answered differently/],
  ['the same in other words', aPlacing({ reply: '{ "_id":"o1"}', replayed: true }), /was answered differently/],
  ['an order that is new again', aPlacing({ reply: '{"_id":"o1"}' }), /was answered as new 2 times/],
  [
    'another body that is taken',
    { ...otherBody, outcome: 'ok', status: 201, reply: '{"_id":"o1"}' } as const,
    /with another body was answered 201/,
  ],
  ['another body that is refused in other words', { ...otherBody, status: 422 }, /with another body was answered 422/],
  ["another caller's order", { ...stranger, reply: '{"_id":"o1"}' }, /gave several callers one order/],
])('the check of keys sees %s', (_, wrong, sentence) => {
  expect(violationsOf([first, again, wrong])).toContainEqual(expect.stringMatching(sentence));
});

test('the check of keys sees a key that stands for nothing', () => {
  expect(idempotency.judge({ ...sound, keys: new Map() }).violations).toContainEqual(
    expect.stringMatching(/stands for undefined/),
  );
});
