import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import type { Channel } from '../message/message.ts';

/** What somebody proves with a code. `confirmation`: something that another service owns. */
export const purposes = [
  'sign_in',
  'driver_sign_in',
  'subscriber_sign_in',
  'registration',
  'restore',
  'phone_change',
  'email_change',
  'confirmation',
] as const;
export type Purpose = (typeof purposes)[number];

/** Somebody is to show that they read what is sent to `recipient`. */
export interface CodeRequest {
  readonly id: string;
  /** For a client that keeps it in 32 bits. */
  readonly shortId: number | null;
  readonly purpose: Purpose;
  readonly channel: Channel;
  /** A phone in E.164, or an e-mail address. */
  readonly recipient: string;
  readonly language: Language;
  readonly customerId: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** The service that wants something confirmed, and its own name for it. */
  readonly owner: string | null;
  readonly reference: string | null;
  readonly nonce: Uint8Array;
  readonly digits: number;
  /** False: nobody knows this recipient. All goes on as for another, but nothing is sent and no code is right. */
  readonly delivers: boolean;
  readonly tries: number;
  readonly maxTries: number;
  readonly sends: number;
  readonly createdAt: Date;
  /** Of the code that was sent last. */
  readonly expiresAt: Date;
  readonly resendAt: Date;
  readonly acceptedAt: Date | null;
  /** Where it was asked for from, when its code may be entered without a word of which request it is; else null. */
  readonly network: string | null;
  /** When what it confirms is worth nothing any more; null: as long as the request lives. */
  readonly lapsesAt: Date | null;
}

export const usualDigits = 6;
export const greatestShortId = 2 ** 31 - 1;
/** Those who read and type slowly manage; ASVS 6.5.5 allows ten. */
export const codeMinutes = 5;
/** Longer than the last cool-down, or the code after it could never be asked for. */
export const requestSeconds = 3600;

/** No code outlives what it confirms: whoever is told that it is right has that, too. */
export function expiryOf(sentAt: Date, lapsesAt: Date | null): Date {
  const usual = after(sentAt, codeMinutes * 60);
  return lapsesAt !== null && lapsesAt < usual ? lapsesAt : usual;
}
/** Requests that were made before this are over, whatever became of them. */
export const openSince = (now: Date): Date => after(now, -requestSeconds);

const after = (instant: Date, seconds: number) => new Date(instant.getTime() + seconds * 1000);

/** A short code is guessed sooner. */
export const maxTriesFor = (digits: number): number => (digits < usualDigits ? 3 : 5);

export const isOver = ({ createdAt }: Pick<CodeRequest, 'createdAt'>, now: Date): boolean =>
  createdAt <= openSince(now);

/** Another code may be asked for: tries that are used up stay used up, and what was accepted needs none. */
export const canResend = (
  request: Pick<CodeRequest, 'acceptedAt' | 'tries' | 'maxTries' | 'createdAt' | 'lapsesAt'>,
  now: Date,
): boolean =>
  request.acceptedAt === null &&
  request.tries < request.maxTries &&
  !isOver(request, now) &&
  (request.lapsesAt === null || now < request.lapsesAt);

/** The code of this send is still the one to enter. */
export const isCurrent = (request: CodeRequest, send: number, now: Date): boolean =>
  request.sends === send && request.acceptedAt === null && request.tries < request.maxTries && now < request.expiresAt;

/** Mail cannot become a call. */
export function resentBy(request: CodeRequest, channel: 'sms' | 'voice' | undefined): CodeRequest {
  if (channel === undefined) return request;
  if (request.channel === 'email') {
    throw new AppError('validation_failed', 'What went to an e-mail address cannot go to a phone.');
  }
  return { ...request, channel };
}

/**
 * The same thing is to be confirmed once more, perhaps by another phone. It is the same request, with the tries that are
 * left of it; only once that is over does it begin anew.
 */
export function askedAgain(
  request: CodeRequest,
  wish: Pick<CodeRequest, 'recipient' | 'channel' | 'language' | 'network' | 'lapsesAt'>,
  now: Date,
): CodeRequest {
  if (request.acceptedAt) throw new AppError('already_confirmed', 'The right code has been entered.');
  const { recipient, channel, language, network, lapsesAt } = wish;
  const again = { ...request, recipient, channel, language, network, lapsesAt };
  if (isOver(request, now)) return { ...again, tries: 0, createdAt: now };
  if (request.tries < request.maxTries) return again;
  const overAt = after(request.createdAt, requestSeconds);
  throw new AppError('too_many_attempts', 'No tries are left.', {
    retryAfterSeconds: Math.ceil((overAt.getTime() - now.getTime()) / 1000),
  });
}

/** What a code follows from, beside the secret. */
export type Drawn = Pick<CodeRequest, 'id' | 'nonce' | 'digits' | 'sends'>;

/**
 * The code of one send: never stored, but made again from what is. The truncation is that of HOTP (RFC 4226, 5.3) over
 * HMAC-SHA256, with 48 bits instead of 31, so that the remainder favours no code; the first digit is never 0.
 */
export function codeOf(secret: Buffer, { id, nonce, digits, sends }: Drawn): string {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(sends);
  const mac = createHmac('sha256', secret).update(id).update('\0').update(nonce).update(counter).digest();
  const number = mac.readUIntBE((mac.at(-1) as number) & 0xf, 6);
  const lowest = 10 ** (digits - 1);
  return String(lowest + (number % (9 * lowest)));
}

/** In constant time, whatever was entered. */
export const matches = (entered: string, code: string): boolean => timingSafeEqual(hashOf(entered), hashOf(code));

const hashOf = (text: string) => createHash('sha256').update(text).digest();
