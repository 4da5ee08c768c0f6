import { AppError } from '@forecourt/errors';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

const purpose = 'password-reset';
const lifetimeSeconds = 3600;

export interface ResetClaim {
  readonly customerId: string;
  /** Of the password hash and the address that the link was made for: a link that was used, or is overtaken, does not fit any more. */
  readonly fingerprint: string;
}

/** Signed with a key of its own kind, and never published: no service takes it for an access token. */
export function signResetToken(secret: Buffer, { customerId, fingerprint }: ResetClaim, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({ purpose, fp: fingerprint })
    .setProtectedHeader({ alg: 'HS256', typ: 'reset+jwt' })
    .setSubject(customerId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .sign(secret);
}

const Claims = z.object({ sub: z.string(), purpose: z.literal(purpose), fp: z.string() });

export async function readResetToken(secret: Buffer, token: string, now: Date): Promise<ResetClaim> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: ['HS256'],
      typ: 'reset+jwt',
      currentDate: now,
      requiredClaims: ['exp'],
    });
    const { sub, fp } = Claims.parse(payload);
    return { customerId: sub, fingerprint: fp };
  } catch (cause) {
    throw new AppError('reset_token_invalid', 'The link is invalid or has expired.', { cause });
  }
}
