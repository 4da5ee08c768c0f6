import type { SqlTx } from '@forecourt/messaging';
import { z } from 'zod';
import { type Outcome, Wish } from './wish.ts';

export interface NewCommand {
  readonly id: string;
  readonly stationId: string;
  readonly sessionId: string | null;
  readonly operatorId: string | null;
  readonly wish: Wish;
  readonly askedAt: Date;
  readonly deadlineAt: Date;
}

export async function insertCommand(tx: SqlTx, command: NewCommand): Promise<void> {
  const { id, stationId, sessionId, operatorId, wish, askedAt, deadlineAt } = command;
  const { action, ...payload } = z.encode(Wish, wish);
  await tx.$executeRaw`
    INSERT INTO command (id, station_id, session_id, operator_id, action, payload, outcome, asked_at, deadline_at)
    VALUES (${id}, ${stationId}, ${sessionId}, ${operatorId}, ${action}, ${JSON.stringify(payload)}::jsonb, 'pending',
            ${askedAt}, ${deadlineAt})`;
}

export interface EndedCommand {
  readonly id: string;
  readonly outcome: Outcome;
  readonly answer: unknown;
  readonly endedAt: Date;
}

export async function endCommand(tx: SqlTx, { id, outcome, answer, endedAt }: EndedCommand): Promise<void> {
  await tx.$executeRaw`
    UPDATE command SET outcome = ${outcome}, answer = ${JSON.stringify(answer ?? null)}::jsonb, ended_at = ${endedAt}
    WHERE id = ${id} AND outcome = 'pending'`;
}

/** Asked by a process that did not live to hear the answer; gives how many. */
export async function endForgottenCommands(tx: SqlTx, now: Date): Promise<number> {
  return tx.$executeRaw`
    UPDATE command SET outcome = 'timeout', ended_at = ${now}
    WHERE outcome = 'pending' AND deadline_at < ${now}::timestamptz - interval '1 minute'`;
}

/** The process that has the station's socket, as the last connection left it. */
export interface Holder {
  readonly instance: string;
  readonly generation: bigint;
}

export async function findHolder(tx: SqlTx, stationId: string): Promise<Holder | null> {
  const rows = await tx.$queryRaw<{ instance: string | null; generation: bigint }[]>`
    SELECT instance, generation FROM station WHERE id = ${stationId}`;
  const [row] = rows;
  return row?.instance ? { instance: row.instance, generation: row.generation } : null;
}
