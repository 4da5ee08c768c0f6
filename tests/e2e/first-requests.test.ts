import { expect, test } from 'vitest';
import { routes } from '../../apps/gateway/src/routes.ts';
import { operatorBearer } from './people.ts';
import { gateway } from './storefront-client.ts';

const dialects = [...new Set(routes.map(({ dialect }) => dialect))];

test.each(dialects)('the first request that the document of $name names succeeds', async ({ firstRequest }) => {
  const { path, headers = {}, body } = firstRequest;
  const { authorization, ...others } = headers;
  const call = { headers: others, ...(authorization !== undefined && (await operatorBearer())) };
  const answer = body ? await gateway.post(path, body, call) : await gateway.get(path, call);
  expect(answer.status, answer.text).toBeLessThan(300);
});

test('all five dialects have one, and the operators', () => {
  expect(dialects.map(({ name }) => name).sort()).toEqual([
    'clients',
    'driver',
    'mobile',
    'operators',
    'storefront',
    'subscriber',
  ]);
});
