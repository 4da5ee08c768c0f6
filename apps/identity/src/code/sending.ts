import { randomInt } from 'node:crypto';
import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { queueMessage } from '../message/store.ts';
import { type Counted, countAttempt } from '../throttle/store.ts';
import { type CodeRequest, expiryOf, greatestShortId } from './code.ts';
import { countryOf, destinationOf } from './destination.ts';
import { drawUnlike } from './found-alone.ts';
import { attemptsOf, resendAtOf, spendKey } from './limits.ts';
import { insertRequest, saveSend } from './store.ts';

export interface Send {
  /** The network address of whoever asks. */
  readonly address: string;
  /** Finds or drafts the request in the transaction of the send, or refuses. */
  readonly requestIn: (tx: SqlTx) => Promise<{ request: CodeRequest; now: Date }>;
}

/**
 * The next code of a request: request, limits and message are one transaction, so that what refuses takes back all that
 * was counted. What was not sent burns nobody's allowance.
 */
export async function sendCode(deps: Deps, { address, requestIn }: Send): Promise<CodeRequest> {
  const { codeLimits, secrets, database } = deps;
  const { sent, counted } = await database.transaction(async (tx) => {
    const { request, now } = await requestIn(tx);
    const destination = destinationOf(codeLimits, request.channel, request.recipient);
    const attempts = attemptsOf(codeLimits, secrets, { request, destination, address });
    const next = await drawUnlike(tx, secrets.codes, { ...request, sends: request.sends + 1 }, now);
    const counted = await countAttempt(tx, now, attempts, 'too_many_requests');
    const resendAt = resendAtOf(secrets, request.recipient, counted);
    const sent = await save(tx, { ...next, expiresAt: expiryOf(now, next.lapsesAt), resendAt });
    await queueCode(tx, sent, now);
    return { sent, counted };
  });
  note(deps, sent, counted);
  return sent;
}

const queueCode = (tx: SqlTx, { id, sends, channel, recipient, language, expiresAt }: CodeRequest, now: Date) =>
  queueMessage(tx, {
    kind: 'code',
    facts: { codeRequestId: id, send: sends },
    channel,
    recipient,
    language,
    dedupeKey: `code:${id}:${sends}`,
    now,
    notAfter: expiresAt,
  });

export const newShortId = (): number => randomInt(1, greatestShortId + 1);

async function save(tx: SqlTx, sent: CodeRequest): Promise<CodeRequest> {
  if (sent.sends > 1) {
    await saveSend(tx, sent);
    return sent;
  }
  let fresh = sent;
  while (!(await insertRequest(tx, fresh))) fresh = { ...fresh, shortId: newShortId() };
  return fresh;
}

function note({ secrets, codeLimits, codeMetrics, log }: Deps, sent: CodeRequest, counted: readonly Counted[]): void {
  const { channel, recipient, delivers } = sent;
  if (delivers) {
    const labels = { channel, country: countryOf(channel, recipient) };
    codeMetrics.sends.inc(labels);
    // A share of nothing accepted is 0 and not unknown: that is the country to be warned of.
    codeMetrics.codes.inc({ ...labels, outcome: 'accepted' }, 0);
  }
  const { dailySpend } = codeLimits;
  const spend = counted.find(({ key }) => key === spendKey(secrets));
  // Nothing is counted beyond it, so one send of all processes finds it reached.
  if (spend && spend.attempts >= dailySpend) {
    log.error({ spent: spend.attempts, dailySpend }, 'the daily spend of codes is reached: no more are sent');
  }
}
