import { expect, test } from 'vitest';
import { z } from 'zod';
import { serializerCompiler } from './serialisation.ts';

const Category = z.object({ name: z.string() }).meta({ id: 'Category', description: 'Where it belongs.' });
const Product = z.object({
  id: z.string(),
  number: z.int(),
  price: z.number(),
  description: z.string().nullable(),
  unit: z.enum(['piece', 'box']).nullable(),
  category: Category.nullable(),
  parent: Category.optional(),
  tags: z.array(z.string()),
  options: z.record(z.string(), z.union([z.string(), z.number()])),
  type: z.union([z.object({ kind: z.literal('a'), a: z.int() }), z.object({ kind: z.literal('b'), b: z.string() })]),
  createdAt: z.iso.datetime(),
});
const product: z.input<typeof Product> = {
  id: '65f1a2b3c4d5e6f7a8b9c001',
  number: 9_007_199_254_740_991,
  price: 12.5,
  description: null,
  unit: null,
  category: { name: 'Бори "801"\u2028' },
  tags: ['a', 'b'],
  options: { shade: 'A2', size: 3 },
  type: { kind: 'b', b: 'x' },
  createdAt: '2026-02-19T12:00:00.000Z',
};
const serialise = (schema: z.ZodType, value: unknown) =>
  JSON.parse(serializerCompiler({ schema, method: 'GET', url: '/' })(value));

test('an answer leaves as it is, nulls, numbers, texts and all', () => {
  expect(serialise(Product, product)).toEqual(product);
  expect(serialise(Product, { ...product, category: null, unit: 'box' })).toMatchObject({
    category: null,
    unit: 'box',
  });
});

test('what the schema does not promise never leaves', () => {
  const row = { ...product, passwordHash: 'canary', category: { name: 'x', margin: 'canary' } };
  expect(JSON.stringify(serialise(Product, row))).not.toContain('canary');
});

test('an answer without a promised field is a bug, not half an answer', () => {
  expect(() => serialise(Product, { ...product, price: undefined })).toThrow(/price/);
});

test('lists and bare values work', () => {
  expect(serialise(z.array(Category), [{ name: 'a' }])).toEqual([{ name: 'a' }]);
  expect(serialise(z.null(), null)).toBeNull();
});
