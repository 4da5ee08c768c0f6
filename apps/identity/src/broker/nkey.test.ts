import * as nkeys from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { createOpener, createTokenSigner, verifyToken } from './nkey.ts';

const now = new Date('2026-02-19T12:00:00.000Z');
const seedOf = (pair: nkeys.KeyPair) => Buffer.from(pair.getSeed()).toString();
const partsOf = (token: string) => token.split('.') as [string, string, string];
const libraryVerifies = (pair: nkeys.KeyPair, [head, body, signature]: [string, string, string]) =>
  pair.verify(Buffer.from(`${head}.${body}`), Buffer.from(signature, 'base64url'));

/** Signed by the library, as servers of the broker do it. */
function librarySigned(pair: nkeys.KeyPair, claims: object, alg = 'ed25519-nkey'): string {
  const text = [{ typ: 'JWT', alg }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${Buffer.from(pair.sign(Buffer.from(text))).toString('base64url')}`;
}

test('a token that we sign is the library’s to verify, for any key', () => {
  for (let n = 0; n < 5; n += 1) {
    const pair = nkeys.createAccount();
    const signer = createTokenSigner(seedOf(pair));
    const token = signer.sign({ sub: 'somebody', nats: { type: 'user' } }, now);
    expect(signer.publicKey).toBe(pair.getPublicKey());
    expect(libraryVerifies(pair, partsOf(token))).toBe(true);
    expect(JSON.parse(Buffer.from(partsOf(token)[1], 'base64url').toString())).toEqual({
      iss: pair.getPublicKey(),
      iat: 1_771_502_400,
      jti: expect.any(String),
      sub: 'somebody',
      nats: { type: 'user' },
    });
  }
});

test('claims cannot be signed in the name of another', () => {
  const signer = createTokenSigner(seedOf(nkeys.createAccount()));
  const other = nkeys.createAccount().getPublicKey();
  expect(verifyToken(signer.sign({ iss: other }, now))).toBeNull();
});

test('a token that the library signs is ours to verify, and no other is', () => {
  const server = nkeys.createServer();
  const claims = { iss: server.getPublicKey(), aud: 'here' };
  const token = librarySigned(server, claims);
  expect(verifyToken(token)).toEqual(claims);

  const [head, body, signature] = partsOf(token);
  const otherBody = Buffer.from(JSON.stringify({ ...claims, aud: 'there' })).toString('base64url');
  const forged = [
    librarySigned(nkeys.createServer(), claims),
    librarySigned(server, claims, 'none'),
    librarySigned(server, claims, 'ed25519'),
    librarySigned(server, { ...claims, iss: 7 }),
    librarySigned(server, { ...claims, iss: 'N0' }),
    librarySigned(server, { aud: 'here' }),
    `${head}.${otherBody}.${signature}`,
    `${head}.${body}.${signature.slice(0, -8)}AAAAAAAA`,
    `${head}.${body}.`,
    `${head}.${body}`,
    `${token}.x`,
    `${head}.%%%.${signature}`,
    'eyJ',
    '',
  ];
  for (const token of forged) expect(verifyToken(token), token).toBeNull();
});

test('an envelope of the library is opened, and no other is', () => {
  const [ours, sender, stranger] = [nkeys.createCurve(), nkeys.createCurve(), nkeys.createCurve()];
  const open = createOpener(seedOf(ours));
  const clear = Buffer.from('who is there? '.repeat(100));
  const sealed = sender.seal(clear, ours.getPublicKey());
  for (let n = 0; n < 2; n += 1) expect(Buffer.from(open(sealed, sender.getPublicKey()) ?? [])).toEqual(clear);

  expect(open(sealed, stranger.getPublicKey())).toBeNull();
  expect(open(sealed, 'X')).toBeNull();
  expect(open(sealed, nkeys.createAccount().getPublicKey())).toBeNull();
  expect(open(stranger.seal(clear, sender.getPublicKey()), stranger.getPublicKey())).toBeNull();
  expect(open(sealed.slice(0, 20), sender.getPublicKey())).toBeNull();
  expect(open(clear, sender.getPublicKey())).toBeNull();
  const damaged = Buffer.from(sealed);
  damaged[40] = (damaged[40] as number) ^ 1;
  expect(open(damaged, sender.getPublicKey())).toBeNull();
});

test('more servers than are remembered are understood all the same', () => {
  const ours = nkeys.createCurve();
  const open = createOpener(seedOf(ours));
  const senders = Array.from({ length: 70 }, () => nkeys.createCurve());
  for (const sender of [...senders, ...senders]) {
    expect(open(sender.seal(Buffer.from('a'), ours.getPublicKey()), sender.getPublicKey())).not.toBeNull();
  }
});
