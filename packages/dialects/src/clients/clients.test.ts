import { AppError, catalogue, type ErrorCode, type Violation, type ViolationRule } from '@forecourt/errors';
import { describe, expect, test } from 'vitest';
import { languages } from '../language.ts';
import { ClientsError } from './errors.ts';
import { clients } from './index.ts';

const codes = Object.keys(catalogue) as ErrorCode[];
const ru = { language: 'ru', requestId: 'r-1' } as const;
const everyFact = {
  product: 'Бур 801',
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

const refused = (error: AppError, context: Parameters<typeof clients.refuse>[1] = ru) =>
  ClientsError.parse(clients.refuse(error, context).body).error;
const refusedFor = (violations: Violation[], context: Parameters<typeof clients.refuse>[1] = ru) =>
  refused(new AppError('validation_failed', 'English', { violations }), context);

describe.each(languages)('in %s', (language) => {
  test.each(codes)('%s is named by its code, and said in words without a hole', (code) => {
    const { message, ...rest } = refused(new AppError(code, 'English', { params: everyFact }), { ...ru, language });
    expect(rest.code).toBe(code);
    expect(message).not.toBe('English');
    expect(message.length).toBeGreaterThan(3);
    expect(message).not.toMatch(/undefined|object|\$\{|^\s|\s$/);
  });

  const script = {
    uk: /\p{sc=Cyrl}/u,
    ru: /\p{sc=Cyrl}/u,
    ka: /\p{sc=Geor}/u,
    mn: /\p{sc=Cyrl}/u,
    en: /^[\p{ASCII}]+$/u,
  };
  const rules = {
    required: [undefined, 'string'],
    unknown_field: [undefined],
    type: ['string', 'number', 'boolean', 'object', 'array', 'toString', undefined],
    format: ['email', 'phone', 'date', 'uuid', 'constructor', undefined],
    min_length: [6],
    max_length: [2000],
    min_items: [1],
    max_items: [3],
    min: [1, '1900-01-01'],
    max: [100, '2026-11-21'],
    integer: [undefined],
    one_of: [['a', 'b']],
    unsafe_text: [undefined],
    not_acceptable: [undefined, 'contradiction'],
  } satisfies Record<ViolationRule, Violation['expected'][]>;

  test.each(Object.entries(rules) as [ViolationRule, Violation['expected'][]][])(
    'a field that breaks "%s" is told so in its own script, with the bound that it broke',
    (rule, wishes) => {
      const said = wishes.map((expected) => {
        const violation = { path: ['x'], rule, ...(expected !== undefined && { expected }) };
        const phrase = refusedFor([violation], { ...ru, language }).fields?.x ?? '';
        expect(phrase).toMatch(script[language]);
        expect(phrase).not.toMatch(/undefined|native|\[|^\s|\s$/);
        const bound = /^(min|max|one_of)/.test(rule) ? [expected].flat().join(', ') : '';
        expect(phrase).toContain(bound);
        return phrase;
      });
      if (rule === 'min' || rule === 'max') expect(said[0]?.split(' ', 2)).not.toEqual(said[1]?.split(' ', 2));
    },
  );
});

test('the documented body comes out as printed, in Russian', () => {
  const error = new AppError('validation_failed', 'English', {
    violations: [{ path: ['phone'], rule: 'format', expected: 'phone' }],
  });
  expect(clients.refuse(error, ru)).toEqual({
    status: 400,
    headers: {},
    body: {
      error: {
        code: 'validation_failed',
        message: 'Проверьте введённые данные',
        fields: { phone: 'Это не похоже на номер телефона' },
      },
    },
  });
});

test('each field has one phrase, for the first rule that it breaks; a body that is no object is called so', () => {
  const { fields } = refusedFor([
    { path: ['email'], rule: 'required', expected: 'string' },
    { path: ['email'], rule: 'format', expected: 'email' },
    { path: ['a', 0, 'b'], rule: 'unknown_field' },
    { path: [], rule: 'type', expected: 'object' },
  ]);
  expect(fields).toEqual({
    email: 'Это поле обязательно',
    'a.0.b': 'Такого поля нет',
    body: 'Нужен другой тип значения: объект',
  });
});

test.each([
  ['validation_failed', 400],
  ['malformed_body', 400],
  ['unauthenticated', 401],
  ['session_ended', 401],
  ['role_required', 403],
  ['customer_not_found', 404],
  ['method_not_allowed', 405],
  ['email_taken', 409],
  ['phone_taken', 409],
  ['account_taken', 409],
  ['internal', 500],
  ['overloaded', 503],
] as const)('%s is a %i without fields', (code, status) => {
  const refusal = clients.refuse(new AppError(code, 'English'), ru);
  expect(refusal.status).toBe(status);
  expect(ClientsError.parse(refusal.body).error).not.toHaveProperty('fields');
});

test('a password that everybody uses is the fault of its field', () => {
  const { code, message, fields } = refused(new AppError('password_common', 'English'));
  expect({ code, fields }).toEqual({ code: 'password_common', fields: { password: message } });
});

test('a 429 says when to come back', () => {
  const refusal = clients.refuse(new AppError('too_many_attempts', 'English', { retryAfterSeconds: 29.1 }), ru);
  expect(refusal).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
});

test('a fault of ours is named by its request id and nothing else', () => {
  const error = new AppError('internal', 'relation "customer" does not exist', { cause: new Error('secret') });
  expect(clients.refuse(error, { language: 'en', requestId: 'r-42' }).body).toEqual({
    error: { code: 'internal', message: 'The fault is ours. Request id: r-42' },
  });
});
