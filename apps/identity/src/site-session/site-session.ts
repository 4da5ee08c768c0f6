import { createHash, randomBytes } from 'node:crypto';

/** From the code on, however much it is used; whoever comes later is sent another. */
export const sessionSeconds = 30 * 24 * 3600;

export const newSiteToken = (): string => `sub_${randomBytes(32).toString('base64url')}`;

/** What we keep of it. It has 256 random bits, so a fast hash tells nothing. */
export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export const sessionExpiry = (openedAt: Date): Date => new Date(openedAt.getTime() + sessionSeconds * 1000);
