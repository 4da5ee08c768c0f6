import type { Language } from '@forecourt/dialects';
import { gather } from '@forecourt/gather';
import type { Clock, Database, Logger } from '@forecourt/service-kit';
import type { Counter } from 'prom-client';
import {
  type Channel,
  htmlText,
  type LateFactsByKind,
  type LateKind,
  type Letter,
  type MessageFacts,
  nextAttempt,
  plainText,
  type RowFacts,
} from './message.ts';
import { type Attempted, type Outcome, type QueuedMessage, recordOutcomes, takeDue } from './store.ts';
import { write } from './words.ts';

/** What a transport is given: the same id for every attempt at one message. */
export interface OutgoingMessage {
  readonly id: string;
  readonly channel: Channel;
  readonly recipient: string;
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
}

/** Takes a message on, for good, or throws. */
export interface Transport {
  /** How many it is given at once. */
  readonly atOnce: number;
  send(message: OutgoingMessage): Promise<void>;
  close(): void;
}

/** A channel without one: nothing is lost, its messages wait as undeliverable. */
export type Transports = Readonly<Partial<Record<Channel, Transport>>>;

export interface SendingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly transports: Transports;
  readonly lateFacts: LateFactsByKind;
  readonly messageOutcomes: Counter<'channel' | 'outcome'>;
}

/** In one look: what a round costs is shared by as many. */
export const mostTaken = 100;
const leaseSeconds = 120;
/** What is begun by then has its outcome, good or bad, before the lease ends; the others are given back. */
const beginWithinSeconds = 60;

/**
 * Sends what is due and gives how many there were. A provider is called outside of any transaction; who dies after that
 * call and before the note sends a second time, with the same Message-ID.
 */
export async function sendDueMessages(deps: SendingDeps): Promise<number> {
  const { clock, database, transports } = deps;
  const now = clock().getTime();
  const due = await takeDue(database, mostTaken, new Date(now), new Date(now + leaseSeconds * 1000));
  // As they come in: a slow provider holds back nobody's note but its own.
  const record = gather(
    async (attempted: readonly Attempted[]) => {
      await recordOutcomes(database, attempted);
      return attempted;
    },
    { most: mostTaken },
  );
  const handOver = async (message: QueuedMessage) => {
    const at = clock();
    if (at.getTime() < now + beginWithinSeconds * 1000) return sendOne(deps, message, record);
    await record({ message, outcome: { status: 'queued', untried: true, nextAttemptAt: at }, at });
  };
  const channels = Map.groupBy(due, ({ channel }) => channel);
  await Promise.all(
    [...channels].map(([channel, messages]) =>
      sideBySide(messages, transports[channel]?.atOnce ?? mostTaken, handOver),
    ),
  );
  return due.length;
}

async function sideBySide<Thing>(
  things: readonly Thing[],
  width: number,
  work: (thing: Thing) => Promise<unknown>,
): Promise<void> {
  const rest = things.values();
  const workOff = async () => {
    for (const thing of rest) await work(thing);
  };
  await Promise.all(Array.from({ length: Math.min(width, things.length) }, workOff));
}

async function sendOne(
  deps: SendingDeps,
  message: QueuedMessage,
  record: (attempted: Attempted) => Promise<unknown>,
): Promise<void> {
  const { clock, log, messageOutcomes } = deps;
  const { id: messageId, kind, channel, attempts } = message;
  const outcome = await attempt(deps, message);
  await record({ message, outcome, at: clock() });
  messageOutcomes.inc({ channel, outcome: outcome.status });
  if (!('error' in outcome)) return;
  log.warn(
    { messageId, kind, channel, attempts, outcome: outcome.status, reason: outcome.error },
    'a message was not sent',
  );
}

async function attempt(deps: SendingDeps, message: QueuedMessage): Promise<Outcome> {
  const transport = deps.transports[message.channel];
  if (!transport) return { status: 'undeliverable', error: `nothing is configured that sends ${message.channel}` };
  const { notAfter } = message;
  if (notAfter && notAfter <= deps.clock()) return { status: 'expired', error: 'its time is over' };
  try {
    const letter = await compose(deps, message);
    if (!letter) return { status: 'dropped' };
    await transport.send({ ...letter, id: message.id, channel: message.channel, recipient: message.recipient });
    return { status: 'sent' };
  } catch (error) {
    const reason = reasonOf(error).replaceAll(message.recipient, '<recipient>');
    const nextAttemptAt = nextAttempt(message.attempts, deps.clock());
    if (!nextAttemptAt) return { status: 'failed', error: reason };
    if (notAfter && notAfter <= nextAttemptAt) return { status: 'expired', error: reason };
    return { status: 'queued', error: reason, nextAttemptAt };
  }
}

/**
 * Mail servers repeat the address that they refuse, and the reason goes into the log. It also goes into a row, with
 * those of other messages: what Postgres cannot keep would keep theirs out, too.
 */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll('\0', '').toWellFormed();

async function compose(
  { lateFacts }: SendingDeps,
  message: QueuedMessage,
): Promise<Pick<OutgoingMessage, 'subject' | 'text' | 'html'> | null> {
  const { kind, channel, language } = message;
  if (kind in lateFacts) return composeLate(lateFacts, kind as LateKind, message);
  return asText(writeStored(message), channel, language);
}

async function composeLate<Kind extends LateKind>(
  lateFacts: LateFactsByKind,
  kind: Kind,
  { recipient, facts, channel }: QueuedMessage,
) {
  const late = await lateFacts[kind]({ recipient, facts: facts as RowFacts[Kind] });
  return late && asText(write(kind, late.language, late.facts), channel, late.language);
}

/** The facts of a row are what `queueMessage` took for its kind. */
const writeStored = ({ kind, language, facts }: QueuedMessage): Letter =>
  write(kind, language, facts as MessageFacts[typeof kind]);

function asText(letter: Letter, channel: Channel, language: Language) {
  const email = channel === 'email';
  return {
    subject: email ? letter.subject : null,
    text: plainText(letter, channel),
    html: email ? htmlText(letter, language) : null,
  };
}
