import { expect, test } from 'vitest';
import { credentialsIn } from '../src/nats.ts';

test.each([
  ['nats://127.0.0.1:4222', {}],
  ['127.0.0.1:4222', {}],
  ['nats://shop:p%40ss@127.0.0.1:4222,nats://other:4222', { user: 'shop', pass: 'p@ss' }],
  ['nats://s3cr3t@127.0.0.1:4222', { token: 's3cr3t' }],
])('the credentials of %s are used', (url, credentials) => {
  expect(credentialsIn(url)).toEqual(credentials);
});
