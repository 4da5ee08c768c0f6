import { createHash, randomBytes } from 'node:crypto';
import type { ServiceRole } from '../role/role.ts';

/** A program of somebody else's that works with us: no person, and no customer. */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly ServiceRole[];
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export interface ServiceKey {
  /** What access tokens name as their session. */
  readonly id: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  /** null: until it is rotated or revoked. */
  readonly expiresAt: Date | null;
}

/** So long, at most, a key is good beside the one that replaces it. */
export const longestGraceSeconds = 30 * 24 * 3600;

export const newKey = (): string => `key_${randomBytes(32).toString('base64url')}`;

/** What we keep of it. It has 256 random bits, so a fast hash tells nothing. */
export const hashOf = (key: string): Buffer<ArrayBuffer> => createHash('sha256').update(key).digest();
