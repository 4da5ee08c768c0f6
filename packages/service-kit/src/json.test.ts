import { AppError } from '@forecourt/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from './json.ts';

const parse = (text: string) => parseJson(Buffer.from(text));

test('whatever JSON.stringify writes is read back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      fc.pre(!/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
      expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('a byte order mark is skipped', () => {
  expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 });
});

test.each([
  ['half a document', '{'],
  ['nothing but a space', ' '],
  ['a trailing comma', '{"a":1,}'],
  ['a comment', '{/* a */"a":1}'],
  ['NaN', '{"a":NaN}'],
  ['two documents', '{}{}'],
  ['a closed bracket too many', '{}]'],
  ['a bad escape in a name', '{"\\x":1}'],
  ['a name twice', '{"price":1,"price":2}'],
  ['a name twice, once in disguise', '{"price":1,"pr\\u0069ce":2}'],
  ['__proto__', '{"__proto__":{"role":"operator"}}'],
  ['__proto__ in disguise', '{"\\u005f_proto__":{"role":"operator"}}'],
  ['constructor.prototype', '{"a":{"constructor":{"prototype":{"role":"operator"}}}}'],
  ['21 lists in one another', '['.repeat(21) + ']'.repeat(21)],
  ['a string without end, full of quotes', `"${'\\"'.repeat(500_000)}`],
  ['30,000 lists in one another', '['.repeat(30_000)],
])('%s is malformed', (_, body) => {
  expect(() => parse(body)).toThrow(expect.objectContaining({ name: 'AppError', code: 'malformed_body' }));
});

test('bytes that are not UTF-8 are malformed', () => {
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(AppError);
  expect(() => parseJson(Buffer.from('{"a":1}', 'utf16le'))).toThrow(AppError);
});

test('20 levels pass, and one name in several objects passes', () => {
  expect(parse('['.repeat(20) + ']'.repeat(20))).toBeInstanceOf(Array);
  expect(parse('[{"a":{"a":1}},{"a":2}]')).toEqual([{ a: { a: 1 } }, { a: 2 }]);
});

test('brackets and colons inside of strings count for nothing', () => {
  expect(parse('{"a":"[[[{\\"b\\":","b":":"}')).toEqual({ a: '[[[{"b":', b: ':' });
});
