import { defineCheck, type Tally } from './check.ts';
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
      const first = attempts.find(({ outcome }) => outcome === 'ok');
      if (!first) continue;
      const [stands, order] = [keys.get(intention), idOf(first)];
      tally.demand(
        'keys stored',
        stands === order,
        () => `${intention} was answered with ${order}, and stands for ${stands}`,
      );
      demandOneAnswer(tally, intention, attempts, first);
    }
    for (const [key, uses] of Map.groupBy(keyed, ({ about }) => about.idempotencyKey)) {
      const answered = uses.filter(({ outcome }) => outcome === 'ok');
      const ids = new Map(answered.map((use) => [intentionOf(use), idOf(use)]));
      if (ids.size < 2) continue;
      const apart = new Set(ids.values()).size === ids.size;
      tally.demand(
        'keys of several callers',
        apart,
        () => `${key} gave several callers one order: ${[...ids].join(' ')}`,
      );
    }
  },
});

function demandOneAnswer(
  tally: Tally<'repeated keys' | 'keys with several bodies'>,
  intention: string,
  attempts: readonly Placing[],
  first: Placing,
): void {
  const body = fingerprintOf(first.request);
  const repeated = attempts.filter(({ outcome, request }) => outcome === 'ok' && fingerprintOf(request) === body);
  if (repeated.length > 1) {
    const answers = [...new Set(repeated.map(({ reply }) => reply))];
    tally.demand(
      'repeated keys',
      answers.length === 1,
      () => `${intention} was answered differently: ${answers.join(' | ')}`,
    );
    const news = repeated.filter(({ replayed }) => !replayed).length;
    tally.demand('repeated keys', news <= 1, () => `${intention} was answered as new ${news} times`);
  }
  for (const other of attempts.filter(({ request }) => fingerprintOf(request) !== body)) {
    tally.demand(
      'keys with several bodies',
      isRefused(other, first),
      () => `${intention} with another body was answered ${other.status}: ${other.reply}`,
    );
  }
}

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
