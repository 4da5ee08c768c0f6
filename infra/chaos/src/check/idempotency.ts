import { defineCheck } from './check.ts';
import { fingerprintOf, intentionOf, isPlacing, type Placing } from './intention.ts';

export interface IdempotencyMaterial {
  readonly placings: readonly Placing[];
  /** By intention: the order that its key stands for. */
  readonly keys: ReadonlyMap<string, string>;
}

type Kind = 'repeated keys' | 'keys with several bodies' | 'keys of several callers' | 'keys stored';

export const idempotency = defineCheck<IdempotencyMaterial, Kind>({
  name: 'idempotency',
  what: "A key and its body give one answer, byte for byte; another body is refused; another caller's key is another key.",
  kinds: ['repeated keys', 'keys with several bodies', 'keys of several callers', 'keys stored'],
  optional: ['keys with several bodies', 'keys of several callers'],

  async gather({ database, history }) {
    const { rows } = await database.query<{ intention: string; orderId: string }>(
      `SELECT scope || ' ' || key AS intention, order_id AS "orderId" FROM orders.idempotency_keys`,
    );
    return {
      placings: history.operations.filter(isPlacing),
      keys: new Map(rows.map(({ intention, orderId }) => [intention, orderId])),
    };
  },

  judge(tally, { placings, keys }) {
    const keyed = placings.filter(({ about }) => about.idempotencyKey !== undefined);
    for (const [intention, attempts] of Map.groupBy(keyed, intentionOf)) {
      const answered = attempts.filter(({ outcome }) => outcome === 'ok');
      const [first] = answered;
      if (!first) continue;

      const stands = keys.get(intention);
      tally.demand(
        'keys stored',
        stands === idOf(first),
        () => `${intention} was answered with ${idOf(first)}, and stands for ${stands}`,
      );
      if (answered.length > 1) {
        const same = answered.every(({ reply }) => reply === first.reply);
        tally.demand(
          'repeated keys',
          same,
          () => `${intention} was answered differently: ${answered.map(({ reply }) => reply).join(' | ')}`,
        );
        const news = answered.filter(({ replayed }) => !replayed).length;
        tally.demand('repeated keys', news <= 1, () => `${intention} was answered as new ${news} times`);
      }
      const body = fingerprintOf(first.request);
      for (const other of attempts.filter(({ request }) => fingerprintOf(request) !== body)) {
        tally.demand(
          'keys with several bodies',
          isRefused(other, first),
          () => `${intention} with another body was answered ${other.status}: ${other.reply ?? other.code}`,
        );
      }
    }
    for (const [key, uses] of Map.groupBy(keyed, ({ about }) => about.idempotencyKey)) {
      const ids = new Map(uses.filter(({ outcome }) => outcome === 'ok').map((use) => [intentionOf(use), idOf(use)]));
      if (ids.size < 2) continue;
      const apart = new Set(ids.values()).size === ids.size;
      tally.demand(
        'keys of several callers',
        apart,
        () => `${key} of several callers gave them one order: ${[...ids.values()].join(' ')}`,
      );
    }
  },
});

const idOf = ({ reply }: Placing): string => (JSON.parse(reply ?? '{}') as { _id: string })._id;

/** These say no before anybody looks at the key. */
const beforeTheKey = new Set<number | null>([401, 429]);

/** 409 in the storefront's words; before the key stood for anything its body may have been refused for itself. */
function isRefused(other: Placing, first: Placing): boolean {
  if (other.outcome === 'unknown') return true;
  if (other.outcome === 'ok') return false;
  if (other.startedAt < first.endedAt || beforeTheKey.has(other.status)) return true;
  const body = JSON.parse(other.reply ?? '{}') as { statusCode?: number };
  return other.status === 409 && body.statusCode === 409;
}
