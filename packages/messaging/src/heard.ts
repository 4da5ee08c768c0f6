import { asMultirange, type Run } from './numbers.ts';
import type { SqlTx } from './sql-tx.ts';

/** A run of numbers that a consumer should have done with and has not. */
export interface Hole extends Run {
  readonly consumer: string;
  /** Nothing behind it was heard: it may simply not have come yet. */
  readonly open: boolean;
}

export interface Last {
  readonly consumer: string;
  readonly epoch: string;
  /** The last number that was told. */
  readonly last: number;
}

/** Adds to what the replicas of a consumer have done with; what belongs to another epoch is past. */
export async function addHeard(tx: SqlTx, consumer: string, epoch: string, runs: readonly Run[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE heard SET numbers = numbers + ${asMultirange(runs)}::text::int8multirange
    WHERE consumer = ${consumer}::text AND epoch = ${epoch}::text`;
}

/**
 * Who was there in the epoch before, or at this one's first event, is told all of it: the number 0, which no event has,
 * marks that nothing may be missing at the front. Who comes later begins where the stream does.
 */
export async function beginEpoch(tx: SqlTx, { consumer, epoch, last }: Last): Promise<void> {
  const numbers = last === 0 ? '{[0,0]}' : '{}';
  await tx.$executeRaw`
    INSERT INTO heard (consumer, epoch, numbers)
    VALUES (${consumer}::text, ${epoch}::text, ${numbers}::text::int8multirange)
    ON CONFLICT (consumer) DO UPDATE SET epoch = excluded.epoch, numbers = '{[0,0]}'
    WHERE heard.epoch <> excluded.epoch`;
}

export async function findHoles(tx: SqlTx, told: readonly Last[]): Promise<Hole[]> {
  return tx.$queryRaw<Hole[]>`
    SELECT heard.consumer, lower(hole)::float8 AS "from", upper(hole)::float8 - 1 AS "to",
           lower(hole) >= upper(heard.numbers) AS open
    FROM jsonb_to_recordset(${JSON.stringify(told)}::text::jsonb) AS told (consumer text, epoch text, last bigint)
    JOIN heard USING (consumer, epoch)
    CROSS JOIN LATERAL unnest(
      int8multirange(int8range(lower(numbers), greatest(told.last + 1, lower(numbers)))) - numbers
    ) AS hole
    WHERE NOT isempty(numbers)
    ORDER BY 1, 2 LIMIT 100`;
}
