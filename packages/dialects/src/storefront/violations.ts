import type { Violation, ViolationRule } from '@forecourt/errors';

type Expected = Violation['expected'];

/** The shop shows these English phrases (class-validator's) in every language, beside the field that they begin with. */
const phrases = {
  required: () => 'should not be empty',
  unknown_field: () => 'should not exist',
  type: (expected) => types.get(String(expected)) ?? `must be of type ${expected}`,
  format: (expected) => formats.get(String(expected)) ?? `must be a valid ${expected ?? 'value'}`,
  min_length: (expected) => `must be longer than or equal to ${expected} characters`,
  max_length: (expected) => `must be shorter than or equal to ${expected} characters`,
  min_items: (expected) => `must contain at least ${expected} elements`,
  max_items: (expected) => `must contain no more than ${expected} elements`,
  min: (expected) => `must not be less than ${expected}`,
  max: (expected) => `must not be greater than ${expected}`,
  integer: () => 'must be an integer number',
  one_of: (expected) => `must be one of the following values: ${[expected].flat().join(', ')}`,
  unsafe_text: () => 'must not contain control characters',
  not_acceptable: () => 'is not acceptable',
} satisfies Record<ViolationRule, (expected: Expected) => string>;

const types = new Map([
  ['string', 'must be a string'],
  ['number', 'must be a number conforming to the specified constraints'],
  ['integer', 'must be an integer number'],
  ['int', 'must be an integer number'],
  ['boolean', 'must be a boolean value'],
  ['array', 'must be an array'],
  ['object', 'must be an object'],
  ['record', 'must be an object'],
  ['date', 'must be a Date instance'],
]);

const formats = new Map([
  ['email', 'must be an email'],
  ['phone', 'must be a valid phone number'],
  ['e164', 'must be a valid phone number'],
  ['uuid', 'must be a UUID'],
  ['url', 'must be a URL address'],
  ['date', 'must be a valid ISO 8601 date string'],
  ['datetime', 'must be a valid ISO 8601 date string'],
  ['object_id', 'must be a mongodb id'],
  ['jwt', 'must be a jwt string'],
]);

/** `items.0.quantity must be an integer number`; for a field nobody knows, `property x should not exist`. */
export function phraseOf({ path, rule, expected }: Violation): string {
  const phrase = phrases[rule](expected);
  if (rule !== 'unknown_field') return `${path.join('.') || 'body'} ${phrase}`;
  return [...path.slice(0, -1), `property ${path.at(-1) ?? 'body'} ${phrase}`].join('.');
}
