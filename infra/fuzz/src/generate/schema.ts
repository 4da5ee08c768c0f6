import fc from 'fast-check';
import type { JsonSchema } from '../api/document.ts';
import { about, type Value } from './draft.ts';
import { meaningOf, type Place } from './meaning.ts';

/** Values that a schema allows, and that mean something where their name says what they are. */
export function valuesOf(schema: JsonSchema, place: Place): fc.Arbitrary<Value> {
  return meaningOf(schema, place) ?? byShape(schema, place);
}

function byShape(schema: JsonSchema, place: Place): fc.Arbitrary<Value> {
  if (schema.const !== undefined) return fc.constant(schema.const as Value);
  if (schema.enum) return fc.constantFrom(...(schema.enum as Value[]));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => byShape(choice, place)));
  const types = [schema.type ?? 'anything'].flat();
  if (types.length > 1) return fc.oneof(...types.map((type) => byShape({ ...schema, type }, place)));
  switch (types[0]) {
    case 'object':
      return objects(schema, place);
    case 'array':
      return arrays(schema, place);
    case 'string':
      return texts(schema);
    case 'integer':
      return integers(schema);
    case 'number':
      return numbers(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Value>;
  }
}

function objects(schema: JsonSchema, place: Place): fc.Arbitrary<Value> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const names = Object.keys(properties);
  if (names.length === 0 && typeof additionalProperties === 'object') {
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    return fc.dictionary(key, byShape(additionalProperties, { ...place, name: '' }), {
      maxKeys: 4,
      noNullPrototype: true,
    });
  }
  const fields = Object.fromEntries(
    names.map((name) => [name, valuesOf(properties[name] as JsonSchema, { ...place, name, siblings: names })]),
  );
  return fc.record(fields, { requiredKeys: [...required], noNullPrototype: true });
}

function arrays({ items = {}, minItems = 0, maxItems = 20 }: JsonSchema, place: Place): fc.Arbitrary<Value> {
  const most = Math.max(minItems, Math.min(maxItems, 4));
  // Each item is about something of its own.
  const item = fc
    .tuple(fc.nat(1000), valuesOf(items, { ...place, siblings: [] }))
    .map(([at, value]) => about(value, at));
  return fc.array(item, { minLength: minItems, maxLength: most });
}

function texts({ minLength = 0, maxLength = 200, pattern, format }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'date-time') {
    return fc
      .date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
      .map((at) => at.toISOString());
  }
  if (format === 'uri') return fc.webUrl();
  if (format === 'uuid') return fc.uuid();
  if (format === 'email') return fc.emailAddress();
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'));
  const sign = fc.constantFrom(...'abcxyz019 -_.,ІїєЯöß人ა😀');
  const least = Math.max(minLength, minLength > 0 ? 1 : 0);
  const ordinary = fc
    .string({ unit: sign, minLength: least, maxLength: Math.max(least, Math.min(maxLength, 24)) })
    // Cut at both ends, a text of blanks would be none; and a schema counts signs, of which some are two units long.
    .map((text) => text.trim() + 'x'.repeat(Math.max(0, minLength - [...text.trim()].length)))
    .filter((text) => text.length <= maxLength);
  return fc.oneof(
    { weight: 20, arbitrary: ordinary },
    { weight: 1, arbitrary: fc.constant('m'.repeat(Math.min(maxLength, 2000))) },
  );
}

const safe = Number.MAX_SAFE_INTEGER;

function integers({ minimum = -safe, maximum = safe }: JsonSchema): fc.Arbitrary<number> {
  const small = fc.integer({ min: Math.max(minimum, -100), max: Math.max(minimum, Math.min(maximum, 100)) });
  const any = fc.maxSafeInteger().map((value) => Math.min(maximum, Math.max(minimum, value)));
  return fc.oneof({ weight: 8, arbitrary: small }, { weight: 1, arbitrary: any });
}

/** Amounts have two decimals at most: more of them is a breakage of its own. */
function numbers({
  minimum,
  maximum = 1e9,
  exclusiveMinimum,
  exclusiveMaximum = Infinity,
}: JsonSchema): fc.Arbitrary<number> {
  const least = minimum ?? (exclusiveMinimum === undefined ? -1e6 : exclusiveMinimum + 0.01);
  const most = Math.min(maximum, exclusiveMaximum - 0.01);
  const hundredths = fc.integer({ min: Math.ceil(least * 100), max: Math.min(Math.floor(most * 100), 10_000_000) });
  const usual = hundredths.map((value) => value / 100);
  return fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(least, most) });
}
