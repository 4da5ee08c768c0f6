import type { Violation } from '@forecourt/errors';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { text } from './text.ts';
import { toViolations } from './violations.ts';

const Order = z.strictObject({
  phone: text({ min: 5, max: 32 }),
  email: z.email(),
  when: z.iso.datetime(),
  slug: z.string().regex(/^[a-z]+$/),
  quantity: z.int().min(1).max(99),
  weight: z.number().positive(),
  step: z.number().multipleOf(0.5),
  sort: z.enum(['newest', 'price']),
  items: z
    .array(z.strictObject({ sku: text({ min: 1, max: 8 }) }))
    .min(1)
    .max(2),
  options: z.record(text({ max: 3 }), z.union([z.string(), z.number()])),
  discount: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('percent'), percent: z.int() }),
    z.strictObject({ type: z.literal('fixed'), amount: z.int() }),
  ]),
  page: z.coerce.number().int().min(1),
  currency: z.string().refine((value) => value === 'UAH', { params: { rule: 'one_of', expected: ['UAH'] } }),
  optIn: z.boolean(),
});
const good = {
  phone: '+380971112233',
  email: 'ivan@example.com',
  when: '2026-02-19T12:00:00.000Z',
  slug: 'bur',
  quantity: 1,
  weight: 0.5,
  step: 1.5,
  sort: 'price',
  items: [{ sku: 'A' }],
  options: { a: 1 },
  discount: { type: 'percent', percent: 5 },
  page: '2',
  currency: 'UAH',
  optIn: true,
};

function violationsOf(input: unknown) {
  const { error } = Order.safeParse(input);
  return toViolations(error?.issues ?? [], input);
}

test('a good input breaks nothing', () => {
  expect(violationsOf(good)).toEqual([]);
});

test.each<[string, Record<string, unknown>, Violation]>([
  ['a missing field', { email: undefined }, { path: ['email'], rule: 'required', expected: 'string' }],
  ['a missing choice', { sort: undefined }, { path: ['sort'], rule: 'required' }],
  ['a missing alternative', { discount: undefined }, { path: ['discount'], rule: 'required', expected: 'object' }],
  ['a missing number of a query', { page: undefined }, { path: ['page'], rule: 'required', expected: 'number' }],
  ['null', { email: null }, { path: ['email'], rule: 'type', expected: 'string' }],
  ['a wrong type', { optIn: 'true' }, { path: ['optIn'], rule: 'type', expected: 'boolean' }],
  ['an unreadable number of a query', { page: 'abc' }, { path: ['page'], rule: 'type', expected: 'number' }],
  ['a fraction', { quantity: 0.5 }, { path: ['quantity'], rule: 'integer' }],
  ['a number too small', { quantity: 0 }, { path: ['quantity'], rule: 'min', expected: 1 }],
  ['a number too great', { quantity: 100 }, { path: ['quantity'], rule: 'max', expected: 99 }],
  ['zero where it must be more', { weight: 0 }, { path: ['weight'], rule: 'min', expected: 0 }],
  ['a number off its steps', { step: 0.3 }, { path: ['step'], rule: 'not_acceptable' }],
  ['a short text', { phone: '12' }, { path: ['phone'], rule: 'min_length', expected: 5 }],
  ['a long text', { phone: '1'.repeat(33) }, { path: ['phone'], rule: 'max_length', expected: 32 }],
  ['a NUL', { phone: '12345\u0000' }, { path: ['phone'], rule: 'unsafe_text' }],
  ['a bad e-mail', { email: 'ivan' }, { path: ['email'], rule: 'format', expected: 'email' }],
  ['a bad instant', { when: 'yesterday' }, { path: ['when'], rule: 'format', expected: 'datetime' }],
  ['a text off its pattern', { slug: 'B-1' }, { path: ['slug'], rule: 'format' }],
  ['an unknown choice', { sort: 'x' }, { path: ['sort'], rule: 'one_of', expected: ['newest', 'price'] }],
  ['an empty list', { items: [] }, { path: ['items'], rule: 'min_items', expected: 1 }],
  ['a long list', { items: Array(3).fill({ sku: 'A' }) }, { path: ['items'], rule: 'max_items', expected: 2 }],
  ['a field of an item', { items: [{ sku: '' }] }, { path: ['items', 0, 'sku'], rule: 'min_length', expected: 1 }],
  ['a key too long', { options: { abcd: 1 } }, { path: ['options', 'abcd'], rule: 'max_length', expected: 3 }],
  ['neither of two types', { options: { a: true } }, { path: ['options', 'a'], rule: 'not_acceptable' }],
  ['a rule that a refinement names', { currency: 'USD' }, { path: ['currency'], rule: 'one_of', expected: ['UAH'] }],
])('%s', (_, wrong, violation) => {
  expect(violationsOf({ ...good, ...wrong })).toEqual([violation]);
});

test('every unknown field is named, with the path to it', () => {
  const input = { ...good, role: 'operator', items: [{ sku: 'A', price: 1 }] };
  expect(violationsOf(input)).toEqual([
    { path: ['items', 0, 'price'], rule: 'unknown_field' },
    { path: ['role'], rule: 'unknown_field' },
  ]);
});

test('of several alternatives, the one that the caller meant is explained', () => {
  expect(violationsOf({ ...good, discount: { type: 'fixed', amount: 'x' } })).toEqual([
    { path: ['discount', 'amount'], rule: 'type', expected: 'number' },
  ]);
});

test.each([undefined, null, 'text', 7, []])('%j instead of an object is one broken rule', (body) => {
  expect(violationsOf(body)).toEqual([{ path: [], rule: 'type', expected: 'object' }]);
});
