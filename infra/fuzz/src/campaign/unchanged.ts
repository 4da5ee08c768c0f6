import { type Database, differences } from '../system/database.ts';
import type { Target } from '../system/target.ts';
import { Connection } from '../wire/connection.ts';
import { asCurl } from '../wire/message.ts';
import type { Finding } from './finding.ts';
import type { Refused } from './stage.ts';

export interface UnchangedResult {
  readonly requests: number;
  /** How often the database was compared. */
  readonly batches: number;
  readonly findings: readonly Finding[];
}

const batchSize = 200;
const atOnce = 8;

/**
 * Requests that were refused are sent again while nothing else is; then the database is what it was before, to the last
 * byte of every row. A batch in which one was taken after all (a thing that was not there is there now) proves nothing.
 */
export async function unchangedBy(
  target: Target,
  database: Database,
  refused: readonly Refused[],
  milliseconds: number,
): Promise<UnchangedResult> {
  const deadline = performance.now() + milliseconds;
  const findings: Finding[] = [];
  let requests = 0;
  let batches = 0;
  let before = await database.settled();
  for (let at = 0; at < refused.length && performance.now() < deadline; at += batchSize) {
    const batch = refused.slice(at, at + batchSize);
    const statuses = await sendAll(target, batch);
    requests += batch.length;
    const after = await database.settled();
    if (statuses.every((status) => status >= 400 || status === 0)) {
      batches += 1;
      if (differences(before, after).length > 0) {
        const found = await culprit(target, database, batch);
        if (found) findings.push(found);
      }
    }
    before = after;
  }
  return { requests, batches, findings };
}

async function sendAll(target: Target, batch: readonly Refused[]): Promise<number[]> {
  const statuses: number[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const connection = new Connection(target.gateway);
      for (let one = batch[next++]; one; one = batch[next++]) {
        const outcome = await connection.send(one.message);
        statuses.push(outcome.kind === 'reply' ? outcome.reply.status : 0);
      }
      connection.close();
    }),
  );
  return statuses;
}

/** The batch is halved until one is left that changes something by itself; nothing when it does not do so again. */
async function culprit(target: Target, database: Database, batch: readonly Refused[]): Promise<Finding | undefined> {
  const changedBy = async (suspects: readonly Refused[]): Promise<string[]> => {
    const before = await database.settled();
    await sendAll(target, suspects);
    return differences(before, await database.settled());
  };
  let suspects = batch;
  while (suspects.length > 1) {
    const half = suspects.slice(0, Math.ceil(suspects.length / 2));
    suspects = (await changedBy(half)).length > 0 ? half : suspects.slice(half.length);
  }
  const [suspect] = suspects as [Refused];
  const changes = await changedBy([suspect]);
  if (changes.length === 0) return undefined;
  return {
    where: suspect.route,
    fault: `was refused and changed the database all the same: ${changes.join('; ')}`,
    kinds: suspect.kinds,
    reproduction: asCurl(target.gateway, suspect.message),
    replay: undefined,
    answer: '',
    times: 1,
  };
}
