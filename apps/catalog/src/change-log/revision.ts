import type { SqlTx } from '@forecourt/messaging';
import {
  Changes,
  type Clock,
  nameOfRevision,
  newUuid,
  type RevisionNews,
  type RevisionQuestion,
} from '@forecourt/service-kit';

/** Counts the changes that this process has noticed. What was read at one revision is right until there is another. */
export interface Revision {
  /** Of anything that a shop can see. */
  readonly catalogue: number;
  /** Of categories, manufacturers, countries and discounts alone. */
  readonly directory: number;
}

export interface Revisions {
  /** At most `staleMilliseconds` behind what any process has committed. */
  current(): Promise<Revision>;
  /** Whether what was right at an earlier revision of the catalogue is right now, when it shows this product alone, or anything. */
  holds(catalogue: number, productId: string | undefined): boolean;
  /** Whose facts have changed since an earlier revision of the catalogue; null: anybody's may have, or all prices. */
  rowsSince(catalogue: number): readonly string[] | null;
  /** What others may call this process' revision of the catalogue: no other process has the same, nor this one again. */
  nameOf(catalogue: number): string;
  /** The revision, and which products have changed since an earlier one. */
  news(question: RevisionQuestion): Promise<RevisionNews>;
  /** This process has changed something: look before the next answer. */
  expire(): void;
}

/** How long an answer may ignore another process' change. */
const staleMilliseconds = 250;

interface Glance {
  changes: number;
  directory: number;
  prices: number;
  products: string[] | null;
  changes_above: number;
  directory_above: number;
  prices_above: number;
  horizon: bigint;
}

/**
 * Notices changes by the change log, asked at most four times a second however many requests come. Rows become visible in
 * no order, so no "newest row" will do: it counts the visible rows of transactions that were still undecided last time,
 * and that number can only grow.
 */
export function watchRevisions(database: Pick<SqlTx, '$queryRaw'>, clock: Clock): Revisions {
  let revision: Revision = { catalogue: 0, directory: 0 };
  /** All transactions below it are decided, and counted. */
  let bound: bigint | null = null;
  let seen = { changes: 0, directory: 0, prices: 0 };
  let checkedAt = Number.NEGATIVE_INFINITY;
  /** Changes of our own, and how many of them had been committed when the last look began. */
  let expiries = 0;
  let coveredExpiries = 0;
  let checking: Promise<void> | undefined;
  const epoch = newUuid();
  const history = new Changes(0);
  /** As the history, but that most of the directory leaves the rows of products as they are. */
  const rows = new Changes(0);

  const check = async () => {
    const startedAt = clock().getTime();
    const covered = expiries;
    const [now] = await database.$queryRaw<Glance[]>`
      SELECT count(seq)::int AS changes,
             (count(seq) FILTER (WHERE kind NOT IN ('product', 'stock', 'price')))::int AS directory,
             (count(seq) FILTER (WHERE kind IN ('discount', 'prices')))::int AS prices,
             array_agg(DISTINCT thing_id) FILTER (WHERE kind IN ('product', 'stock')) AS products,
             (count(seq) FILTER (WHERE change_log.xid >= horizon))::int AS changes_above,
             (count(seq) FILTER (WHERE change_log.xid >= horizon AND kind NOT IN ('product', 'stock', 'price')))::int AS directory_above,
             (count(seq) FILTER (WHERE change_log.xid >= horizon AND kind IN ('discount', 'prices')))::int AS prices_above,
             horizon::text::bigint AS horizon
      FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon) AS snapshot
      LEFT JOIN change_log ON change_log.xid >= coalesce(${bound === null ? null : String(bound)}::text::xid8, horizon)
      GROUP BY horizon`;
    if (!now) throw new Error('an aggregate gave no row');
    // Transaction ids that go back are another database behind the same address: nothing known of it holds.
    const restored = bound !== null && now.horizon < bound;
    const changed = (what: keyof typeof seen) => restored || bound === null || now[what] !== seen[what];
    if (changed('changes')) {
      const directory = changed('directory');
      revision = { catalogue: revision.catalogue + 1, directory: revision.directory + (directory ? 1 : 0) };
      // Some of these may have been noticed already: a product too many is only read again.
      const products = now.products ?? [];
      history.note(revision.catalogue, directory ? null : products);
      rows.note(revision.catalogue, changed('prices') ? null : products);
    }
    bound = now.horizon;
    seen = { changes: now.changes_above, directory: now.directory_above, prices: now.prices_above };
    checkedAt = startedAt;
    coveredExpiries = covered;
  };
  const isFresh = () => {
    const age = clock().getTime() - checkedAt;
    return age >= 0 && age < staleMilliseconds && coveredExpiries === expiries;
  };

  const current = async () => {
    if (isFresh()) return revision;
    const known = expiries;
    // A look that is under way may have begun before a change of our own; the next one has not.
    do {
      checking ??= check().finally(() => {
        checking = undefined;
      });
      await checking;
    } while (coveredExpiries < known);
    return revision;
  };
  const expire = () => {
    expiries += 1;
  };
  const nameOf = (catalogue: number) => nameOfRevision({ epoch, count: catalogue });

  return {
    current,
    holds: (catalogue, productId) => history.holds(catalogue, productId),
    rowsSince: (catalogue) => rows.since(catalogue),
    nameOf,
    news: async ({ since, anew }) => {
      if (anew) expire();
      const { catalogue } = await current();
      return { revision: nameOf(catalogue), changed: since?.epoch === epoch ? history.since(since.count) : null };
    },
    expire,
  };
}
