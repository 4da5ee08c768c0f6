import fc from 'fast-check';
import { readOperations } from '../api/document.ts';
import { write } from '../generate/draft.ts';
import { requestsOf } from '../generate/request.ts';
import { faultsOf, refusalShapes } from '../oracle/reply.ts';
import type { Target } from '../system/target.ts';
import { Connection } from '../wire/connection.ts';
import { shuffled } from './plan.ts';

interface LimitsOptions {
  readonly seed: number;
  readonly requests: number;
}

export interface LimitsResult {
  readonly requests: number;
  /** Calls that were told to come back later. */
  readonly limited: readonly string[];
  readonly findings: readonly string[];
}

const workers = 8;
/** Nobody is signed in: limits by address come before that. */
const nothing = { look: () => undefined, authorization: () => undefined };

/** A system whose limits are not raised: most of these come too often, and each is told so in its dialect's manners. */
export async function underLimits(target: Target, { seed, requests }: LimitsOptions): Promise<LimitsResult> {
  const reader = new Connection(target.gateway);
  const operations = await readOperations(reader);
  reader.close();
  const shapes = refusalShapes(operations);
  const each = Math.ceil(requests / operations.length);
  const drafts = operations.flatMap((operation) => fc.sample(requestsOf(operation), { seed, numRuns: each }));
  const queue = shuffled(drafts, seed).slice(0, requests);
  const findings = new Set<string>();
  const limited = new Set<string>();
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      const connection = new Connection(target.gateway);
      for (let draft = queue[next++]; draft; draft = queue[next++]) {
        const { operation } = draft;
        const message = write(draft, nothing);
        const outcome = await connection.send(message);
        if (outcome.kind !== 'reply') {
          findings.add(`${operation.name}: ${outcome.kind}`);
          continue;
        }
        if (outcome.reply.status === 429) limited.add(operation.name);
        const question = { operation, message, elsewhere: false, guarded: true };
        for (const fault of faultsOf(question, outcome.reply, shapes)) findings.add(`${operation.name}: ${fault}`);
      }
      connection.close();
    }),
  );
  return { requests: queue.length, limited: [...limited], findings: [...findings] };
}
