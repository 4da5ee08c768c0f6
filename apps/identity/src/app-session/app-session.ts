import { createHash, randomBytes } from 'node:crypto';

/** As long as a token is kept by an app that has no call to renew it. */
const tokenDays = 30;
/** Once its successor is in use, a token is good for what is under way and for an app that has not stored the other yet. */
const graceSeconds = 600;

/** Tokens that were given and never used, beside the one in use; answers get lost, but not for ever. */
export const mostUnused = 5;

export const newAppToken = (): string => `drv_${randomBytes(32).toString('base64url')}`;

/** What we keep of it. It has 256 random bits, so a fast hash tells nothing. */
export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export const tokenExpiry = (issuedAt: Date): Date => after(issuedAt, tokenDays * 24 * 3600);

/** Of the tokens before the one that has just come into use. */
export const graceEnd = (now: Date): Date => after(now, graceSeconds);

const after = (instant: Date, seconds: number) => new Date(instant.getTime() + seconds * 1000);
