import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { newUuid } from '@forecourt/service-kit';
import { fromSeed } from '@nats-io/nkeys';
import nacl from 'tweetnacl';

/*
 * The broker's tokens and envelopes. Its keys are written in base32: a letter or two that say what for, the key, a
 * checksum. Tokens are JWTs that are signed with the key that `iss` spells (`alg: ed25519-nkey`, ADR 0033); the
 * operating system's Ed25519 signs thirty times as fast as the library's, in a process that many others wait for.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const keyBytes = 32;

/** Without looking at the checksum: what has a wrong one opens and verifies nothing. */
function rawKey(spelled: string, prefixBytes: number): Buffer {
  let bits = 0;
  let value = 0;
  const bytes: number[] = [];
  for (const letter of spelled) {
    const digit = alphabet.indexOf(letter);
    if (digit < 0) throw new Error('not the spelling of a key');
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
  if (bytes.length !== prefixBytes + keyBytes + 2) throw new Error('not the spelling of a key');
  return Buffer.from(bytes.slice(prefixBytes, prefixBytes + keyBytes));
}

const header = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' })).toString('base64url');

export interface TokenSigner {
  readonly publicKey: string;
  /** A token of these claims, beside `iss`, `iat` and `jti`. */
  sign(claims: Record<string, unknown>, now: Date): string;
}

export function createTokenSigner(seed: string): TokenSigner {
  const publicKey = fromSeed(Buffer.from(seed)).getPublicKey();
  const [d, x] = [rawKey(seed, 2), rawKey(publicKey, 1)].map((key) => key.toString('base64url')) as [string, string];
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', d, x } });
  return {
    publicKey,
    sign: (claims, now) => {
      const all = { jti: newUuid(now), iat: Math.floor(now.getTime() / 1000), iss: publicKey, ...claims };
      const signed = `${header}.${Buffer.from(JSON.stringify(all)).toString('base64url')}`;
      return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
    },
  };
}

const knownKeys = new Map<string, KeyObject>();

/** The claims of a token, of which nothing is known but that the holder of the key in `iss` signed them; else null. */
export function verifyToken(token: string): unknown {
  const [head, body, signature, ...more] = token.split('.');
  if (!head || !body || !signature || more.length > 0) return null;
  try {
    const { alg } = read(head) as { alg?: unknown };
    const claims = read(body) as { iss?: unknown };
    if (alg !== 'ed25519-nkey' || typeof claims.iss !== 'string') return null;
    const isGenuine = verify(
      null,
      Buffer.from(`${head}.${body}`),
      keyOf(claims.iss),
      Buffer.from(signature, 'base64url'),
    );
    return isGenuine ? claims : null;
  } catch {
    return null;
  }
}

const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());

function keyOf(publicKey: string): KeyObject {
  const known = knownKeys.get(publicKey);
  if (known) return known;
  const x = rawKey(publicKey, 1).toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  return remember(knownKeys, publicKey, key);
}

/** The clear content of an envelope of this sender; null: it is not theirs, or not for us. */
export type OpenEnvelope = (sealed: Uint8Array, sender: string) => Uint8Array | null;

const version = Buffer.from('xkv1');
const headBytes = version.length + nacl.box.nonceLength;

/** Between two keys of the kind that NATS calls xkey: `xkv1`, a nonce, and a box of NaCl. */
export function createOpener(xkeySeed: string): OpenEnvelope {
  const ours = rawKey(xkeySeed, 2);
  // To agree on the key that two share takes longer than all the rest, and servers are few.
  const shared = new Map<string, Uint8Array>();
  const keyWith = (other: string) =>
    shared.get(other) ?? remember(shared, other, nacl.box.before(rawKey(other, 1), ours));

  return (sealed, sender) => {
    if (sealed.length <= headBytes || !version.equals(sealed.subarray(0, version.length))) return null;
    try {
      return nacl.box.open.after(
        sealed.subarray(headBytes),
        sealed.subarray(version.length, headBytes),
        keyWith(sender),
      );
    } catch {
      return null;
    }
  };
}

/** A broker's servers are a handful, and have a new key with each start. */
const mostRemembered = 64;

function remember<Value>(values: Map<string, Value>, name: string, value: Value): Value {
  if (values.size >= mostRemembered) values.clear();
  values.set(name, value);
  return value;
}
