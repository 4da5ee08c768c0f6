import { expect, test } from 'vitest';
import { AppError } from './app-error.ts';
import { catalogue, isErrorCode } from './catalogue.ts';

test('a refusal carries its category, its facts and, for us only, its cause', () => {
  const cause = new Error('duplicate key');
  const error = new AppError('email_taken', 'This e-mail is taken.', { cause, params: { email: 'a@example.com' } });
  expect(error).toMatchObject({
    category: 'failed_precondition',
    params: { email: 'a@example.com' },
    cause,
    violations: [],
  });
  expect(error).toBeInstanceOf(Error);
});

test('every code is a stable snake_case word', () => {
  for (const code of Object.keys(catalogue)) expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
});

test.each([
  ['price_changed', true],
  ['no_such_code', false],
  ['toString', false],
])('%s is a code of the catalogue: %s', (word, known) => {
  expect(isErrorCode(word)).toBe(known);
});
