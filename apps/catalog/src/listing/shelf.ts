import { createHash } from 'node:crypto';
import type { Clock } from '@forecourt/service-kit';
import { LRUCache } from 'lru-cache';
import type { Revisions } from '../change-log/revision.ts';

/** An answer ready to send, of a revision of the catalogue. */
export interface Answer {
  readonly body: string;
  readonly etag: string;
  readonly revision: number;
  /** The instant from which prices differ, whatever happens. */
  readonly goodUntil: Date | null;
}

export interface Made {
  readonly body: string;
  /** The instant from which prices differ, whatever happens. */
  readonly goodUntil: Date | null;
}

/** How many products a filter lets through, kept as long as the catalogue stays as it is. */
export interface Totals {
  get(filter: string): number | undefined;
  set(filter: string, total: number): void;
}

/** Answers of the public catalogue, kept in this process until the catalogue changes or a discount begins or ends. */
export interface Shelf {
  /** The answer under this key, made now if there is none that is still right. Equal questions at once are made once. */
  take(key: string, make: (totals: Totals) => Promise<Made>): Promise<Answer>;
}

const maxBytes = 32 * 1024 * 1024;
const maxTotals = 10_000;

export function createShelf(revisions: Revisions, clock: Clock): Shelf {
  const answers = new LRUCache<string, Answer>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }, key) => 2 * body.length + key.length + 200,
  });
  const inTheMaking = new Map<string, Promise<Answer>>();
  const totals = new LRUCache<string, { revision: number; total: number }>({ max: maxTotals });

  const totalsAt = (revision: number): Totals => ({
    get: (filter) => {
      const kept = totals.get(filter);
      return kept?.revision === revision ? kept.total : undefined;
    },
    set: (filter, total) => void totals.set(filter, { revision, total }),
  });

  return {
    take: async (key, make) => {
      const { catalogue: revision } = await revisions.current();
      const kept = answers.get(key);
      if (kept?.revision === revision && (kept.goodUntil === null || clock() < kept.goodUntil)) return kept;

      // Under the revision that was known before the reading began: what is read may be newer, never older.
      const makingKey = `${revision} ${key}`;
      let making = inTheMaking.get(makingKey);
      if (!making) {
        making = make(totalsAt(revision))
          .then(({ body, goodUntil }) => {
            const answer = { revision, body, goodUntil, etag: etagOf(body) };
            answers.set(key, answer);
            return answer;
          })
          .finally(() => inTheMaking.delete(makingKey));
        inTheMaking.set(makingKey, making);
      }
      return making;
    },
  };
}

const etagOf = (body: string) => `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
