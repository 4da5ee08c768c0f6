import { Instant } from '@forecourt/contracts';
import { z } from 'zod';

const connector = z.int().positive();
const idToken = z.string().min(1).max(36);
const url = z.url({ protocol: /^(?:https?|ftps?)$/ }).max(512);

/**
 * What a station can be asked, in nobody's version; a door makes its payload of it. Between two of our processes it goes
 * over the broker, and is checked there like whatever comes from outside.
 */
export const Wish = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('remoteStart'),
    connector,
    idToken,
    remoteStartId: z.int().positive(),
    limitW: z.int().positive().optional(),
  }),
  z.strictObject({ action: z.literal('remoteStop'), transactionId: z.string().min(1).max(36) }),
  z.strictObject({ action: z.literal('reset'), kind: z.enum(['soft', 'hard']) }),
  z.strictObject({ action: z.literal('unlock'), connector }),
  /** Connector 0: the station as a whole. */
  z.strictObject({
    action: z.literal('changeAvailability'),
    connector: z.int().nonnegative(),
    operative: z.boolean(),
  }),
  z.strictObject({ action: z.literal('getConfiguration'), keys: z.array(z.string().min(1).max(120)).max(100) }),
  z.strictObject({
    action: z.literal('setConfiguration'),
    key: z.string().min(1).max(120),
    value: z.string().max(2_500),
  }),
  z.strictObject({
    action: z.literal('trigger'),
    message: z.string().min(1).max(50),
    connector: connector.optional(),
  }),
  /** null: no limit any more. */
  z.strictObject({
    action: z.literal('setPowerLimit'),
    connector: z.int().nonnegative(),
    watts: z.int().nonnegative().nullable(),
  }),
  z.strictObject({ action: z.literal('updateFirmware'), url, at: Instant }),
  z.strictObject({ action: z.literal('getDiagnostics'), url }),
  z.strictObject({
    action: z.literal('reserve'),
    connector,
    number: z.int().positive(),
    idToken,
    expiresAt: Instant,
  }),
  z.strictObject({ action: z.literal('cancelReservation'), number: z.int().positive() }),
  z.strictObject({ action: z.literal('getTransactionStatus'), transactionId: z.string().min(1).max(36) }),
]);
export type Wish = z.output<typeof Wish>;

/**
 * accepted and rejected are the station's words, not_supported its lack of them. offline: it was not there, and never
 * heard of it. timeout: it heard, and nobody knows what it did. failed: it never got the call, or made nothing of it.
 */
export const Outcome = z.enum(['accepted', 'rejected', 'not_supported', 'offline', 'timeout', 'failed']);
export type Outcome = z.output<typeof Outcome>;

/** `answer`: what the station said to it, for those who read on. */
export interface Carried {
  readonly outcome: Outcome;
  readonly answer: unknown;
}

const secretKey = /authorizationkey|basicauthpassword/i;

/** Whether what is configured under this name is nobody's to read. */
export const isSecretKey = (key: string): boolean => secretKey.test(key);

/** As it may be kept: without the passwords that stations are given by it. */
export const withoutSecrets = (wish: Wish): Wish =>
  wish.action === 'setConfiguration' && isSecretKey(wish.key) ? { ...wish, value: '[secret]' } : wish;

/** What a station tells of its configuration likewise: some show the password that nobody should be able to read. */
export function answerWithoutSecrets(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(answerWithoutSecrets);
  if (typeof answer !== 'object' || answer === null) return answer;
  const { key, variable } = answer as { key?: unknown; variable?: { name?: unknown } | null };
  const isSecret = [key, variable?.name].some((name) => typeof name === 'string' && isSecretKey(name));
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [
      name,
      isSecret && (name === 'value' || name === 'attributeValue') ? '[secret]' : answerWithoutSecrets(value),
    ]),
  );
}

const secretValue = /("(?:value|attributeValue)"\s*:\s*)"(?:[^"\\]|\\.)*"?/g;

/** A frame likewise, of which only the text is at hand, and perhaps no JSON. */
export const frameWithoutSecrets = (text: string): string =>
  secretKey.test(text) ? text.replace(secretValue, '$1"[secret]"') : text;
