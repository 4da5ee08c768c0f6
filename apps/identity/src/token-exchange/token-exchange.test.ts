import { exchangeToken } from '@forecourt/contracts';
import { type Answering, ask } from '@forecourt/messaging';
import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anOperator } from '../../test/builders.ts';
import { refusalOf } from '../../test/codes.ts';
import { aDriver } from '../../test/drivers.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aSignedInSubscriber } from '../../test/subscribers.ts';
import { answerTokenExchange } from './requests.ts';

let identity: TestIdentity;
let answering: Answering;
beforeAll(async () => {
  identity = await startIdentity({}, { nats: true });
  answering = answerTokenExchange(identity.deps, identity.runtime.nats);
});
afterAll(async () => {
  await answering.close();
  await identity.close();
});

const exchange = (token: string) => ask(identity.runtime.nats, exchangeToken, { token }, { timeoutMs: 4000 });
const principalOf = async (token: string) => identity.deps.tokens.verify((await exchange(token)).accessToken);

test('an app’s token, a site’s and a key are each exchanged for what they are', async () => {
  const [driver, subscriber] = [await aDriver(identity), await aSignedInSubscriber(identity)];
  const { accessToken: token } = await anOperator(identity);
  const made = await identity.call('POST', '/admin/service-accounts', {
    token,
    body: { name: 'x', roles: ['partner'] },
  });
  expect(await principalOf(driver.token)).toMatchObject({ customerId: driver.id, roles: [] });
  expect(await principalOf(subscriber.token)).toMatchObject({ customerId: subscriber.id, roles: [] });
  expect(await principalOf(made.body.key)).toMatchObject({ customerId: made.body.account.id, roles: ['partner'] });
});

test('none of them opens what another one would', async () => {
  const [driver, subscriber] = [await aDriver(identity), await aSignedInSubscriber(identity)];
  for (const token of [driver.token, subscriber.token]) {
    for (const kind of ['drv', 'sub', 'key'].filter((other) => !token.startsWith(other))) {
      expect(await refusalOf(exchange(token.replace(/^\w+?_/, `${kind}_`)))).toBe('unauthenticated');
    }
  }
  for (const kind of ['drv', 'sub', 'key']) {
    expect(await refusalOf(exchange(`${kind}_${'a'.repeat(43)}`))).toBe('unauthenticated');
  }
});

test('each is an access token of a minute, and the same one again for half of it', async () => {
  const { token } = await aSignedInSubscriber(identity);
  const [first, second] = [await exchange(token), await exchange(token)];
  expect(second).toEqual(first);
  expect(first.expiresAt.getTime() - identity.deps.clock().getTime()).toBeLessThanOrEqual(60_000);
});

test('costs one statement, also when its use is written down', async () => {
  const { token } = await aSignedInSubscriber(identity);
  const { accessToken } = await anOperator(identity);
  const body = { name: 'x', roles: ['partner'] };
  const { body: made } = await identity.call('POST', '/admin/service-accounts', { token: accessToken, body });
  for (const credential of [token, made.key]) {
    for (const seconds of [0, 61, 1]) {
      identity.runtime.clock.advance(seconds * 1000);
      const { statements } = await countStatements(identity.runtime, () => exchange(credential));
      expect(statements).toHaveLength(1);
    }
  }
});
