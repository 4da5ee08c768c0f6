import { generateKeyPairSync } from 'node:crypto';
import { type Clock, createTokenVerifier, systemClock, type TokenVerifier } from '@forecourt/service-kit';
import { createLocalJWKSet, type JSONWebKeySet, SignJWT } from 'jose';

export interface TokenWishes {
  customerId: string;
  /** One for all of a customer's tokens unless told. */
  sessionId?: string;
  roles?: readonly string[];
  ttlSeconds?: number;
}

/** Signs access tokens as identity does, for tests that have no identity. */
export interface TestIssuer {
  readonly verifier: TokenVerifier;
  readonly jwks: JSONWebKeySet;
  tokenFor(wishes: TokenWishes): Promise<string>;
  /** `{ authorization: 'Bearer …' }`, ready for `inject`. */
  bearer(wishes: TokenWishes): Promise<{ authorization: string }>;
  revoke(sessionId: string): void;
  isRevoked(sessionId: string): boolean;
}

const issuer = 'forecourt';
const audience = 'forecourt';

export function testIssuer(clock: Clock = systemClock): TestIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const kid = 'test-key';
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'OKP', kid, alg: 'EdDSA', use: 'sig' }] };
  const revoked = new Set<string>();
  const isRevoked = (sessionId: string) => revoked.has(sessionId);

  const tokenFor = ({ customerId, sessionId = customerId, roles = [], ttlSeconds = 900 }: TokenWishes) => {
    const now = Math.floor(clock().getTime() / 1000);
    return new SignJWT({ sid: sessionId, roles: [...roles] })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setSubject(customerId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + ttlSeconds)
      .sign(privateKey);
  };

  return {
    jwks,
    tokenFor,
    bearer: async (wishes) => ({ authorization: `Bearer ${await tokenFor(wishes)}` }),
    revoke: (sessionId) => void revoked.add(sessionId),
    isRevoked,
    verifier: createTokenVerifier({
      keys: createLocalJWKSet(jwks),
      issuer,
      audience,
      clock,
      revocations: { isRevoked },
    }),
  };
}
