import { AppError } from '@forecourt/errors';
import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, anOperator, type SignedIn } from '../../test/builders.ts';
import { aDevice, anAppProfile, signed, type TestDevice } from '../../test/devices.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { exchange } from './exchange.ts';
import { endDevice } from './service.ts';

let identity: TestIdentity;
let customer: SignedIn;
let device: TestDevice;

beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  customer = await aCustomer(identity);
  device = await aDevice(identity, customer);
});

type Request = Parameters<typeof exchange>[1];
type Signing = Partial<Parameters<typeof signed>[1]>;

const now = () => identity.deps.clock();
const sign = (wishes: Signing = {}, by: Pick<TestDevice, 'key' | 'customerNumber' | 'profileId'> = device) =>
  signed(by, { at: now(), ...wishes });
const ask1 = (request: Request) => exchange(identity.deps, request);
const codeOf = (answer: Promise<unknown>) =>
  answer.then(
    () => 'taken',
    (error: unknown) => (error instanceof AppError ? error.code : Promise.reject(error)),
  );
const later = (seconds: number) => new Date(now().getTime() + seconds * 1000);
const ownActor = () => ({ role: 'customer', id: customer.id, address: '203.0.113.7' }) as const;

describe('a signed request', () => {
  test('is exchanged for a token of its device, of a minute, that opens what a bearer opens', async () => {
    const { accessToken, expiresAt } = await ask1(sign());
    expect(await identity.deps.tokens.verify(accessToken)).toEqual({
      customerId: customer.id,
      sessionId: device.sessionId,
      roles: [],
    });
    expect(expiresAt).toEqual(later(60));
    expect((await identity.call('GET', '/me', { token: accessToken })).body).toMatchObject({ id: customer.id });
    identity.runtime.clock.advance(60_000);
    expect((await identity.call('GET', '/me', { token: accessToken })).status).toBe(401);
  });

  test.each<[string, (at: Date) => Signing]>([
    ['with GMT', (at) => ({ date: at.toUTCString() })],
    ['with +0000', (at) => ({ date: at.toUTCString().replace('GMT', '+0000') })],
    ['with +0600', (at) => ({ date: later6(at) })],
    ['with a one-digit day', (at) => ({ date: at.toUTCString().replace(/, 0/, ', ') })],
    ['signed a second before it was sent', (at) => ({ date: at.toUTCString(), signedDate: shift(at, -1) })],
    ['signed a second after it was sent', (at) => ({ date: at.toUTCString(), signedDate: shift(at, 1) })],
    ['with a nonce of seconds', (at) => ({ nonce: String(Math.floor(at.getTime() / 1000)) })],
    ['with a nonce of milliseconds', (at) => ({ nonce: String(at.getTime()) })],
    ['with a nonce of 63 bits', () => ({ nonce: '9223372036854775807' })],
    ['with a HEAD', () => ({ method: 'HEAD' })],
    ['with a POST', () => ({ method: 'POST', path: '/orders' })],
    ['without a profile', () => ({ profile: null })],
  ])('%s is taken', async (_, wishes) => {
    expect(await codeOf(ask1(sign(wishes(now()))))).toBe('taken');
  });

  test.each([
    [600, 'taken'],
    [-600, 'taken'],
    [601, 'request_stale'],
    [-601, 'request_stale'],
  ])('dated %i s from now is %s', async (seconds, outcome) => {
    expect(await codeOf(ask1(sign({ at: later(seconds) })))).toBe(outcome);
  });

  test.each<[string, (request: Request) => Partial<Request>, string]>([
    ['no date', () => ({ date: null }), 'header_missing'],
    ['a date that is none', () => ({ date: 'yesterday' }), 'header_malformed'],
    ['an Authentication that is none', () => ({ authentication: 'hmac' }), 'header_malformed'],
    [
      'another scheme',
      ({ authentication }) => ({ authentication: authentication.replace('hmac', 'basic') }),
      'header_malformed',
    ],
    ['an unknown profile', () => ({ profile: 'nobody' }), 'app_profile_unknown'],
    ['another method', () => ({ method: 'POST' }), 'signature_wrong'],
    ['another path', () => ({ path: '/orders' }), 'signature_wrong'],
    ['a date that was not signed', () => ({ date: shift(now(), 2) }), 'signature_wrong'],
    [
      'an unknown identity',
      ({ authentication }) => ({ authentication: authentication.replace(/\d+/, '9007199254740991') }),
      'signature_wrong',
    ],
  ])('with %s is refused', async (_, change, code) => {
    const request = sign();
    expect(await codeOf(ask1({ ...request, ...change(request) }))).toBe(code);
  });

  test('by the key of somebody else is refused', async () => {
    const other = await aDevice(identity, await aCustomer(identity));
    expect(await codeOf(ask1(sign({}, { ...device, key: other.key })))).toBe('signature_wrong');
  });

  test('is known by whichever device of the customer signed', async () => {
    const second = await aDevice(identity, customer);
    for (const one of [device, second]) {
      const { accessToken } = await ask1(sign({}, one));
      expect(await identity.deps.tokens.verify(accessToken)).toMatchObject({ sessionId: one.sessionId });
    }
  });

  test('by an app whose profile is blocked is refused, whatever profile it names', async () => {
    const profile = await anAppProfile(identity, { blocked: true });
    expect(await codeOf(ask1(sign({ profile })))).toBe('app_profile_unknown');
    await identity.deps.db.appProfile.update({ where: { id: device.profileId }, data: { blockedAt: now() } });
    expect(await codeOf(ask1(sign()))).toBe('app_profile_unknown');
    expect(await codeOf(ask1(sign({ profile: null })))).toBe('app_profile_unknown');
    expect(await codeOf(ask1(sign({ profile: await anAppProfile(identity) })))).toBe('app_profile_unknown');
  });

  test('shows a role that was given in the next token', async () => {
    const operator = await anOperator(identity);
    const one = await aDevice(identity, operator);
    const rolesNow = async () => (await identity.deps.tokens.verify((await ask1(sign({}, one))).accessToken)).roles;
    expect(await rolesNow()).toEqual(['operator']);
    await identity.deps.db.customer.update({ where: { id: operator.id }, data: { roles: [] } });
    expect(await rolesNow()).toEqual([]);
  });
});

describe('a right signature is worth nothing any more', () => {
  test('once its device has ended, while the other devices go on', async () => {
    const second = await aDevice(identity, customer);
    await ask1(sign());
    await endDevice(identity.deps, { customerId: customer.id, deviceId: device.sessionId, actor: ownActor() });
    expect(await codeOf(ask1(sign()))).toBe('signature_wrong');
    expect(await codeOf(ask1(sign({}, second)))).toBe('taken');
  });

  test('once the customer is blocked, and again once the block is lifted, as sessions end with it', async () => {
    const operator = await anOperator(identity);
    await ask1(sign());
    await identity.call('POST', `/admin/customers/${customer.id}/block`, { token: operator.accessToken });
    expect(await codeOf(ask1(sign()))).toBe('signature_wrong');
    await identity.call('POST', `/admin/customers/${customer.id}/unblock`, { token: operator.accessToken });
    expect(await codeOf(ask1(sign()))).toBe('signature_wrong');
  });
});

describe('a repeated request', () => {
  test('is refused for as long as its date would let it pass', async () => {
    const request = sign({ at: later(600) });
    await ask1(request);
    for (const seconds of [0, 1, 600, 599]) {
      identity.runtime.clock.advance(seconds * 1000);
      expect(await codeOf(ask1(request))).toBe('request_replayed');
    }
    identity.runtime.clock.advance(1000);
    expect(await codeOf(ask1(request))).toBe('request_stale');
  });

  test.each<[string, (request: Request) => Partial<Request>]>([
    ['its date moved by the second that is forgiven', () => ({ date: shift(now(), 1) })],
    ['its digest without padding', ({ authentication }) => ({ authentication: authentication.replace(/=$/, '') })],
    [
      'another spelling of the scheme',
      ({ authentication }) => ({ authentication: authentication.replace('hmac ', 'HMAC  ') }),
    ],
    ['another profile', () => ({ profile: null })],
  ])('is refused with %s, too', async (_, change) => {
    const request = sign();
    await ask1(request);
    expect(await codeOf(ask1({ ...request, ...change(request) }))).toBe('request_replayed');
  });

  test('whose unused bits of the last digit differ is the same request', async () => {
    const request = sign();
    await ask1(request);
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const [, last = ''] = /(.)=$/.exec(request.authentication) ?? [];
    const twin = digits[digits.indexOf(last) ^ 1];
    const authentication = request.authentication.replace(/.=$/, `${twin}=`);
    expect(authentication).not.toBe(request.authentication);
    expect(await codeOf(ask1({ ...request, authentication }))).toBe('request_replayed');
  });

  test('that was refused leaves no trace, so strangers fill no table', async () => {
    const before = await identity.deps.db.signedRequest.count();
    await codeOf(ask1({ ...sign(), path: '/another' }));
    await codeOf(ask1(sign({ at: later(-700) })));
    expect(await identity.deps.db.signedRequest.count()).toBe(before);
  });
});

describe('statements', () => {
  const statementsOf = async (request: Request) => {
    const { statements } = await countStatements(identity.runtime, () => codeOf(ask1(request)));
    return statements;
  };

  test('of an exchange are two, and one that is remembered is noted as used at most once a minute', async () => {
    const lastUse = async () =>
      (await identity.deps.db.session.findUniqueOrThrow({ where: { id: device.sessionId } })).lastUsedAt;
    const opened = await lastUse();
    expect(await statementsOf(sign())).toHaveLength(2);
    identity.runtime.clock.advance(59_000);
    await ask1(sign());
    expect(await lastUse()).toEqual(opened);
    identity.runtime.clock.advance(2_000);
    expect(await statementsOf(sign())).toHaveLength(2);
    expect(await lastUse()).toEqual(now());
  });

  test('are the same for an unknown identity, an ended device, a blocked customer and a wrong digest', async () => {
    const wrong = await statementsOf({ ...sign(), path: '/another' });
    const unknown = await statementsOf(sign({}, { ...device, customerNumber: 9_007_199_254_740_991n }));
    const nobodyYet = await aCustomer(identity);
    const { number } = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: nobodyYet.id } });
    const without = await statementsOf(sign({}, { ...device, customerNumber: number }));
    await identity.deps.db.customer.update({ where: { id: customer.id }, data: { blockedAt: now() } });
    const blocked = await statementsOf(sign());
    expect(wrong).toHaveLength(1);
    expect([unknown, without, blocked]).toEqual([wrong, wrong, wrong]);
  });

  test('are followed by as much unsealing for an unknown identity as for one device, and for each device', async () => {
    const unsealingsFor = async (request: Request) => {
      let count = 0;
      const { deviceKeys } = identity.deps;
      const counting: typeof deviceKeys = {
        ...deviceKeys,
        unseal: (...sealed) => {
          count += 1;
          return deviceKeys.unseal(...sealed);
        },
      };
      await codeOf(exchange({ ...identity.deps, deviceKeys: counting }, request));
      return count;
    };
    const wrong = () => ({ ...sign(), path: '/another' });
    expect(await unsealingsFor(wrong())).toBe(1);
    expect(await unsealingsFor(sign({}, { ...device, customerNumber: 9_007_199_254_740_991n }))).toBe(1);
    await aDevice(identity, customer);
    expect(await unsealingsFor(wrong())).toBe(2);
  });

  test('a malformed header or a stale date costs none', async () => {
    expect(await statementsOf({ ...sign(), authentication: 'hmac 1:2:3' })).toEqual([]);
    expect(await statementsOf(sign({ at: later(601) }))).toEqual([]);
  });
});

test('an app that asks often is given one token, never one with less than half its life', async () => {
  const first = await ask1(sign());
  identity.runtime.clock.advance(30_000);
  expect(await ask1(sign())).toEqual(first);
  identity.runtime.clock.advance(1000);
  const second = await ask1(sign());
  expect(second.accessToken).not.toBe(first.accessToken);
  expect(second.expiresAt).toEqual(later(60));
});

const shift = (at: Date, seconds: number) => new Date(at.getTime() + seconds * 1000).toUTCString();
const later6 = (at: Date) => shift(at, 6 * 3600).replace('GMT', '+0600');
