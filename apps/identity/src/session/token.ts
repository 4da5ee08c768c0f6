import { createHash, createHmac, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SigningKey } from '../signing-key/service.ts';

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export const newRefreshToken = (): string => randomBytes(32).toString('base64url');

/** The token that follows this one. Made, not drawn, so that the same pair can be given again without being stored. */
export const successorOf = (secret: Buffer, refreshToken: string): string =>
  createHmac('sha256', secret).update(refreshToken).digest('base64url');

/** What we keep of a refresh token. It has 256 random bits, so a fast hash tells nothing. */
export const hashOf = (refreshToken: string): Buffer => createHash('sha256').update(refreshToken).digest();

/** The id of the access token that is issued with a refresh token; tells nothing of it. */
export const tokenIdBeside = (refreshToken: string): string =>
  createHash('sha256').update(hashOf(refreshToken)).digest('base64url').slice(0, 22);

/** The id of an access token that comes alone. */
export const newTokenId = (): string => randomBytes(16).toString('base64url');

export interface AccessTokenFacts {
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly customerId: string;
  readonly sessionId: string;
  readonly roles: readonly string[];
  readonly issuedAt: Date;
  /** Unlike that of any other token. */
  readonly tokenId: string;
}

/** RFC 9068. The same facts and key make the same token, letter by letter: EdDSA draws no random numbers. */
export function signAccessToken(key: SigningKey, facts: AccessTokenFacts): Promise<string> {
  const issuedAt = Math.floor(facts.issuedAt.getTime() / 1000);
  return new SignJWT({ sid: facts.sessionId, roles: [...facts.roles] })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.id })
    .setIssuer(facts.issuer)
    .setAudience(facts.audience)
    .setSubject(facts.customerId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + facts.lifetimeSeconds)
    .setJti(facts.tokenId)
    .sign(key.privateKey);
}
