import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testClock } from '@forecourt/testing';
import { createLocalJWKSet, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { remoteSigningKeys } from './signing-keys.ts';
import { createTokenVerifier } from './tokens.ts';

const clock = testClock();
const now = () => Math.floor(clock().getTime() / 1000);
const key = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const publicJwk = (publicKey: KeyObject, kid: string) => ({ ...publicKey.export({ format: 'jwk' }), kty: 'OKP', kid });
const jwks = { keys: [publicJwk(key.publicKey, 'k1')] };

const claims = () => ({
  sub: 'c1',
  sid: 's1',
  roles: ['customer'],
  iss: 'forecourt',
  aud: 'forecourt',
  iat: now(),
  exp: now() + 900,
});
const header = { alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' };
const sign = (
  payload: JWTPayload = {},
  wrongHeader: Partial<JWTHeaderParameters> = {},
  by: KeyObject | Uint8Array = key.privateKey,
) => new SignJWT({ ...claims(), ...payload }).setProtectedHeader({ ...header, ...wrongHeader }).sign(by);

const revoked = new Set<string>();
const verifier = () =>
  createTokenVerifier({
    keys: createLocalJWKSet(jwks),
    issuer: 'forecourt',
    audience: 'forecourt',
    clock,
    revocations: { isRevoked: (sessionId) => revoked.has(sessionId) },
  });

test("identity's token is its principal", async () => {
  expect(await verifier().verify(await sign())).toEqual({ customerId: 'c1', sessionId: 's1', roles: ['customer'] });
});

const signedWithExtension = () =>
  new SignJWT(claims())
    .setProtectedHeader({ ...header, crit: ['x'], x: 1 })
    .sign(key.privateKey, { crit: { x: true } });

const unsigned = (alg: string) =>
  `${Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url')}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.`;

test.each<[string, () => string | Promise<string>]>([
  ['signed by another key', () => sign({}, {}, other.privateKey)],
  ['of an unknown key', () => sign({}, { kid: 'k2' })],
  ['with algorithm none', () => unsigned('none')],
  [
    'signed with the public key as an HMAC secret',
    () => sign({}, { alg: 'HS256' }, Buffer.from(JSON.stringify(jwks.keys[0]))),
  ],
  ['of another type', () => sign({}, { typ: 'JWT' })],
  ['of no type', () => sign({}, { typ: undefined })],
  ['with a critical extension that we do not know', signedWithExtension],
  ['from another issuer', () => sign({ iss: 'evil' })],
  ['for another audience', () => sign({ aud: 'evil' })],
  ['not valid yet', () => sign({ nbf: now() + 60 })],
  ['without a session', () => sign({ sid: undefined })],
  ['without an expiry', () => sign({ exp: undefined })],
  ['with roles that are no list', () => sign({ roles: 'operator' })],
  ['that is no token', () => 'a.b.c'],
  ['that is too long', async () => sign({ pad: 'x'.repeat(5000) })],
])('a token %s is unauthenticated', async (_, make) => {
  await expect(verifier().verify(await make())).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('an expired token says so, also when it was verified before', async () => {
  const tokens = verifier();
  const token = await sign({ exp: now() + 30 });
  await tokens.verify(token);
  clock.advance(30_000);
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'token_expired' });
  await expect(verifier().verify(token)).rejects.toMatchObject({ code: 'token_expired' });
});

test('a revoked session ends its tokens at once', async () => {
  const tokens = verifier();
  const token = await sign({ sid: 's2' });
  await tokens.verify(token);
  revoked.add('s2');
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'session_ended' });
});

test('a signature is not checked again within a minute, and is after it', async () => {
  let checks = 0;
  const local = createLocalJWKSet(jwks);
  const tokens = createTokenVerifier({
    keys: (...args) => {
      checks += 1;
      return local(...args);
    },
    issuer: 'forecourt',
    audience: 'forecourt',
    clock,
    revocations: { isRevoked: () => false },
  });
  const token = await sign();
  await tokens.verify(token);
  await tokens.verify(token);
  expect(checks).toBe(1);
  clock.advance(60_000);
  await tokens.verify(token);
  expect(checks).toBe(2);
});

async function keyServer(answer: () => object) {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const signing = remoteSigningKeys(`http://127.0.0.1:${port}/.well-known/jwks.json`, pino({ level: 'silent' }));
  const tokens = createTokenVerifier({
    keys: signing.keys,
    issuer: 'forecourt',
    audience: 'forecourt',
    clock,
    revocations: { isRevoked: () => false },
  });
  const stop = async () => {
    signing.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { tokens, stop, asked: () => asked };
}

test('keys are fetched once, and stay in use when identity is away', async () => {
  const { tokens, stop, asked } = await keyServer(() => jwks);
  await tokens.verify(await sign());
  await tokens.verify(await sign({ sid: 's3' }));
  expect(asked()).toBe(1);
  await stop();
  expect(await tokens.verify(await sign({ sid: 's4' }))).toMatchObject({ sessionId: 's4' });
});

test('forged key ids do not make us ask identity again and again', async () => {
  const { tokens, stop, asked } = await keyServer(() => jwks);
  for (const kid of ['a', 'b', 'c', 'd']) {
    await expect(tokens.verify(await sign({}, { kid }))).rejects.toMatchObject({ code: 'unauthenticated' });
  }
  expect(asked()).toBe(1);
  await stop();
});

test('when keys were never to be had, it is our fault and not the token', async () => {
  const { tokens, stop } = await keyServer(() => jwks);
  await stop();
  await expect(tokens.verify(await sign())).rejects.toMatchObject({ code: 'service_unavailable' });
});

test('an unusable answer instead of keys is our fault as well', async () => {
  const { tokens, stop } = await keyServer(() => ({ error: 'starting' }));
  await expect(tokens.verify(await sign())).rejects.toMatchObject({ code: 'service_unavailable' });
  await stop();
});
