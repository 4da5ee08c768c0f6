import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { type SignedDate, shifted } from './signed-date.ts';

/** What an `Authentication: hmac {id}:{nonce}:{digest}` header says. */
export interface Credential {
  /** The customer's number. Which of their devices signed is not said. */
  readonly customerNumber: bigint;
  /** An integer of up to 64 bits, kept as it was written: it is signed as text, and we never count with it. */
  readonly nonce: string;
  readonly digest: Buffer;
}

const digestBytes = 32;
const form = /^hmac +([1-9]\d{0,15}):(-?\d{1,20}):([A-Za-z0-9+/]{43}=?)$/i;

export function readCredential(header: string): Credential {
  const [, id, nonce, digest] = form.exec(header) ?? [];
  const bytes = Buffer.from(digest ?? '', 'base64');
  if (id === undefined || nonce === undefined || bytes.length !== digestBytes) {
    throw new AppError('header_malformed', 'Authentication is not "hmac {id}:{nonce}:{digest}".', {
      params: { header: 'Authentication' },
    });
  }
  return { customerNumber: BigInt(id), nonce, digest: bytes };
}

/** What a client puts its digest over, besides the date. */
export interface SignedFacts {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly nonce: string;
}

/** Method, path, date and nonce without separators, in the bytes that came: headers and paths are read as Latin-1. */
export const digestOf = (key: Uint8Array, { method, path, nonce }: SignedFacts, date: string): Buffer =>
  createHmac('sha256', key)
    .update(method + path + date + nonce, 'latin1')
    .digest();

/**
 * Which of the keys made the digest, as its place in the list; -1: none. Some clients read the clock once for the header
 * and again for the digest, so that the date they signed is the one they sent, or a second beside it. For each of these
 * texts all keys are tried, and how long that takes does not depend on how much of a digest is right.
 */
export function signerOf(
  keys: readonly Uint8Array[],
  digest: Uint8Array,
  facts: SignedFacts,
  date: SignedDate,
): number {
  for (const text of [date.text, ...shifted(date, 1), ...shifted(date, -1)]) {
    const matches = keys.map((key) => timingSafeEqual(digestOf(key, facts, text), digest));
    if (matches.includes(true)) return matches.indexOf(true);
  }
  return -1;
}

const windowSeconds = 600;
/** A minute more than any request can be taken: its date may lie ahead as far as behind, and clocks differ. */
export const rememberedSeconds = 2 * windowSeconds + 60;

export function refuseStale({ instant }: SignedDate, now: Date): void {
  if (Math.abs(instant.getTime() - now.getTime()) <= windowSeconds * 1000) return;
  throw new AppError('request_stale', 'The date of this request is more than ten minutes off.');
}
