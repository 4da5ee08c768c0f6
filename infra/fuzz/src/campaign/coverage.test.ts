import { expect, test } from 'vitest';
import { Coverage } from './coverage.ts';

test('a documented call that was never answered with success is named; what is asked past the gateway is not', () => {
  const coverage = new Coverage(['GET /me', 'POST /orders', 'GET /products']);
  coverage.count('GET /me', 'valid', 200, 1);
  coverage.count('POST /orders', 'valid', 409, 1);
  coverage.count('POST /orders', 'text.nul', 201, 1);
  coverage.count('GET /me (behind the gateway)', 'pair', 400, 1);
  expect(coverage.neverSucceeded()).toEqual(['POST /orders', 'GET /products']);
});
