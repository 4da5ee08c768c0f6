import { AppError, catalogue, type ErrorCode, type Violation, type ViolationRule } from '@forecourt/errors';
import { describe, expect, test } from 'vitest';
import { languages } from '../language.ts';
import { StorefrontError } from './errors.ts';
import { storefront } from './index.ts';

const codes = Object.keys(catalogue) as ErrorCode[];
const uk = { language: 'uk', requestId: 'r-1' } as const;
const everyFact = {
  product: 'Бор 801',
  option: 'shade',
  price: '350 UAH',
  needed: '400 UAH',
  least: '10 UAH',
  most: '900 UAH',
  available: 3,
  currency: 'UAH',
  decimals: 2,
  header: 'Hive-Profile',
};

const messageFor = (violation: Violation) => {
  const error = new AppError('validation_failed', 'no', { violations: [violation] });
  return (storefront.refuse(error, uk).body as { message: string[] }).message[0];
};

describe.each(languages)('in %s', (language) => {
  test.each(codes)('%s is said in words of its own, with its facts and without a hole', (code) => {
    const { body, status } = storefront.refuse(new AppError(code, 'English', { params: everyFact }), {
      ...uk,
      language,
    });
    const { message, error } = StorefrontError.parse(body);
    expect(message).not.toBe('English');
    expect(message.length).toBeGreaterThan(3);
    expect(message).not.toMatch(/undefined|object|\$\{|^\s|\s$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(error).not.toBe('Unknown');
  });

  test('no two codes of the customer are said alike', () => {
    const said = codes.map((code) =>
      JSON.stringify(storefront.refuse(new AppError(code, ''), { ...uk, language }).body),
    );
    const own = said.filter((text) => !text.includes('"message":""'));
    expect(new Set(own).size).toBe(own.length);
  });
});

test('every language writes in its own script', () => {
  const script = {
    uk: /\p{sc=Cyrl}/u,
    ru: /\p{sc=Cyrl}/u,
    ka: /\p{sc=Geor}/u,
    mn: /\p{sc=Cyrl}/u,
    en: /^[\p{sc=Latn}\p{sc=Zyyy}]+$/u,
  };
  for (const language of languages) {
    for (const code of codes.filter((code) => code !== 'phone_invalid')) {
      const error = new AppError(code, 'x', { params: { ...everyFact, product: 'Bur' } });
      expect((storefront.refuse(error, { ...uk, language }).body as { message: string }).message).toMatch(
        script[language],
      );
    }
  }
});

test.each([
  ['email_taken', 409, 'Email вже зайнятий', 'Conflict'],
  ['phone_taken', 409, 'Цей номер телефону вже зареєстровано', 'Conflict'],
  ['account_taken', 409, 'Email або телефон вже зайнятий', 'Conflict'],
  ['credentials_wrong', 401, 'Невірний логін або пароль', 'Unauthorized'],
  ['refresh_token_invalid', 401, 'Невірний або прострочений refresh токен', 'Unauthorized'],
  ['reset_token_invalid', 400, 'Невірний або прострочений токен відновлення', 'Bad Request'],
  ['reset_token_used', 400, 'Токен вже використано або пароль був змінено', 'Bad Request'],
  ['customer_not_found', 404, 'Покупця не знайдено', 'Not Found'],
  ['phone_invalid', 400, 'Invalid phone number format', 'Bad Request'],
] as const)('%s is answered %i with the documented words', (code, statusCode, message, error) => {
  const refusal = storefront.refuse(new AppError(code, 'English'), uk);
  expect(refusal).toEqual({ status: statusCode, headers: {}, body: { statusCode, message, error } });
});

test.each([
  ['method_not_allowed', 405],
  ['request_timeout', 408],
  ['payload_too_large', 413],
  ['headers_too_large', 431],
  ['unsupported_media_type', 415],
  ['too_many_requests', 429],
  ['internal', 500],
  ['bad_gateway', 502],
  ['service_unavailable', 503],
  ['upstream_timeout', 504],
  ['role_required', 403],
] as const)('%s is a %i', (code, status) => {
  expect(storefront.refuse(new AppError(code, 'x'), uk)).toMatchObject({ status, body: { statusCode: status } });
});

test('the documented validation body comes out as printed', () => {
  const violations: Violation[] = [
    { path: ['email'], rule: 'format', expected: 'email' },
    { path: ['password'], rule: 'min_length', expected: 6 },
  ];
  expect(storefront.refuse(new AppError('validation_failed', 'no', { violations }), uk).body).toEqual({
    statusCode: 400,
    message: ['email must be an email', 'password must be longer than or equal to 6 characters'],
    error: 'Bad Request',
  });
});

test.each([
  [{ path: ['x'], rule: 'unknown_field' }, 'property x should not exist'],
  [{ path: ['items', 0, 'x'], rule: 'unknown_field' }, 'items.0.property x should not exist'],
  [{ path: ['items', 0, 'quantity'], rule: 'integer' }, 'items.0.quantity must be an integer number'],
  [{ path: ['items'], rule: 'min_items', expected: 1 }, 'items must contain at least 1 elements'],
  [{ path: ['items'], rule: 'max_items', expected: 200 }, 'items must contain no more than 200 elements'],
  [{ path: ['name'], rule: 'max_length', expected: 120 }, 'name must be shorter than or equal to 120 characters'],
  [{ path: ['page'], rule: 'min', expected: 1 }, 'page must not be less than 1'],
  [{ path: ['limit'], rule: 'max', expected: 100 }, 'limit must not be greater than 100'],
  [
    { path: ['sort'], rule: 'one_of', expected: ['price', '-price'] },
    'sort must be one of the following values: price, -price',
  ],
  [{ path: ['phone'], rule: 'required' }, 'phone should not be empty'],
  [
    { path: ['price'], rule: 'type', expected: 'number' },
    'price must be a number conforming to the specified constraints',
  ],
  [{ path: ['marketingOptIn'], rule: 'type', expected: 'boolean' }, 'marketingOptIn must be a boolean value'],
  [{ path: [], rule: 'type', expected: 'object' }, 'body must be an object'],
  [{ path: ['name'], rule: 'unsafe_text' }, 'name must not contain control characters'],
] as const satisfies [Violation, string][])('%j reads "%s"', (violation, phrase) => {
  expect(messageFor(violation)).toBe(phrase);
});

test('every rule has a phrase that begins with the field, whatever was expected', () => {
  const rules: ViolationRule[] = ['required', 'type', 'format', 'integer', 'one_of', 'unsafe_text', 'not_acceptable'];
  for (const rule of rules) {
    for (const expected of ['toString', 'constructor', 'vendor_thing', 7, ['a']]) {
      expect(messageFor({ path: ['a', 1, 'b'], rule, expected })).toMatch(/^a\.1\.b (must|should|is) [^\n]*[^ ]$/);
    }
  }
});

test('a changed price names the item and what it costs now, in the language asked for', () => {
  const error = new AppError('price_changed', 'x', { params: { product: 'Бор 801', price: '350 UAH' } });
  for (const language of languages) {
    const { message } = storefront.refuse(error, { ...uk, language }).body as { message: string };
    expect(message).toContain('Бор 801');
    expect(message).toContain('350 UAH');
  }
});

test('a thrower that forgot a fact is quoted instead of saying "undefined"', () => {
  const error = new AppError('price_changed', 'The price of Bur 801 is 350 now.', { params: { product: 'Bur 801' } });
  expect(storefront.refuse(error, uk).body).toMatchObject({ message: 'The price of Bur 801 is 350 now.' });
});

test('a fault of ours is named by its request id and nothing else', () => {
  const error = new AppError('internal', 'relation "orders" does not exist', { cause: new Error('secret') });
  const { body } = storefront.refuse(error, { language: 'en', requestId: 'r-42' });
  expect(body).toEqual({
    statusCode: 500,
    message: 'The fault is ours. Request id: r-42',
    error: 'Internal Server Error',
  });
});

test.each([
  [0.2, '1'],
  [7, '7'],
  [7.01, '8'],
])('a wait of %d s is asked for as Retry-After: %s', (retryAfterSeconds, header) => {
  const { headers } = storefront.refuse(new AppError('too_many_attempts', 'x', { retryAfterSeconds }), uk);
  expect(headers).toEqual({ 'retry-after': header });
});

test('a 429 has a Retry-After even when nobody said how long', () => {
  expect(storefront.refuse(new AppError('too_many_requests', 'x'), uk).headers).toEqual({ 'retry-after': '60' });
  expect(storefront.refuse(new AppError('service_unavailable', 'x'), uk).headers).toEqual({});
});
