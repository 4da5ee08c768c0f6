import { AppError, catalogue, type ErrorCode, type Violation } from '@forecourt/errors';
import { expect, test } from 'vitest';
import { SubscriberAnswer, succeeded } from './answer.ts';
import { SubscriberError } from './errors.ts';
import { subscriber } from './index.ts';

const context = { language: 'ka', requestId: 'r-1' } as const;
const refused = (code: ErrorCode, violations: readonly Violation[] = []) =>
  subscriber.refuse(new AppError(code, 'What happened.', { violations }), context);

const table: Readonly<Record<number, number>> = {
  1: 400,
  2: 404,
  3: 400,
  4: 410,
  5: 429,
  6: 429,
  7: 404,
  8: 409,
  9: 401,
  10: 403,
  99: 500,
};

const rowless: Readonly<Record<string, number>> = { route_not_found: 404, method_not_allowed: 405 };

test.each(Object.keys(catalogue) as ErrorCode[])('%s is a row of the table, with its status', (code) => {
  const { status, body } = refused(code);
  const { errorCode, data } = SubscriberError.strict().parse(body);
  expect(status).toBe(rowless[code] ?? table[errorCode]);
  expect(Object.keys(data)).toEqual(errorCode === 1 ? ['fields'] : []);
});

test.each([
  ['validation_failed', 400, 1],
  ['malformed_body', 400, 1],
  ['payload_too_large', 400, 1],
  ['customer_not_found', 404, 2],
  ['code_wrong', 400, 3],
  ['code_expired', 410, 4],
  ['too_many_attempts', 429, 5],
  ['too_many_requests', 429, 6],
  ['product_not_found', 404, 7],
  ['product_inactive', 404, 7],
  ['already_confirmed', 409, 8],
  ['code_request_unknown', 409, 8],
  ['unauthenticated', 401, 9],
  ['session_ended', 401, 9],
  ['role_required', 403, 10],
  ['origin_refused', 403, 10],
  ['internal', 500, 99],
  ['service_unavailable', 500, 99],
] as const)('%s is answered %i with %i', (code, status, errorCode) => {
  expect(refused(code)).toMatchObject({ status, body: { success: false, errorCode } });
});

test('bad input says which fields it is in, each once', () => {
  const wrong: Violation[] = [
    { path: ['phoneNumber'], rule: 'type', expected: 'number' },
    { path: ['phoneNumber'], rule: 'min', expected: 1 },
    { path: ['items', 0, 'x'], rule: 'required' },
    { path: [], rule: 'type', expected: 'object' },
  ];
  expect(refused('validation_failed', wrong).body).toEqual({
    data: { fields: ['phoneNumber', 'items.0.x', 'body'] },
    success: false,
    errorCode: 1,
  });
  expect(refused('malformed_body').body).toMatchObject({ data: { fields: ['body'] } });
  expect(refused('phone_invalid').body).toMatchObject({ data: { fields: ['phoneNumber'] } });
  expect(refused('route_not_found').body).toEqual({ data: { fields: [] }, success: false, errorCode: 1 });
});

test('a wait is asked for in Retry-After', () => {
  const error = new AppError('too_many_requests', 'x', { retryAfterSeconds: 29.1 });
  expect(subscriber.refuse(error, context)).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
  expect(refused('too_many_requests').headers).toEqual({ 'retry-after': '60' });
});

test('what passes is told from what does not, though both are our fault', () => {
  expect(refused('service_unavailable')).toMatchObject({ status: 500, headers: { 'retry-after': '1' } });
  expect(refused('internal').headers).toEqual({});
});

test('a fault of ours says nothing of itself', () => {
  const { body } = subscriber.refuse(new AppError('internal', 'SELECT secret FROM t'), context);
  expect(body).toEqual({ data: {}, success: false, errorCode: 99 });
});

test('a success looks like a refusal, with nothing wrong', () => {
  const answer = succeeded({ clientId: 7 });
  expect(answer).toEqual({ data: { clientId: 7 }, success: true, errorCode: 0 });
  expect(SubscriberAnswer(SubscriberError.shape.data).safeParse(answer).success).toBe(true);
});
