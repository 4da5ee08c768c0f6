import { randomBytes } from 'node:crypto';
import { codeAccepted } from '@forecourt/contracts';
import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { enqueue, lockAggregate, type SqlTx } from '@forecourt/messaging';
import { newUuid } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { Channel, LateFacts } from '../message/message.ts';
import { forgetAttempts } from '../throttle/store.ts';
import {
  askedAgain,
  type CodeRequest,
  canResend,
  codeOf,
  isCurrent,
  isOver,
  matches,
  maxTriesFor,
  openSince,
  type Purpose,
  resentBy,
  usualDigits,
} from './code.ts';
import { countryOf } from './destination.ts';
import { networkKey } from './found-alone.ts';
import { recipientKeys } from './limits.ts';
import { newShortId, sendCode } from './sending.ts';
import { findRequest, lockRequest, markAccepted, takeTry, type Which } from './store.ts';

export interface NewCode {
  readonly purpose: Purpose;
  readonly channel: Channel;
  /** A phone in E.164, or an e-mail address. */
  readonly recipient: string;
  readonly language: Language;
  /** The network address of whoever asks. */
  readonly address: string;
  readonly digits?: number;
  readonly customerId?: string | null;
  /** What `acceptCode` hands on; JSON. */
  readonly facts?: CodeRequest['facts'];
  /** For a confirmation: the service that wants it, and its own name for it. */
  readonly owner?: string;
  readonly reference?: string;
  /** For a confirmation: when what it is about lapses. */
  readonly lapsesAt?: Date;
  readonly withShortId?: boolean;
  /** The code may be entered without a word of its request: unique among the live ones of the address's network. */
  readonly foundAlone?: boolean;
  /** False: nobody knows this recipient. The same answer and cost, but nothing is sent and no code is right. */
  readonly deliver?: boolean;
}

export interface IssuedCode {
  readonly requestId: string;
  readonly shortId: number | null;
  readonly expiresAt: Date;
  readonly resendAt: Date;
}

/** Sends a code, as far as the limits let it; the same confirmation once more is the same request. */
export async function issueCode(deps: Deps, wish: NewCode): Promise<IssuedCode> {
  const requestIn = async (tx: SqlTx) => {
    const known = await lockConfirmation(tx, wish);
    const now = deps.clock();
    const drafted = draft(deps, wish, now);
    return { request: known ? askedAgain(known, drafted, now) : drafted, now };
  };
  return issued(await sendCode(deps, { address: wish.address, requestIn }));
}

/** Sends the next code of a request; the one before is worth nothing from now on, and its tries are still counted. */
export async function resendCode(
  deps: Deps,
  which: Which,
  { channel, address }: { channel?: 'sms' | 'voice'; address: string },
): Promise<IssuedCode> {
  const requestIn = async (tx: SqlTx) => {
    const request = await lockRequest(tx, which);
    const now = deps.clock();
    if (!request || !canResend(request, now)) throw requestUnknown();
    const network = request.network && networkKey(deps.secrets, address);
    return { request: { ...resentBy(request, channel), network }, now };
  };
  return issued(await sendCode(deps, { address, requestIn }));
}

const issued = ({ id: requestId, shortId, expiresAt, resendAt }: CodeRequest): IssuedCode => ({
  requestId,
  shortId,
  expiresAt,
  resendAt,
});

async function lockConfirmation(tx: SqlTx, { owner, reference }: NewCode): Promise<CodeRequest | null> {
  if (owner === undefined || reference === undefined) return null;
  await lockAggregate(tx, 'code-confirmation', JSON.stringify([owner, reference]));
  return lockRequest(tx, { owner, reference });
}

function draft({ secrets }: Pick<Deps, 'secrets'>, wish: NewCode, now: Date): CodeRequest {
  const { purpose, channel, recipient, language, digits = usualDigits } = wish;
  return {
    id: newUuid(now),
    shortId: wish.withShortId ? newShortId() : null,
    purpose,
    channel,
    recipient,
    language,
    customerId: wish.customerId ?? null,
    facts: wish.facts ?? {},
    owner: wish.owner ?? null,
    reference: wish.reference ?? null,
    nonce: randomBytes(16),
    digits,
    delivers: wish.deliver ?? true,
    tries: 0,
    maxTries: maxTriesFor(digits),
    sends: 0,
    createdAt: now,
    expiresAt: now,
    resendAt: now,
    acceptedAt: null,
    network: wish.foundAlone ? networkKey(secrets, wish.address) : null,
    lapsesAt: wish.lapsesAt ?? null,
  };
}

/** The code of a message, made while it is sent: it is in no row. Nothing goes out that is not the code to enter any more. */
export const codeToSend =
  ({ db, clock, secrets }: Pick<Deps, 'db' | 'clock' | 'secrets'>): LateFacts<'code'> =>
  async ({ facts: { codeRequestId, send } }) => {
    const request = await findRequest(db, { requestId: codeRequestId });
    if (!request?.delivers || !isCurrent(request, send, clock())) return null;
    const { purpose, language } = request;
    return { facts: { code: codeOf(secrets.codes, request), purpose }, language };
  };

export type Accepted = { readonly requestId: string } & Pick<
  CodeRequest,
  'purpose' | 'channel' | 'recipient' | 'language' | 'customerId' | 'facts'
>;

interface Entered {
  readonly code: string;
  readonly purposes: readonly Purpose[];
  /** Whoever enters it knows of the request, and is told why no code of it is accepted; else all that is `code_wrong`. */
  readonly tellsWhy?: boolean;
}

/**
 * Does what the code was asked for, once: acceptance and effect are one transaction. The try is counted, and on the disk,
 * before anything is compared. Effects take the locks of their aggregates first, as everywhere: nothing is written before.
 */
export async function acceptCode<T>(
  deps: Deps,
  which: Which,
  { code, purposes, tellsWhy = false }: Entered,
  effect: (tx: Prisma.TransactionClient, accepted: Accepted) => Promise<T>,
): Promise<T> {
  const { db, database, clock, secrets } = deps;
  const now = clock();
  const request = await takeTry(database, { which, purposes, now, openSince: openSince(now) });
  if (!request) throw await refusal(deps, { which, purposes, tellsWhy, now });
  if (!matches(code, codeOf(secrets.codes, request)) || !request.delivers) {
    countOutcome(deps, request, 'wrong');
    throw codeWrong();
  }

  const result = await db.$transaction(async (tx) => {
    await lockAggregate(tx, 'code-request', request.id);
    const current = await findRequest(tx, { requestId: request.id });
    if (!current || current.acceptedAt) throw tellsWhy ? codeOver() : requestUnknown();
    const { id: requestId, purpose, channel, recipient, language, customerId, facts } = request;
    const done = await effect(tx, { requestId, purpose, channel, recipient, language, customerId, facts });
    // The next one was sent meanwhile.
    if (!(await markAccepted(tx, request, now))) throw tellsWhy ? codeOver() : codeWrong();
    await forgetAttempts(tx, [recipientKeys(secrets, recipient).cooldown]);
    await tellAccepted(tx, request, now);
    return done;
  });
  countOutcome(deps, request, 'accepted');
  return result;
}

async function tellAccepted(tx: Prisma.TransactionClient, request: CodeRequest, acceptedAt: Date): Promise<void> {
  const { id: codeRequestId, owner, reference, customerId, recipient } = request;
  if (owner === null || reference === null) return;
  await enqueue(tx, codeAccepted, { codeRequestId, version: 1, owner, reference, customerId, recipient, acceptedAt });
}

async function refusal(
  deps: Deps,
  { which, purposes, tellsWhy, now }: Omit<Entered, 'code'> & { which: Which; now: Date },
): Promise<AppError> {
  const request = await findRequest(deps.db, which);
  if (!request || !purposes.includes(request.purpose)) return requestUnknown();
  if (request.acceptedAt || isOver(request, now)) return tellsWhy ? codeOver() : requestUnknown();
  const exhausted = request.tries >= request.maxTries;
  countOutcome(deps, request, exhausted ? 'exhausted' : 'expired');
  if (!tellsWhy) return codeWrong();
  return exhausted && now < request.expiresAt ? noTriesLeft(request, now) : codeOver();
}

const countOutcome = (
  { codeMetrics }: Deps,
  { channel, recipient }: CodeRequest,
  outcome: 'accepted' | 'wrong' | 'expired' | 'exhausted',
): void => codeMetrics.codes.inc({ channel, country: countryOf(channel, recipient), outcome });

const requestUnknown = () => new AppError('code_request_unknown', 'There is no such request any more.');
const codeOver = () => new AppError('code_expired', 'The code has expired or was used.');
const noTriesLeft = ({ resendAt }: CodeRequest, now: Date) =>
  new AppError('too_many_attempts', 'No tries are left. Ask for a new code.', {
    retryAfterSeconds: Math.max(1, Math.ceil((resendAt.getTime() - now.getTime()) / 1000)),
  });
const codeWrong = () => new AppError('code_wrong', 'The code is wrong or has expired.');
