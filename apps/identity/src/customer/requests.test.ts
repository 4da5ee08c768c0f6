import { randomUUID } from 'node:crypto';
import { resolveCustomer } from '@forecourt/contracts';
import { ask } from '@forecourt/messaging';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aClient } from '../../test/clients.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { answerResolutions } from './requests.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity({}, { nats: true });
});
afterAll(() => identity.close());

test('services are told whose a client id is, and that it is nobody’s', async () => {
  const { nats } = identity.runtime;
  const answering = answerResolutions(identity.deps, nats);
  const resolve = (clientId: string) => ask(nats, resolveCustomer, { clientId }, { timeoutMs: 5_000 });
  const client = await aClient(identity);
  expect(await resolve(client.clientId)).toEqual({ customerId: client.id });
  expect(await resolve(randomUUID())).toEqual({ customerId: null });
  await answering.close();
});
