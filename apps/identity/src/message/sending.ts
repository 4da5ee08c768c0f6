import { newUuid } from '@forecourt/service-kit';
import type { EndedCall, NewCall } from './calls.ts';
import { compose, withoutPrivate } from './composing.ts';
import { callTime, isDoubtfulEnough, mustArrive, nextAttempt } from './delivery.ts';
import type { Answer, OutgoingMessage, Provider } from './provider.ts';
import type { SendingDeps } from './service.ts';
import type { Outcome, QueuedMessage } from './store.ts';

/** Where calls are noted, before and after. */
export interface CallBook {
  /** False: the message is somebody else's by now. */
  begin(call: NewCall): Promise<boolean>;
  end(call: EndedCall): Promise<unknown>;
}

/** What became of a message, and the call that decided it: noted together, or a crash between would send it again. */
export interface Offered {
  readonly outcome: Outcome;
  readonly call: EndedCall | null;
}

/** Offers a message to one provider after the other, until one takes it on. */
export async function offer(deps: SendingDeps, message: QueuedMessage, book: CallBook): Promise<Offered> {
  const { kind, channel, notAfter } = message;
  const providers = deps.providers[channel] ?? [];
  let last: EndedCall | null = null;
  const ends = (outcome: Outcome): Offered => ({ outcome, call: last });
  if (providers.length === 0) {
    return ends({ status: 'undeliverable', error: `nothing is configured that sends ${channel}` });
  }

  let doubts = message.doubts;
  let heard = nothingHeard;
  for (const provider of providers) {
    if (isDoubtfulEnough(kind, channel, doubts) || (notAfter && notAfter <= deps.clock())) break;
    const breaker = deps.breakers.get(provider);
    if (breaker && !breaker.admits()) {
      heard = note(heard, provider, { outcome: 'later', reason: 'is given a rest' });
      continue;
    }
    const outgoing = await compose(deps.lateFacts, message, provider);
    if (!outgoing) return ends({ status: 'dropped' });
    if (last) await book.end(last);
    last = await call(deps, { message, outgoing, provider, book });
    if (!last) break;
    const { answer } = last;
    breaker?.heard(answer);
    if (answer.outcome === 'taken') return ends({ status: 'sent' });

    heard = note(heard, provider, answer);
    if (answer.outcome === 'unwanted' && !mustArrive(kind)) return ends({ status: 'failed', error: saidBy(heard) });
    if (answer.outcome === 'in_doubt') doubts += 1;
  }
  if (isDoubtfulEnough(kind, channel, doubts)) return ends({ status: 'in_doubt', error: saidBy(heard) });
  return ends(postpone(message, heard, deps.clock()));
}

interface Heard {
  readonly reasons: readonly string[];
  /** One of them at least may take it another time. */
  readonly perhapsLater: boolean;
  /** When the first of them may. */
  readonly retryAfterSeconds: number;
}

const nothingHeard: Heard = { reasons: [], perhapsLater: false, retryAfterSeconds: Number.POSITIVE_INFINITY };

function note(heard: Heard, { name }: Provider, answer: Exclude<Answer, { outcome: 'taken' }>): Heard {
  const reasons = [...heard.reasons, `${name}: ${answer.reason}`];
  if (answer.outcome === 'refused' || answer.outcome === 'unwanted') return { ...heard, reasons };
  const seconds = answer.outcome === 'later' ? (answer.retryAfterSeconds ?? 0) : 0;
  return { reasons, perhapsLater: true, retryAfterSeconds: Math.min(heard.retryAfterSeconds, seconds) };
}

const saidBy = ({ reasons }: Heard): string => reasons.join('; ') || 'earlier calls about it are in doubt';

function postpone(message: QueuedMessage, heard: Heard, now: Date): Outcome {
  const error = heard.reasons.join('; ') || 'no time is left to call anybody';
  if (!heard.perhapsLater && heard.reasons.length > 0) return { status: 'failed', error };
  const { retryAfterSeconds } = heard;
  const nextAttemptAt = nextAttempt(message, now, Number.isFinite(retryAfterSeconds) ? retryAfterSeconds : 0);
  if (!nextAttemptAt) return { status: 'failed', error };
  if (message.notAfter && message.notAfter <= nextAttemptAt) return { status: 'expired', error };
  return { status: 'queued', error, nextAttemptAt };
}

interface Calling {
  readonly message: QueuedMessage;
  readonly outgoing: OutgoingMessage;
  readonly provider: Provider;
  readonly book: CallBook;
}

/** null: it was not made, for want of time or because the message is somebody else's by now. */
async function call(deps: SendingDeps, { message, outgoing, provider, book }: Calling): Promise<EndedCall | null> {
  const { clock, messageMetrics } = deps;
  const begunAt = clock();
  if (callTime(provider.patienceSeconds, { ...message, now: begunAt }) === null) return null;
  const id = newUuid(begunAt);
  if (!(await book.begin({ id, message, provider: provider.name, at: begunAt }))) return null;

  // The note took a moment, too.
  const milliseconds = callTime(provider.patienceSeconds, { ...message, now: clock() });
  const answer: Answer =
    milliseconds === null
      ? { outcome: 'later', reason: 'no time was left', healthy: true }
      : await patiently(deps, provider, outgoing, { id, milliseconds });
  messageMetrics.calls.inc({ provider: provider.name, channel: message.channel, outcome: answer.outcome });
  return { id, answer, at: clock() };
}

async function patiently(
  { log }: SendingDeps,
  provider: Provider,
  outgoing: OutgoingMessage,
  { id, milliseconds }: { id: string; milliseconds: number },
): Promise<Answer> {
  const signal = AbortSignal.timeout(milliseconds);
  const tooLong = new Promise<Answer>((resolve) => {
    signal.addEventListener('abort', () => resolve({ outcome: 'in_doubt', reason: 'did not answer in time' }));
  });
  try {
    const answer = await Promise.race([provider.send(outgoing, { id, signal }), tooLong]);
    if (answer.outcome === 'taken') return answer;
    return { ...answer, reason: withoutPrivate(answer.reason, outgoing) };
  } catch (error) {
    // Providers answer; what they throw is a mistake of ours, at a point that nobody knows. Its text may hold anything.
    log.error({ provider: provider.name, callId: id, type: (error as Error)?.name }, 'an adapter of a provider failed');
    return { outcome: 'in_doubt', reason: 'the adapter failed' };
  }
}
