import { AppError, catalogue, type ErrorCode, type Violation } from '@forecourt/errors';
import { describe, expect, test } from 'vitest';
import { languages } from '../language.ts';
import { MobileError } from './errors.ts';
import { mobile } from './index.ts';

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
const refused = (code: ErrorCode, violations: Violation[] = []) =>
  mobile.refuse(new AppError(code, 'English', { params: everyFact, violations }), ru);

describe.each(languages)('in %s', (language) => {
  const script = {
    uk: /\p{sc=Cyrl}/u,
    ru: /\p{sc=Cyrl}/u,
    ka: /\p{sc=Geor}/u,
    mn: /\p{sc=Cyrl}/u,
    en: /^[\p{sc=Latn}\p{sc=Zyyy}]+$/u,
  };

  test.each(codes)('%s is a number of the table with a whole sentence, or has no body', (code) => {
    const error = new AppError(code, 'English', { params: { ...everyFact, product: 'Bur' } });
    const { status, body } = mobile.refuse(error, { ...ru, language });
    if (body === undefined) return expect([404, 500, 502, 503, 504]).toContain(status);
    expect([400, 401]).toContain(status);
    const { code: number, message } = MobileError.strict().parse(body);
    expect([-10001, -10002, -10003, -10004, -10005, -10006, -10007, -10008, -10011]).toContain(number);
    expect(message).not.toBe('English');
    expect(message).toMatch(script[language]);
    expect(message).not.toMatch(/undefined|object|\$\{|^\s|\s$/);
  });

  test.each(['required', 'unknown_field', 'format'] as const)(
    'a parameter that breaks "%s" is called by its name, in words of its own',
    (rule) => {
      const error = new AppError('validation_failed', 'English', { violations: [{ path: ['info', 'x'], rule }] });
      const { message } = MobileError.parse(mobile.refuse(error, { ...ru, language }).body);
      expect(message).toMatch(script[language]);
      expect(message).toContain(': info.x');
    },
  );
});

test.each([
  ['header_missing', 400, -10001],
  ['header_malformed', 400, -10002],
  ['request_stale', 400, -10002],
  ['request_replayed', 400, -10002],
  ['malformed_request', 400, -10002],
  ['headers_too_large', 400, -10002],
  ['validation_failed', 400, -10004],
  ['phone_invalid', 400, -10004],
  ['phone_not_served', 400, -10004],
  ['malformed_body', 400, -10005],
  ['unsupported_media_type', 400, -10005],
  ['payload_too_large', 400, -10005],
  ['app_profile_unknown', 400, -10006],
  ['code_request_unknown', 400, -10007],
  ['device_not_found', 400, -10007],
  ['account_blocked', 400, -10007],
  ['code_wrong', 400, -10008],
  ['too_many_requests', 400, -10011],
  ['too_many_attempts', 400, -10011],
  ['unauthenticated', 401, -10007],
  ['token_expired', 401, -10007],
  ['session_ended', 401, -10007],
  ['signature_wrong', 401, -10007],
] as const)('%s is answered %i with %i', (code, status, number) => {
  expect(refused(code)).toMatchObject({ status, body: { code: number } });
});

test.each([
  ['route_not_found', 404],
  ['method_not_allowed', 404],
  ['not_found', 404],
  ['internal', 500],
  ['bad_gateway', 502],
  ['service_unavailable', 503],
  ['overloaded', 503],
  ['upstream_timeout', 504],
] as const)('%s is answered %i without a body', (code, status) => {
  expect(refused(code)).toMatchObject({ status, body: undefined });
});

test('apps forget their login on a 401: nothing is one but what is wrong with an identity', () => {
  const forgetful = codes.filter((code) => refused(code).status === 401);
  expect(forgetful).toEqual(codes.filter((code) => catalogue[code] === 'unauthenticated'));
});

test('a body is told as missing something before it is told as malformed', () => {
  const missing: Violation = { path: ['phone'], rule: 'required', expected: 'string' };
  const wrong: Violation = { path: ['info', 'birthDate'], rule: 'format' };
  expect(refused('validation_failed', [missing])).toEqual({
    status: 400,
    headers: {},
    body: { code: -10003, message: 'Не указан обязательный параметр: phone' },
  });
  expect(refused('validation_failed', [wrong]).body).toEqual({
    code: -10004,
    message: 'Параметр имеет неверный вид: info.birthDate',
  });
  expect(refused('validation_failed', [wrong, missing])).toMatchObject({
    body: { code: -10003, message: 'Не указан обязательный параметр: phone' },
  });
  expect(refused('validation_failed', [{ path: [], rule: 'type', expected: 'object' }])).toMatchObject({
    body: { code: -10004, message: 'Проверьте введённые данные' },
  });
});

test('too many requests are told when to come back, with a status whose body apps read', () => {
  const error = new AppError('too_many_attempts', 'English', { retryAfterSeconds: 29.1 });
  expect(mobile.refuse(error, ru)).toMatchObject({ status: 400, headers: { 'retry-after': '30' } });
  expect(refused('too_many_requests').headers).toEqual({ 'retry-after': '60' });
});

test('a fault of ours says nothing', () => {
  const error = new AppError('internal', 'relation "customer" does not exist', { cause: new Error('secret') });
  expect(mobile.refuse(error, ru)).toEqual({ status: 500, headers: {}, body: undefined });
});
