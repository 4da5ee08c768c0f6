import { countStatements } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { aCustomer } from '../test/builders.ts';
import { aSentCode, enter, refusalOf } from '../test/codes.ts';
import { startIdentity } from '../test/identity.ts';
import { aSignedInSubscriber } from '../test/subscribers.ts';
import { tidyUp } from './housekeeping.ts';
import { makeAccount, rotateKey } from './service-account/service.ts';

const days = (n: number) => n * 86_400_000;

test('what nobody will ask for again goes, and nothing sooner', async () => {
  const identity = await startIdentity();
  const { db, clock } = identity.deps;
  const { email, clientId, refreshToken } = await aCustomer(identity);
  await identity.call('POST', '/auth/login', { body: { login: email, password: 'a wrong one', clientId } });
  await identity.call('POST', '/auth/forgot-password', { body: { email } });
  await identity.mailTo(email);
  const rows = async () => ({
    customers: await db.customer.count(),
    sessions: await db.session.count(),
    tokens: await db.refreshToken.count(),
    messages: await db.message.count(),
    calls: await db.messageCall.count(),
    throttles: await db.throttle.count(),
  });
  const before = await rows();
  await tidyUp(identity.deps);
  expect(await rows()).toEqual(before);

  identity.runtime.clock.advance(days(30) - 1000);
  await tidyUp(identity.deps);
  expect(await rows()).toMatchObject({ sessions: 1, tokens: 1, throttles: 0 });
  expect((await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(201);

  identity.runtime.clock.set(new Date(clock().getTime() + days(61)));
  await tidyUp(identity.deps);
  expect(await rows()).toEqual({ customers: 1, sessions: 0, tokens: 0, messages: 0, calls: 0, throttles: 0 });
  await identity.close();
});

test('a code request goes a day after it was made, and nothing sooner', async () => {
  const identity = await startIdentity();
  const { code, ...asked } = await aSentCode(identity);
  identity.runtime.clock.advance(days(1));
  await tidyUp(identity.deps);
  expect(await identity.deps.db.codeRequest.count()).toBe(1);
  identity.runtime.clock.advance(1);
  await tidyUp(identity.deps);
  expect(await identity.deps.db.codeRequest.count()).toBe(0);
  expect(await refusalOf(enter(identity, asked, code))).toBe('code_request_unknown');
  await identity.close();
});

test('a site’s session goes a month after its end, and a key after its own; who had it is known for ever', async () => {
  const identity = await startIdentity();
  const { db, clock } = identity.deps;
  const actor = { role: 'system' } as const;
  await aSignedInSubscriber(identity);
  const { account } = await makeAccount(identity.deps, { name: 'x', roles: ['partner'] }, actor);
  await rotateKey(identity.deps, account.id, 0, actor);
  const rows = async () => [await db.siteToken.count(), await db.serviceKey.count(), await db.serviceAccount.count()];
  identity.runtime.clock.advance(days(30) - 1000);
  await tidyUp(identity.deps);
  expect(await rows()).toEqual([1, 2, 1]);
  identity.runtime.clock.advance(2000);
  await tidyUp(identity.deps);
  expect(await rows()).toEqual([1, 1, 1]);
  identity.runtime.clock.set(new Date(clock().getTime() + days(30)));
  await tidyUp(identity.deps);
  expect(await rows()).toEqual([0, 1, 1]);
  await identity.close();
});

test('a flood of rows that fall due together goes in statements that each take few', async () => {
  const identity = await startIdentity();
  const { database } = identity.deps;
  await database.$executeRaw`
    INSERT INTO throttle (key, attempts, free_at, forgotten_at)
    SELECT 'flood:' || n, 1, ${identity.deps.clock()}::timestamptz, ${identity.deps.clock()}::timestamptz
    FROM generate_series(1, 25) AS n`;
  const { statements } = await countStatements(identity.runtime, () => tidyUp(identity.deps, 10));
  expect(statements.filter((sql) => sql.includes('DELETE FROM throttle'))).toHaveLength(3);
  expect(await identity.deps.db.throttle.count()).toBe(0);
  await identity.close();
});
