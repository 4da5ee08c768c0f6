import { beginAnew } from '../change-log/epoch.ts';
import type { Deps } from '../deps.ts';
import { type Page, readPage } from './store.ts';
import { type Position, type SyncItem, unknownCursor } from './sync.ts';

type SyncDeps = Pick<Deps, 'database' | 'transact' | 'news'>;

/** What happened to products after this place; from the beginning when there is none. */
export async function readChanges(
  { database, transact }: Pick<SyncDeps, 'database' | 'transact'>,
  after: Position | undefined,
  limit: number,
): Promise<Page> {
  let page = await readPage(database, after, limit);
  if (!page) {
    await transact(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.change_log'), 0)`;
      // Whoever waited for another process to do it finds it done.
      if (!(await readPage(tx, undefined, 1))) await beginAnew(tx);
    });
    page = await readPage(database, after, limit);
  }
  if (!page) throw new Error('the change log is ahead of its database');
  if (after && after.epoch !== page.position.epoch) throw unknownCursor();
  return page;
}

/** How long whoever does not want to wait is kept for what an older transaction hides: they come again at once. */
const hiddenMs = 1_000;

/** As `readChanges`, but that it waits for something to happen when nothing has. */
export async function awaitChanges(
  deps: SyncDeps,
  { after, limit, waitMs, signal }: { after: Position | undefined; limit: number; waitMs: number; signal: AbortSignal },
): Promise<Page> {
  const begun = performance.now();
  for (let place = after; ; ) {
    const seen = waitMs > 0 ? await deps.news.seen() : 0;
    const page = await readChanges(deps, place, limit);
    place = page.position;
    const mostMs = begun + (page.pending ? Math.max(waitMs, hiddenMs) : waitMs) - performance.now();
    if (page.items.length > 0 || page.more || mostMs <= 0 || signal.aborted) return page;
    await deps.news.wait({ seen, soon: page.pending, mostMs, signal });
  }
}

/** What a stream of changes says. */
export type Said =
  | { readonly what: 'item'; readonly item: SyncItem }
  /** All that has happened has been said, and nothing is hidden by an older transaction. */
  | { readonly what: 'current'; readonly position: Position }
  /** Nothing, so that nobody takes the line for broken. */
  | { readonly what: 'alive' };

const pageSize = 200;
const aliveEveryMs = 10_000;

/** Changes as they happen, for so long as the caller wants to hear and may. */
export async function* followChanges(
  deps: SyncDeps,
  {
    after,
    mostMs,
    signal,
    mayHear,
  }: {
    after: Position | undefined;
    mostMs: number;
    signal: AbortSignal;
    mayHear: () => boolean;
  },
): AsyncGenerator<Said> {
  const end = performance.now() + mostMs;
  let place = after;
  let isCurrent = false;
  while (!signal.aborted && performance.now() < end) {
    const waitMs = isCurrent ? aliveEveryMs : 0;
    const page = await awaitChanges(deps, { after: place, limit: pageSize, waitMs, signal });
    if (!mayHear()) return;
    place = page.position;
    for (const item of page.items) yield { what: 'item', item };
    if (page.more || (page.pending && !isCurrent)) continue;
    if (!isCurrent) yield { what: 'current', position: place };
    else if (page.items.length === 0) yield { what: 'alive' };
    isCurrent = true;
  }
}
