import * as nkeys from '@nats-io/nkeys';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, type SignedIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { createCallout } from './callout.ts';
import { type BrokerLogin, issueBrokerCredential } from './credential.ts';

const seedOf = (pair: nkeys.KeyPair) => Buffer.from(pair.getSeed()).toString();
const [server, serverBox, issuer, ourBox] = [
  nkeys.createServer(),
  nkeys.createCurve(),
  nkeys.createAccount(),
  nkeys.createCurve(),
];
const userKey = nkeys.createUser().getPublicKey();
const serverId = server.getPublicKey();

let identity: TestIdentity;
let answer: ReturnType<typeof createCallout>;
let customer: SignedIn;
let login: BrokerLogin;
beforeAll(async () => {
  identity = await startIdentity();
  const { database, clock } = identity.deps;
  const settings = { issuerSeed: seedOf(issuer), xkeySeed: seedOf(ourBox) };
  answer = createCallout({ database, clock, settings });
  customer = await aCustomer(identity);
});
afterAll(() => identity.close());

const sessionId = () => String(decodeJwt(customer.accessToken).sid);
const seconds = (date: Date) => Math.floor(date.getTime() / 1000);
const nowInSeconds = () => seconds(identity.deps.clock());

beforeEach(async () => {
  identity.runtime.clock.advance(60_000);
  const now = identity.deps.clock();
  login = await issueBrokerCredential(identity.deps.database, identity.deps, {
    sessionId: sessionId(),
    customerId: customer.id,
    expiresAt: new Date(now.getTime() + 600_000),
    now,
  });
});

interface Wishes {
  claims?: Record<string, unknown>;
  nats?: Record<string, unknown>;
  signer?: nkeys.KeyPair;
}

function question({ claims = {}, nats = {}, signer = server }: Wishes = {}): Buffer {
  const all = {
    iss: signer.getPublicKey(),
    aud: 'nats-authorization-request',
    exp: nowInSeconds() + 2,
    sub: issuer.getPublicKey(),
    nats: {
      type: 'authorization_request',
      version: 2,
      user_nkey: userKey,
      server_id: { id: serverId, name: 'one', host: '127.0.0.1', xkey: serverBox.getPublicKey() },
      client_info: { host: '192.0.2.7', id: 5, kind: 'Client', type: 'nats' },
      connect_opts: { user: login.user, pass: login.pass, protocol: 1 },
      ...nats,
    },
    ...claims,
  };
  const text = [{ typ: 'JWT', alg: 'ed25519-nkey' }, all]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return Buffer.from(`${text}.${Buffer.from(signer.sign(Buffer.from(text))).toString('base64url')}`);
}

const seal = (text: Uint8Array, box = serverBox) => box.seal(text, ourBox.getPublicKey());
const ask = (data: Uint8Array, serverKey: string | undefined = serverBox.getPublicKey()) => answer({ data, serverKey });
const asking = (wishes?: Wishes) => ask(seal(question(wishes)));
const claimsIn = (token: string | null) => decodeJwt<{ nats: { jwt?: string; error?: string } }>(String(token));

describe('a credential that is good', () => {
  test('opens the account of apps under the session’s name, until the credential ends, and no more', async () => {
    const { decision, reply } = await asking();
    expect(decision).toBe('accepted');
    const response = claimsIn(reply);
    expect(response).toMatchObject({ iss: issuer.getPublicKey(), sub: userKey, aud: serverId });
    expect(decodeJwt(String(response.nats.jwt))).toStrictEqual({
      jti: expect.any(String),
      iat: nowInSeconds(),
      iss: issuer.getPublicKey(),
      sub: userKey,
      aud: 'PUSH',
      name: sessionId(),
      exp: nowInSeconds() + 600,
      nats: {
        type: 'user',
        version: 2,
        sub: { allow: [login.topic, `${login.topic}.>`] },
        pub: { deny: ['>'] },
        subs: 8,
        payload: 1024,
        data: -1,
        allowed_connection_types: ['STANDARD', 'WEBSOCKET'],
      },
    });
  });

  test('opens the same whatever else the client says of itself', async () => {
    const plain = claimsIn((await asking()).reply).nats.jwt;
    const said = { user: login.user, pass: login.pass };
    const boasts = [
      { connect_opts: { ...said, name: 'PLATFORM', lang: '>', jwt: plain, nkey: userKey, auth_token: 'x' } },
      { client_info: { host: '::1', user: 'identity', name: '>', tags: ['aud:PLATFORM'], name_tag: '*' } },
      { tags: ['account:SYS'], aud: 'PLATFORM', permissions: { sub: { allow: ['>'] } } },
    ];
    for (const nats of boasts) {
      const { decision, reply } = await asking({ nats });
      expect(decision).toBe('accepted');
      const { jti: _, ...claims } = decodeJwt(String(claimsIn(reply).nats.jwt));
      expect(claims).toMatchObject({
        aud: 'PUSH',
        name: sessionId(),
        nats: { sub: { allow: [login.topic, `${login.topic}.>`] } },
      });
    }
  });

  test('ends with the session, when that is sooner', async () => {
    const expiresAt = new Date(identity.deps.clock().getTime() + 60_000);
    await identity.deps.db.session.update({ where: { id: sessionId() }, data: { expiresAt } });
    expect(decodeJwt(String(claimsIn((await asking()).reply).nats.jwt)).exp).toBe(seconds(expiresAt));
    identity.runtime.clock.set(expiresAt);
    expect((await asking()).decision).toBe('ended');
    const later = new Date(expiresAt.getTime() + 86_400_000);
    await identity.deps.db.session.update({ where: { id: sessionId() }, data: { expiresAt: later } });
  });

  test('a hundred at once cost a few statements, and each gets the answer to its own question', async () => {
    let statements = 0;
    const stop = identity.deps.database.onStatement(() => {
      statements += 1;
    });
    const decisions = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        asking({ nats: { connect_opts: { user: login.user, pass: n % 2 ? login.pass : 'wrong' } } }),
      ),
    );
    stop();
    expect(decisions.map(({ decision }) => decision)).toEqual(
      Array.from({ length: 100 }, (_, n) => (n % 2 ? 'accepted' : 'wrong_password')),
    );
    expect(statements).toBeLessThan(10);
  });
});

test.each([
  ['wrong_password', () => ({ user: login.user, pass: 'wrong' })],
  ['wrong_password', () => ({ user: login.user })],
  ['unknown', () => ({ user: 'A'.repeat(22), pass: login.pass })],
  ['unknown', () => ({ user: `${login.user}\u0000`, pass: login.pass })],
  ['unknown', () => ({ pass: login.pass })],
] as const)('%s is an answer that opens nothing', async (decision, connectOptions) => {
  const outcome = await asking({ nats: { connect_opts: connectOptions() } });
  expect(outcome.decision).toBe(decision);
  expect(claimsIn(outcome.reply)).toMatchObject({ sub: userKey, aud: serverId, nats: { error: 'refused' } });
  expect(claimsIn(outcome.reply).nats.jwt).toBeUndefined();
});

test('what no server of the broker asked, or asks no more, gets no answer', async () => {
  const nobody = { decision: 'not_understood', reply: null };
  const stranger = nkeys.createServer();
  const other = nkeys.createCurve();
  expect(await ask(question(), undefined)).toEqual(nobody);
  expect(await answer({ data: question(), serverKey: undefined })).toEqual(nobody);
  expect(await ask(question())).toEqual(nobody);
  expect(await ask(seal(question(), other))).toEqual(nobody);
  expect(await asking({ signer: stranger })).toEqual(nobody);
  expect(await asking({ signer: nkeys.createAccount(), claims: { iss: serverId } })).toEqual(nobody);
  expect(await asking({ claims: { aud: 'another-request' } })).toEqual(nobody);
  expect(await asking({ claims: { exp: nowInSeconds() } })).toEqual(nobody);
  expect(await asking({ claims: { exp: undefined } })).toEqual(nobody);
  expect(await asking({ nats: { type: 'user' } })).toEqual(nobody);
  expect(await asking({ nats: { user_nkey: '>' } })).toEqual(nobody);
  expect(await asking({ nats: { user_nkey: issuer.getPublicKey() } })).toEqual(nobody);
  expect(await asking({ nats: { connect_opts: { user: 7, pass: {} } } })).toEqual(nobody);
  expect(await ask(seal(Buffer.from('')))).toEqual(nobody);
  expect(await ask(seal(Buffer.from('a.b.c')))).toEqual(nobody);
  expect((await asking()).decision).toBe('accepted');
});
