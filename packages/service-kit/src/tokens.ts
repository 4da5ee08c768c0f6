import { AppError } from '@forecourt/errors';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Principal } from './principal.ts';
import type { Revocations } from './revocations.ts';

/** Turns a bearer token into the principal it stands for, or refuses with the AppError that says why. */
export interface TokenVerifier {
  verify(token: string): Promise<Principal>;
}

export interface TokenRules {
  keys: JWTVerifyGetKey;
  issuer: string;
  audience: string;
  clock: Clock;
  revocations: Pick<Revocations, 'isRevoked'>;
}

interface Verified {
  principal: Principal;
  expiresAt: number;
  /** When to check the signature again, so that a withdrawn key is soon worth nothing. */
  recheckAt: number;
}

const Claims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  roles: z.array(z.string()).default([]),
  exp: z.number(),
});

const remembered = 10_000;
const recheckMs = 60_000;
const longest = 4_096;

/**
 * Verifies access tokens (RFC 9068) by signature, algorithm, type, issuer, audience and instant, and that their session
 * still lives. A signature is checked once a minute a token; expiry and revocation at every call.
 */
export function createTokenVerifier({ keys, issuer, audience, clock, revocations }: TokenRules): TokenVerifier {
  const known = new Map<string, Verified>();

  const check = async (token: string): Promise<Verified> => {
    if (token.length > longest) throw invalid();
    const now = clock();
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['EdDSA', 'ES256'],
      typ: 'at+jwt',
      issuer,
      audience,
      requiredClaims: ['sub', 'sid', 'iat', 'exp'],
      currentDate: now,
    }).catch((error: unknown) => {
      throw refusalOf(error);
    });
    return toVerified(payload, now.getTime() + recheckMs);
  };

  return {
    async verify(token) {
      const now = clock().getTime();
      let verified = known.get(token);
      if (!verified || now >= verified.recheckAt) {
        verified = await check(token);
        if (known.size >= remembered) forgetOldest(known);
        known.set(token, verified);
      }
      if (now >= verified.expiresAt) throw expired();
      if (revocations.isRevoked(verified.principal.sessionId)) {
        throw new AppError('session_ended', 'The session has ended.');
      }
      return verified.principal;
    },
  };
}

function toVerified(payload: JWTPayload, recheckAt: number): Verified {
  const { success, data } = Claims.safeParse(payload);
  if (!success) throw invalid();
  const { sub: customerId, sid: sessionId, roles, exp } = data;
  return { principal: { customerId, sessionId, roles }, expiresAt: exp * 1000, recheckAt };
}

function forgetOldest(known: Map<string, Verified>): void {
  for (const token of known.keys()) {
    known.delete(token);
    return;
  }
}

const invalid = (cause?: unknown) => new AppError('unauthenticated', 'The access token is not valid.', { cause });
const expired = (cause?: unknown) => new AppError('token_expired', 'The access token has expired.', { cause });

/** What is wrong with the token is a 401; what keeps us from knowing is not the caller's fault. */
function refusalOf(error: unknown): AppError {
  if (error instanceof errors.JWTExpired) return expired(error);
  const aboutTheToken =
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC');
  if (aboutTheToken) return invalid(error);
  return new AppError('service_unavailable', 'The signing keys cannot be fetched.', {
    cause: error,
    retryAfterSeconds: 2,
  });
}
