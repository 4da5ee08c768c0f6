import { createHash } from 'node:crypto';
import type { Fault, History, Operation, OperationKind } from '../history.ts';
import { defineCheck, type Tally } from './check.ts';

export interface SessionMaterial {
  readonly history: Pick<History, 'began' | 'operations' | 'faults'>;
  readonly sessions: readonly SessionRow[];
  readonly tokens: readonly TokenRow[];
}

interface SessionRow {
  readonly id: string;
  readonly endedAt: Date | null;
}

export interface TokenRow {
  /** Hex of its SHA-256. */
  readonly hash: string;
  readonly sessionId: string;
  readonly spentAt: Date | null;
}

type Kind =
  | 'uses after a logout'
  | 'uses excused by a fault'
  | 'refreshes'
  | 'refreshes after a logout'
  | 'reuses'
  | 'families';

export const sessions = defineCheck<SessionMaterial, Kind>({
  name: 'sessions',
  what: 'No token works a second after its session ended; a refresh token has one successor, and reuse ends its family.',
  kinds: [
    'uses after a logout',
    'uses excused by a fault',
    'refreshes',
    'refreshes after a logout',
    'reuses',
    'families',
  ],
  optional: ['uses excused by a fault', 'refreshes after a logout', 'reuses'],

  async gather({ database, history }) {
    const [rows, tokens] = await Promise.all([
      // Apps and the subscribers' site have a token for weeks instead of a family.
      database.query<SessionRow>(`
        SELECT id, ended_at AS "endedAt" FROM identity.session AS s
        WHERE NOT EXISTS (SELECT FROM identity.app_token WHERE session_id = s.id)
          AND NOT EXISTS (SELECT FROM identity.site_token WHERE session_id = s.id)`),
      database.query<TokenRow>(
        `SELECT encode(hash, 'hex') AS hash, session_id AS "sessionId", spent_at AS "spentAt" FROM identity.refresh_token`,
      ),
    ]);
    return { history, sessions: rows.rows, tokens: tokens.rows };
  },

  judge(tally, material) {
    const ends = logouts(material.history.operations);
    demandDead(tally, material, ends);
    demandSuccessors(tally, material, ends);
    demandFamilies(tally, material);
  },
});

/** When each session's logout was acknowledged first. */
function logouts(operations: readonly Operation[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const { kind, outcome, about, endedAt } of operations) {
    if (kind !== 'logout' || outcome !== 'ok' || about.session === undefined) continue;
    ends.set(about.session, Math.min(endedAt, ends.get(about.session) ?? endedAt));
  }
  return ends;
}

/** By whom a call is answered that needs a token. */
const answeredBy: Readonly<Partial<Record<OperationKind, string>>> = {
  whoami: 'identity',
  place: 'orders',
  'list-orders': 'orders',
};

/** Half a minute without a proof that nothing is missing, and a service vouches for nobody. */
const trustMs = 30_000;
const withinMs = 1_000;
/** What a process needs after a fault until it is back to normal. */
const recoveryMs = 5_000;

/**
 * A revocation travels by event. While something on its way is broken the word cannot arrive, and the promise is what the
 * services make of that: they trust what they know for half a minute and then refuse.
 */
function demandDead(
  tally: Tally<'uses after a logout' | 'uses excused by a fault'>,
  { history: { operations, faults } }: SessionMaterial,
  ends: ReadonlyMap<string, number>,
): void {
  for (const operation of operations) {
    const by = answeredBy[operation.kind];
    const endedAt = ends.get(operation.about.session ?? '');
    if (by === undefined || endedAt === undefined || operation.startedAt <= endedAt + withinMs) continue;
    const late = operation.startedAt - endedAt;
    const works = operation.outcome === 'ok';
    const isExcused = late <= trustMs + withinMs && faults.some((fault) => delaysWord(fault, by, endedAt, operation));
    if (works && (isExcused || late <= withinMs + paceMs(operations, endedAt, operation.startedAt))) {
      tally.demand('uses excused by a fault', true, () => '');
    } else {
      const says = `${operation.kind} ${operation.id} was answered ${Math.round(late)} ms`;
      tally.demand('uses after a logout', !works, () => `${says} after the logout of ${operation.about.session}`);
    }
  }
}

/** The slowest success of that time: where an answer takes three seconds, word of a logout may take as long. */
function paceMs(operations: readonly Operation[], from: number, until: number): number {
  return operations.reduce((slowest, { outcome, startedAt, endedAt }) => {
    const wasThen = outcome === 'ok' && endedAt >= from && startedAt < until;
    return wasThen ? Math.max(slowest, endedAt - startedAt) : slowest;
  }, 0);
}

const onEveryWay = /^(broker|database|relay|link)-/;

function delaysWord(
  { kind, target, from, to, impossible }: Fault,
  by: string,
  endedAt: number,
  use: Operation,
): boolean {
  if (impossible !== undefined) return false;
  const overlaps = from <= use.startedAt && (to ?? Number.POSITIVE_INFINITY) + recoveryMs >= endedAt;
  return overlaps && (onEveryWay.test(kind) || target.startsWith('identity') || target.startsWith(by));
}

const hashOf = (refreshToken: string) => createHash('sha256').update(refreshToken).digest('hex');
const graceMs = 30_000;
/** Between what a client's clock and the service's say, and for the way between them. */
const slackMs = 2_000;

function demandSuccessors(
  tally: Tally<'refreshes' | 'refreshes after a logout' | 'reuses'>,
  { history: { began, operations, faults }, sessions: rows, tokens }: SessionMaterial,
  ends: ReadonlyMap<string, number>,
): void {
  const tokenOf = new Map(tokens.map((token) => [token.hash, token]));
  const endOf = new Map(rows.map(({ id, endedAt }) => [id, endedAt]));
  // A stepped clock moves what the table says was spent when.
  const clockIsTrue = !faults.some(({ kind, target }) => kind === 'clock-step' && target.startsWith('identity'));
  const refreshes = operations.filter(({ kind, about }) => kind === 'refresh' && about.refreshToken !== undefined);

  for (const [sent, uses] of Map.groupBy(refreshes, ({ about }) => about.refreshToken ?? '')) {
    const token = tokenOf.get(hashOf(sent));
    const successors = new Set(uses.filter(({ outcome }) => outcome === 'ok').map(successorOf));
    tally.demand(
      'refreshes',
      successors.size <= 1,
      () => `a token of ${token?.sessionId} was followed by ${successors.size}`,
    );
    for (const successor of successors) {
      const isKept = tokenOf.get(hashOf(successor))?.sessionId === token?.sessionId;
      tally.demand('refreshes', isKept, () => `the successor of a token of ${token?.sessionId} is not of its family`);
    }
    if (!token) continue;
    for (const use of uses) {
      const endedAt = ends.get(token.sessionId);
      if (endedAt !== undefined && use.startedAt > endedAt) {
        tally.demand(
          'refreshes after a logout',
          use.outcome !== 'ok',
          () => `refresh ${use.id} was answered after the logout of ${token.sessionId}`,
        );
      }
      // Whoever came first may have spent it.
      const isRepetition = uses.some(({ endedAt: earlier, outcome }) => outcome !== 'fail' && earlier < use.startedAt);
      const late = Date.parse(began) + use.startedAt - (token.spentAt?.getTime() ?? Number.POSITIVE_INFINITY);
      if (!clockIsTrue || !isRepetition || late <= graceMs + slackMs) continue;
      if (use.outcome !== 'ok' && use.status !== 401) continue;
      const isOver = use.outcome !== 'ok' && endOf.get(token.sessionId) !== null;
      const spent = `${Math.round(late)} ms before`;
      tally.demand(
        'reuses',
        isOver,
        () => `refresh ${use.id} used a token spent ${spent}, and ${token.sessionId} lives on`,
      );
    }
  }
}

const successorOf = ({ reply }: Operation): string =>
  (JSON.parse(reply ?? '{}') as { refreshToken?: string }).refreshToken ?? '';

/** Whoever holds a family's last token can go on; there are never two of it. */
function demandFamilies(tally: Tally<'families'>, { sessions: rows, tokens }: SessionMaterial): void {
  const families = Map.groupBy(tokens, ({ sessionId }) => sessionId);
  for (const { id, endedAt } of rows) {
    if (endedAt !== null) continue;
    const tips = (families.get(id) ?? []).filter(({ spentAt }) => spentAt === null).length;
    tally.demand('families', tips === 1, () => `${id} has ${tips} refresh tokens that are not spent`);
  }
}
