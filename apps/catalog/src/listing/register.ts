import type { Clock, Database, Logger } from '@forecourt/service-kit';
import type { Revisions } from '../change-log/revision.ts';
import { Columns } from './columns.ts';
import { readFacts, readFactsOf } from './store.ts';

/** What lists go by, held in this process, so that filters that nobody asked for before cost the database nothing. */
export interface Register {
  /**
   * No older than this revision of the catalogue. Null while it is not at hand (nobody asked before, prices have changed
   * throughout, the database refused): then the database must be asked.
   */
  at(revision: number): Promise<Columns | null>;
}

interface Surroundings {
  readonly database: Pick<Database, 'pool'>;
  readonly revisions: Pick<Revisions, 'current' | 'rowsSince'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Products a statement, when all are read: a shop that fits is waited for, a larger one is read while Postgres answers. */
const batchSize = 2_000;
/** Values that no product has any more keep their codes until all is read anew, after so many changes. */
const mostChanges = 100_000;
const restMilliseconds = 1_000;

export function createRegister({ database, revisions, clock, log }: Surroundings, batch = batchSize): Register {
  let held: { columns: Columns; revision: number; changes: number } | undefined;
  let filling = false;
  let following: Promise<void> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  const postpone = (error: unknown) => {
    failedAt = clock().getTime();
    log.warn({ err: error }, 'lists could not be brought up to date in memory, the database answers them');
  };

  const rests = () => {
    const age = clock().getTime() - failedAt;
    return age >= 0 && age < restMilliseconds;
  };

  /** As in all that is kept: under the revision that was known before the reading began. */
  const follow = async () => {
    const { catalogue } = await revisions.current();
    const changed = held ? revisions.rowsSince(held.revision) : null;
    if (!held || !changed || held.changes + changed.length > mostChanges) return fill(catalogue);
    if (changed.length > 0) held.columns.put(changed, await readFactsOf(database, changed));
    held.revision = catalogue;
    held.changes += changed.length;
  };

  const fill = async (revision: number) => {
    held = undefined;
    const columns = new Columns();
    let after: string | undefined = '';
    const read = async (from: string) => {
      const facts = await readFacts(database, from, batch);
      const ids = facts.map(({ id }) => id);
      columns.put(ids, facts);
      after = facts.length < batch ? undefined : ids.at(-1);
    };
    const done = () => {
      held = { columns, revision, changes: 0 };
    };
    await read(after);
    if (after === undefined) return done();

    filling = true;
    const readTheRest = async () => {
      while (after !== undefined) await read(after);
      done();
    };
    readTheRest()
      .catch(postpone)
      .finally(() => {
        filling = false;
      });
  };

  return {
    at: async (revision) => {
      while (!held || held.revision < revision) {
        if (filling || rests()) return null;
        following ??= follow()
          .catch(postpone)
          .finally(() => {
            following = undefined;
          });
        await following;
      }
      return held.columns;
    },
  };
}
