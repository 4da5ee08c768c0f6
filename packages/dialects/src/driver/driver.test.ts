import { AppError, catalogue, type ErrorCode } from '@forecourt/errors';
import { expect, test } from 'vitest';
import { DriverError } from './errors.ts';
import { driver } from './index.ts';

const mongolian = { language: 'mn', requestId: 'r-1' } as const;

test.each(Object.keys(catalogue) as ErrorCode[])('%s is a whole refusal', (code) => {
  const { status, body } = driver.refuse(new AppError(code, 'What happened.'), mongolian);
  expect(DriverError.parse(body).error).toMatchObject({ code, message: expect.stringMatching(/\S/) });
  expect(status).toBeGreaterThanOrEqual(400);
});

test('who cannot pay is told how much is needed', () => {
  const error = new AppError('insufficient_balance', 'Too little.', { params: { needed: '350.00 MNT' } });
  expect(driver.refuse(error, mongolian)).toMatchObject({
    status: 402,
    body: { error: { code: 'insufficient_balance', message: expect.stringContaining('350.00 MNT') } },
  });
});

test.each(['code_wrong', 'code_request_unknown'] as const)('%s is no way to sign in', (code) => {
  expect(driver.refuse(new AppError(code, 'No.'), mongolian).status).toBe(401);
});

test('a wait is asked for in Retry-After', () => {
  const refusal = driver.refuse(new AppError('too_many_requests', 'x', { retryAfterSeconds: 30 }), mongolian);
  expect(refusal).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
});
