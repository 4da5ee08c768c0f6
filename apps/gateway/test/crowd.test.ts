import type { ServerResponse } from 'node:http';
import { until } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { aGateway, aService } from './system.ts';

/** An identity that lets nobody in until it is told to, and answers everything else at once. */
async function aBusyIdentity() {
  const held: ServerResponse[] = [];
  let open = false;
  const identity = await aService(({ url }, response) => {
    if (url !== '/auth/login' || open) return response.end('{}');
    held.push(response);
  });
  return {
    ...identity,
    held,
    letAllIn: () => {
      open = true;
      for (const response of held) response.end('{}');
    },
  };
}

const logIn = (origin: string) => fetch(`${origin}/auth/login`, { method: 'POST', body: '{}' });

test('of a crowd that signs in few are with identity at once, whose other paths are free; and all get their answer', async () => {
  const identity = await aBusyIdentity();
  const { origin } = await aGateway({ services: { identity: identity.origin }, env: { COSTLY_AT_ONCE: '3' } });
  const crowd = Array.from({ length: 100 }, () => logIn(origin));
  await until(() => identity.held.length === 3);
  for (const path of ['/me', '/auth/refresh']) expect((await fetch(origin + path)).status).toBe(200);
  expect(identity.held).toHaveLength(3);
  identity.letAllIn();
  const answers = await Promise.all(crowd);
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
});

test('each process of identity takes as many', async () => {
  const identities = [await aBusyIdentity(), await aBusyIdentity()];
  const { origin } = await aGateway({
    services: { identity: identities.map((identity) => identity.origin) },
    env: { COSTLY_AT_ONCE: '2' },
  });
  const crowd = Array.from({ length: 20 }, () => logIn(origin));
  await until(() => identities.every(({ held }) => held.length === 2));
  for (const identity of identities) identity.letAllIn();
  await Promise.all(crowd);
});
