import { randomUUID } from 'node:crypto';
import { codeAccepted, sessionRevoked } from '@forecourt/contracts';
import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOperator } from '../../test/builders.ts';
import { codeTo, refusalOf } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import {
  aChallenge,
  accessOf,
  aGeorgianPhone,
  aSignedInSubscriber,
  aSubscriber,
  askFor,
  tokenOf,
  validate,
  wrong,
} from '../../test/subscribers.ts';
import { createIdentityApp } from '../app.ts';
import { issueCode } from '../code/service.ts';
import { exchangeSiteToken } from '../site-session/service.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const turn = (seconds: number) => identity.runtime.clock.advance(seconds * 1000);
const refusal = (errorCode: number, fields?: string[]) => ({
  data: fields ? { fields } : {},
  success: false,
  errorCode,
});
const done = { data: {}, success: true, errorCode: 0 };
const principalBehind = async (token: string) => identity.deps.tokens.verify(await accessOf(identity, token));
const cookiesOf = (headers: Record<string, unknown>) => [headers['set-cookie']].flat().map(String);

describe.each(['/register', '/restore', '/resend'] as const)('POST %s', (path) => {
  test('sends a code to the client’s phone and says which one, in a cookie and in a header', async () => {
    const { number, phone } = await aSubscriber(identity);
    const { status, body, headers } = await askFor(identity, path, number);
    expect([status, body]).toEqual([200, done]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-language': 'ka' });
    const verification = String(headers['x-verification']);
    expect(cookiesOf(headers)).toEqual([`verification=${verification}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax`]);
    const [message] = await identity.mailTo(phone);
    expect(message).toMatchObject({ channel: 'sms', text: expect.stringMatching(/კოდი: [1-9]\d{5}\./) });
  });

  test.each(['cookie', 'header', 'code alone'] as const)('opens a session with the %s', async (way) => {
    const subscriber = await aSubscriber(identity);
    const address = `198.51.100.${Math.floor(Math.random() * 250)}`;
    const { code, byCookie, byHeader } = await aChallenge(identity, subscriber, { path, address });
    const told = { cookie: byCookie, header: byHeader, 'code alone': { address } }[way];
    const answer = await validate(identity, code, told);
    expect([answer.status, answer.body]).toEqual([200, done]);
    const token = tokenOf(answer);
    expect(token).toMatch(/^sub_[\w-]{43}$/);
    expect(cookiesOf(answer.headers)).toEqual([
      `session=${token}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax`,
      'verification=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
    ]);
    expect(await principalBehind(token)).toMatchObject({ customerId: subscriber.id, roles: [] });
  });

  test.each([
    ['nobody', 987_654_321, 404, refusal(2)],
    ['nothing', undefined, 400, refusal(1, ['clientId'])],
    ['a text', '17', 400, refusal(1, ['clientId'])],
    ['a fraction', 1.5, 400, refusal(1, ['clientId'])],
    ['zero', 0, 400, refusal(1, ['clientId'])],
    ['more than a number holds', 1e21, 400, refusal(1, ['clientId'])],
    ['null', null, 400, refusal(1, ['clientId'])],
  ])('refuses %s', async (_, clientId, status, body) => {
    expect(await askFor(identity, path, clientId)).toMatchObject({ status, body });
  });

  test('refuses further fields, other types and what is no JSON, by its table', async () => {
    const call = (payload: string, type = 'application/json') =>
      identity.app.inject({ method: 'POST', url: path, payload, headers: { 'content-type': type } });
    const answers = [
      await call('{"clientId":1,"x":1}'),
      await call('{"clientId":'),
      await call('[]'),
      await call('clientId=1', 'application/x-www-form-urlencoded'),
    ];
    expect(answers.map((answer) => [answer.statusCode, answer.json()])).toEqual([
      [400, refusal(1, ['x'])],
      [400, refusal(1, ['body'])],
      [400, refusal(1, ['body'])],
      [400, refusal(1, ['body'])],
    ]);
  });

  test('asks whoever comes again too soon to wait', async () => {
    const { number } = await aSubscriber(identity);
    await askFor(identity, path, number);
    const { status, body, headers } = await askFor(identity, path, number);
    expect([status, body]).toEqual([429, refusal(6)]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  test('sends nothing to who was erased, and cannot send to who has no phone', async () => {
    const [gone, silent] = [await aSubscriber(identity), await aSubscriber(identity)];
    const { clock, db } = identity.deps;
    const nobody = { phone: null, firstName: null, lastName: null, personalNumber: null, erasedAt: clock() };
    await db.customer.update({ where: { id: gone.id }, data: nobody });
    await db.customer.update({ where: { id: silent.id }, data: { phone: null, email: `${silent.id}@example.com` } });
    expect(await askFor(identity, path, gone.number)).toMatchObject({ status: 404, body: refusal(2) });
    expect(await askFor(identity, path, silent.number)).toMatchObject({ status: 409, body: refusal(8) });
  });
});

describe('POST /validate', () => {
  test.each([
    ['no code', {}, ['code']],
    ['a text', { code: '123456' }, ['code']],
    ['a fraction', { code: 1.5 }, ['code']],
    ['less than nothing', { code: -123_456 }, ['code']],
    ['more digits than a code has', { code: 1_234_567_890 }, ['code']],
    ['more than the code', { code: 123_456, clientId: 7 }, ['clientId']],
  ])('refuses %s', async (_, body, fields) => {
    expect(await identity.call('POST', '/validate', { body })).toMatchObject({ status: 400, body: refusal(1, fields) });
  });

  test('refuses a header that names nothing, and passes over a cookie that does', async () => {
    const named = { headers: { 'x-verification': 'x' } };
    expect(await validate(identity, 123_456, named)).toMatchObject({
      status: 400,
      body: refusal(1, ['x-verification']),
    });
    const subscriber = await aSubscriber(identity);
    const { code } = await aChallenge(identity, subscriber);
    expect(await validate(identity, code, { headers: { cookie: 'verification=x' } })).toMatchObject({ status: 200 });
  });

  test('says that there is nothing to confirm, that a code is wrong, and that it was used', async () => {
    const unknown = { headers: { 'x-verification': randomUUID() } };
    expect(await validate(identity, 123_456, unknown)).toMatchObject({ status: 409, body: refusal(8) });
    const { code, byCookie } = await aChallenge(identity, await aSubscriber(identity));
    expect(await validate(identity, wrong(code), byCookie)).toMatchObject({ status: 400, body: refusal(3) });
    expect(await validate(identity, code, byCookie)).toMatchObject({ status: 200 });
    expect(await validate(identity, code, byCookie)).toMatchObject({ status: 410, body: refusal(4) });
    expect(await validate(identity, code)).toMatchObject({ status: 400, body: refusal(3) });
  });

  test('says that a code has expired, to whoever names its request', async () => {
    const { code, byHeader } = await aChallenge(identity, await aSubscriber(identity));
    turn(301);
    expect(await validate(identity, code, byHeader)).toMatchObject({ status: 410, body: refusal(4) });
    expect(await validate(identity, code)).toMatchObject({ status: 400, body: refusal(3) });
  });

  test('says after five wrong codes that a new one is needed, and when it may be asked for', async () => {
    const subscriber = await aSubscriber(identity);
    const { code, byHeader } = await aChallenge(identity, subscriber);
    for (let n = 0; n < 5; n += 1) expect((await validate(identity, wrong(code), byHeader)).status).toBe(400);
    const { status, body, headers } = await validate(identity, code, byHeader);
    expect([status, body]).toEqual([429, refusal(5)]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(await validate(identity, code)).toMatchObject({ status: 400, body: refusal(3) });
    turn(60);
    const again = await aChallenge(identity, subscriber);
    expect(await validate(identity, again.code, again.byHeader)).toMatchObject({ status: 200 });
  });

  test('believes the header before the cookie, which is of the last call of any tab', async () => {
    const [one, other] = [await aSubscriber(identity), await aSubscriber(identity)];
    const [first, second] = [await aChallenge(identity, one), await aChallenge(identity, other)];
    const headers = { ...first.byHeader.headers, ...second.byCookie.headers };
    const answer = await validate(identity, first.code, { headers });
    expect(await principalBehind(tokenOf(answer))).toMatchObject({ customerId: one.id });
    expect(await validate(identity, second.code, second.byCookie)).toMatchObject({ status: 200 });
  });

  test.each([
    ['to sign in at the shop', { purpose: 'sign_in' }],
    ['for another service, that is not entered here', { purpose: 'confirmation', owner: 'payments', reference: 'x' }],
  ] as const)('takes no code that was sent %s', async (_, wish) => {
    const { id: customerId, phone: recipient } = await aSubscriber(identity);
    const asked = { ...wish, channel: 'sms', recipient, customerId, language: 'en', address: '127.0.0.1' } as const;
    const { requestId } = await issueCode(identity.deps, asked);
    const code = Number(await codeTo(identity, recipient));
    const named = { headers: { 'x-verification': requestId } };
    expect(await validate(identity, code, named)).toMatchObject({ status: 409, body: refusal(8) });
    expect(await validate(identity, code)).toMatchObject({ status: 400, body: refusal(3) });
    expect(await identity.deps.db.codeRequest.findUnique({ where: { id: requestId } })).toMatchObject({ tries: 0 });
  });

  test('signs nobody in who is blocked', async () => {
    const subscriber = await aSubscriber(identity);
    const { code, byHeader } = await aChallenge(identity, subscriber);
    const data = { blockedAt: identity.deps.clock(), phoneVerifiedAt: identity.deps.clock() };
    await identity.deps.db.customer.update({ where: { id: subscriber.id }, data });
    expect(await validate(identity, code, byHeader)).toMatchObject({ status: 403, body: refusal(10) });
  });

  test('is worth nothing once the phone is not the client’s any more', async () => {
    const subscriber = await aSubscriber(identity);
    const { code, byHeader } = await aChallenge(identity, subscriber);
    await identity.deps.db.customer.update({ where: { id: subscriber.id }, data: { phone: aGeorgianPhone() } });
    const before = await identity.deps.db.customer.count();
    expect(await validate(identity, code, byHeader)).toMatchObject({ status: 410, body: refusal(4) });
    expect(await identity.deps.db.customer.count()).toBe(before);
  });

  test('proves the phone of an account that a stranger opened, and shuts whoever opened it out', async () => {
    const subscriber = await aSubscriber(identity);
    await identity.deps.db.customer.update({ where: { id: subscriber.id }, data: { passwordHash: 'of a stranger' } });
    await aSignedInSubscriber(identity, subscriber);
    expect(await identity.deps.db.customer.findUnique({ where: { id: subscriber.id } })).toMatchObject({
      phoneVerifiedAt: identity.deps.clock(),
      passwordHash: null,
    });
  });

  test('costs so many statements, whichever way the code is found', async () => {
    const counts = { cookie: 0, alone: 0 };
    for (const way of ['cookie', 'alone'] as const) {
      const subscriber = await aSubscriber(identity);
      await aSignedInSubscriber(identity, subscriber);
      turn(60);
      const { code, byCookie } = await aChallenge(identity, subscriber);
      const entered = () => validate(identity, code, way === 'cookie' ? byCookie : {});
      const { result, statements } = await countStatements(identity.runtime, entered);
      expect(result.status).toBe(200);
      counts[way] = statements.length;
    }
    // Alone: the guess is counted, the codes are looked through, and the guess is given back.
    expect(counts.alone - counts.cookie).toBe(3);
    expect(counts.cookie).toBeLessThanOrEqual(17);
  });
});

describe('POST /resend', () => {
  test('sends the next code of the request that is named, and the one before is worth nothing', async () => {
    const subscriber = await aSubscriber(identity);
    const first = await aChallenge(identity, subscriber);
    turn(60);
    const next = await aChallenge(identity, subscriber, { path: '/resend', ...first.byCookie });
    expect(next.verification).toBe(first.verification);
    expect(await validate(identity, first.code, first.byHeader)).toMatchObject({ status: 400, body: refusal(3) });
    expect(await validate(identity, next.code, next.byHeader)).toMatchObject({ status: 200 });
  });

  test('finds the request by the network when none is named', async () => {
    const subscriber = await aSubscriber(identity);
    const address = '192.0.2.55';
    const first = await aChallenge(identity, subscriber, { address });
    turn(60);
    const next = await aChallenge(identity, subscriber, { path: '/resend', address });
    expect(next.verification).toBe(first.verification);
  });

  test('from somewhere else is a code of its own: nobody’s request falls into strange hands', async () => {
    const subscriber = await aSubscriber(identity);
    const mine = await aChallenge(identity, subscriber, { address: '192.0.2.56' });
    turn(60);
    const strange = await aChallenge(identity, subscriber, { path: '/resend', address: '192.0.2.57' });
    expect(strange.verification).not.toBe(mine.verification);
    for (let n = 0; n < 5; n += 1) await validate(identity, wrong(strange.code), strange.byHeader);
    expect(await validate(identity, mine.code, mine.byHeader)).toMatchObject({ status: 200 });
  });

  test('of another client’s request is not it', async () => {
    const [one, other] = [await aSubscriber(identity), await aSubscriber(identity)];
    const ones = await aChallenge(identity, one);
    const others = await aChallenge(identity, other, { path: '/resend', ...ones.byHeader });
    expect(others.verification).not.toBe(ones.verification);
    expect(await validate(identity, ones.code, ones.byHeader)).toMatchObject({ status: 200 });
  });

  test('after too many wrong codes begins anew', async () => {
    const subscriber = await aSubscriber(identity);
    const first = await aChallenge(identity, subscriber);
    for (let n = 0; n < 5; n += 1) await validate(identity, wrong(first.code), first.byHeader);
    turn(60);
    const next = await aChallenge(identity, subscriber, { path: '/resend', ...first.byHeader });
    expect(next.verification).not.toBe(first.verification);
    expect(await validate(identity, next.code, next.byHeader)).toMatchObject({ status: 200 });
  });
});

describe('an order that waits for its code', () => {
  const orderOf = async (subscriber: { id: string; phone: string }) => {
    const reference = randomUUID();
    const { requestId } = await issueCode(identity.deps, {
      purpose: 'confirmation',
      channel: 'sms',
      recipient: subscriber.phone,
      language: 'ka',
      address: '127.0.0.1',
      customerId: subscriber.id,
      owner: 'orders',
      reference,
      foundAlone: true,
      lapsesAt: new Date(identity.deps.clock().getTime() + 900_000),
    });
    const code = Number(await codeTo(identity, subscriber.phone));
    return { reference, requestId, code, byCookie: { headers: { cookie: `verification=${requestId}` } } };
  };
  const acceptedOf = async (reference: string) =>
    (await identity.told(codeAccepted.subject)).filter(({ data }) => data.reference === reference);

  test.each(['cookie', 'code alone'])('is confirmed by the %s, and its client is signed in', async (way) => {
    const subscriber = await aSubscriber(identity);
    const { reference, code, byCookie } = await orderOf(subscriber);
    const answer = await validate(identity, code, way === 'cookie' ? byCookie : {});
    expect(answer).toMatchObject({ status: 200, body: done });
    expect(await principalBehind(tokenOf(answer))).toMatchObject({ customerId: subscriber.id });
    expect(await acceptedOf(reference)).toMatchObject([{ data: { owner: 'orders', customerId: subscriber.id } }]);
  });

  test('is what `/resend` sends the code of, and has its own five tries', async () => {
    const subscriber = await aSubscriber(identity);
    const order = await orderOf(subscriber);
    turn(60);
    const { verification, code, byHeader } = await aChallenge(identity, subscriber, { path: '/resend' });
    expect(verification).toBe(order.requestId);
    for (let n = 0; n < 5; n += 1) await validate(identity, wrong(code), byHeader);
    turn(60);
    const spent = await askFor(identity, '/resend', subscriber.number, byHeader);
    expect(spent).toMatchObject({ status: 429, body: refusal(5) });
    expect(await acceptedOf(order.reference)).toEqual([]);
  });

  test('that has lapsed takes no code and sends none: nobody is told that it is confirmed', async () => {
    const subscriber = await aSubscriber(identity);
    const order = await orderOf(subscriber);
    turn(899);
    const { code, byHeader } = await aChallenge(identity, subscriber, { path: '/resend' });
    expect(byHeader.headers).toEqual({ 'x-verification': order.requestId });
    turn(1);
    expect(await validate(identity, code, byHeader)).toMatchObject({ status: 410, body: refusal(4) });
    expect(await validate(identity, code)).toMatchObject({ status: 400, body: refusal(3) });
    const again = await askFor(identity, '/resend', subscriber.number, byHeader);
    expect(again).toMatchObject({ status: 409, body: refusal(8) });
    expect(await acceptedOf(order.reference)).toEqual([]);
  });

  test('is not confirmed for somebody else than it is for', async () => {
    const [buyer, other] = [await aSubscriber(identity), await aSubscriber(identity)];
    const { reference, code, byCookie } = await orderOf({ id: buyer.id, phone: other.phone });
    expect(await validate(identity, code, byCookie)).toMatchObject({ status: 410, body: refusal(4) });
    expect(await acceptedOf(reference)).toEqual([]);
  });
});

describe('the session', () => {
  test('is no operator’s, whoever signs in', async () => {
    const subscriber = await aSubscriber(identity);
    const data = { roles: ['operator'], phoneVerifiedAt: identity.deps.clock() };
    await identity.deps.db.customer.update({ where: { id: subscriber.id }, data });
    const { token } = await aSignedInSubscriber(identity, subscriber);
    expect(await principalBehind(token)).toMatchObject({ customerId: subscriber.id, roles: [] });
  });

  test('ends after thirty days, at a logout, and when its customer is blocked', async () => {
    const [one, two, three] = [
      await aSignedInSubscriber(identity),
      await aSignedInSubscriber(identity),
      await aSignedInSubscriber(identity),
    ];
    const access = await accessOf(identity, one.token);
    expect((await identity.call('POST', '/auth/logout', { token: access })).status).toBe(204);
    expect(await refusalOf(exchangeSiteToken(identity.deps, one.token))).toBe('unauthenticated');
    const { sessionId } = await identity.deps.tokens.verify(access);
    expect(await identity.told(sessionRevoked.subject)).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ sessionId, reason: 'logout' }) }),
    );

    const operator = await anOperator(identity);
    const blocking = `/admin/customers/${two.id}/block`;
    expect((await identity.call('POST', blocking, { token: operator.accessToken })).status).toBe(200);
    expect(await refusalOf(exchangeSiteToken(identity.deps, two.token))).toBe('unauthenticated');

    turn(30 * 24 * 3600 - 1);
    await exchangeSiteToken(identity.deps, three.token);
    turn(2);
    expect(await refusalOf(exchangeSiteToken(identity.deps, three.token))).toBe('unauthenticated');
  });

  test('ends with its customer, who may go by it', async () => {
    const { number, token } = await aSignedInSubscriber(identity);
    const access = await accessOf(identity, token);
    expect((await identity.call('DELETE', '/me', { token: access, body: {} })).status).toBe(204);
    expect(await refusalOf(exchangeSiteToken(identity.deps, token))).toBe('unauthenticated');
    const { sessionId } = await identity.deps.tokens.verify(access);
    expect(await identity.told(sessionRevoked.subject)).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ sessionId, reason: 'erased' }) }),
    );
    expect(await askFor(identity, '/register', number)).toMatchObject({ status: 404, body: refusal(2) });
  });

  test('is one of the customer’s browsers, and is kept as a hash alone', async () => {
    const { id, token } = await aSignedInSubscriber(identity);
    const { body } = await identity.call('GET', '/me/sessions', { token: await accessOf(identity, token) });
    expect(body.items ?? body).toMatchObject([{ kind: 'browser' }]);
    const rows = await identity.deps.database.$queryRaw<{ row: string }[]>`
      SELECT t::text AS row FROM session AS t WHERE customer_id = ${id}
      UNION ALL SELECT t::text FROM site_token AS t`;
    expect(JSON.stringify(rows)).not.toContain(token.slice(4));
  });
});

test('outside development cookies go over TLS alone', async () => {
  const deps = { ...identity.deps, secureCookies: true };
  const app = await createIdentityApp(deps, identity.runtime, identity.config);
  const { number, phone } = await aSubscriber(identity);
  const asked = await app.inject({ method: 'POST', url: '/register', payload: { clientId: number } });
  const code = Number(await codeTo(identity, phone));
  const entered = await app.inject({ method: 'POST', url: '/validate', payload: { code } });
  const cookies = [...cookiesOf(asked.headers), ...cookiesOf(entered.headers)];
  expect(cookies).toHaveLength(3);
  for (const cookie of cookies) expect(cookie).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
  await app.close();
});

test.each([
  ['GET', '/register', 405],
  ['POST', '/register/x', 404],
  ['PUT', '/validate', 405],
] as const)('%s %s is refused in the same envelope', async (method, url, status) => {
  const { statusCode, body } = await identity.app.inject({ method, url });
  expect([statusCode, JSON.parse(body)]).toEqual([status, refusal(1, [])]);
});
