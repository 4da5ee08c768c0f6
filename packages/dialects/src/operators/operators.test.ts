import { AppError, catalogue, type ErrorCode } from '@forecourt/errors';
import { expect, test } from 'vitest';
import { Problem } from './errors.ts';
import { operators } from './index.ts';

const context = { language: 'uk', requestId: 'r-1' } as const;

test.each(Object.keys(catalogue) as ErrorCode[])('%s is a complete problem document', (code) => {
  const { body, status, headers } = operators.refuse(new AppError(code, 'What happened.'), context);
  const problem = Problem.parse(body);
  expect(problem).toMatchObject({ code, status, requestId: 'r-1', type: `urn:forecourt:problem:${code}` });
  expect(problem.title.length).toBeGreaterThan(3);
  expect(headers['content-type']).toBe('application/problem+json');
});

test('violations point at their fields as JSON Pointers', () => {
  const error = new AppError('validation_failed', 'Two fields are wrong.', {
    violations: [
      { path: ['items', 0, 'a/b~c'], rule: 'min', expected: 1 },
      { path: [], rule: 'one_of', expected: ['x', 'y'] },
    ],
  });
  expect(operators.refuse(error, context)).toMatchObject({
    status: 400,
    body: {
      detail: 'Two fields are wrong.',
      violations: [
        { pointer: '/items/0/a~1b~0c', rule: 'min', expected: 1 },
        { pointer: '', rule: 'one_of', expected: ['x', 'y'] },
      ],
    },
  });
});

test('a fault of ours says nothing of itself', () => {
  const { body } = operators.refuse(new AppError('internal', 'SELECT secret FROM t'), context);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect(body).toMatchObject({ status: 500, requestId: 'r-1' });
});

test('a wait is asked for in Retry-After', () => {
  const refusal = operators.refuse(new AppError('overloaded', 'x', { retryAfterSeconds: 2 }), context);
  expect(refusal).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
});
