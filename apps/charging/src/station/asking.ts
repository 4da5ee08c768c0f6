import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { endCommand, findHolder, insertCommand } from './command-store.ts';
import { answerWithoutSecrets, type Carried, type Outcome, type Wish, withoutSecrets } from './wish.ts';

export type { Wish } from './wish.ts';

export interface AskingOptions {
  /** From now on; after that the outcome is `timeout`, and the station may still do as it was asked. */
  readonly deadlineMs: number;
  readonly sessionId?: string;
  readonly operatorId?: string;
}

export interface Asked extends Carried {
  readonly commandId: string;
}

export type AskingDeps = Pick<Deps, 'clock' | 'database' | 'log' | 'lines'>;

/** A station that moves between processes while it is asked is followed so often. */
const mostMoves = 3;

/**
 * Asks a station, wherever its socket is, and writes down that it was asked and what came of it. Never inside of a
 * transaction.
 */
export async function askStation(
  deps: AskingDeps,
  stationId: string,
  wish: Wish,
  { deadlineMs, sessionId, operatorId }: AskingOptions,
): Promise<Asked> {
  const { clock, database, log, lines } = deps;
  const askedAt = clock();
  const began = performance.now();
  const commandId = newObjectId(askedAt);
  await insertCommand(database, {
    id: commandId,
    stationId,
    sessionId: sessionId ?? null,
    operatorId: operatorId ?? null,
    wish: withoutSecrets(wish),
    askedAt,
    deadlineAt: new Date(askedAt.getTime() + deadlineMs),
  });

  const remainingMs = () => deadlineMs - (performance.now() - began);
  const carried = await carryOut(deps, stationId, wish, remainingMs).catch((error: unknown): Carried => {
    log.error({ err: error, stationId, commandId }, 'a station could not be asked');
    return { outcome: 'failed', answer: null };
  });
  const answer = answerWithoutSecrets(carried.answer);
  lines.metrics.commanded(wish.action, carried.outcome, (performance.now() - began) / 1_000);
  await endCommand(database, { id: commandId, ...carried, answer, endedAt: clock() }).catch((error: unknown) =>
    log.warn({ err: error, commandId, outcome: carried.outcome }, 'the outcome of a command could not be stored'),
  );
  return { commandId, ...carried, answer };
}

async function carryOut(
  { database, lines }: AskingDeps,
  stationId: string,
  wish: Wish,
  remainingMs: () => number,
): Promise<Carried> {
  for (let move = 0; move < mostMoves; move += 1) {
    const holder = await findHolder(database, stationId);
    if (holder === null) break;
    const left = remainingMs();
    if (left <= 0) return nothing('failed');
    const carried = await lines.ask(holder, { stationId, wish }, left);
    // Of a line that broke before it was told the station knows nothing: perhaps it has another one by now.
    if (carried !== 'elsewhere' && carried.outcome !== 'offline') return carried;
  }
  return nothing('offline');
}

const nothing = (outcome: Outcome): Carried => ({ outcome, answer: null });
