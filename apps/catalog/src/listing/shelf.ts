import { createHash } from 'node:crypto';
import type { Clock } from '@forecourt/service-kit';
import { LRUCache } from 'lru-cache';
import type { Revisions } from '../change-log/revision.ts';
import type { Facets } from './listing.ts';

/** An answer ready to send. */
export interface Answer extends Made {
  readonly etag: string;
  /** The last revision of the catalogue at which it was known to be right. */
  revision: number;
}

export interface Made {
  readonly body: string;
  /** The one product that it shows; undefined when it depends on any. */
  readonly about: string | undefined;
  /** The instant from which prices differ, whatever happens. */
  readonly goodUntil: Date | null;
}

/** What is kept as long as the catalogue stays as it is. */
export interface Memory<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  forget(key: string): void;
}

/** What many pages share: pages of one filter their total, and pages of different filters some of their facets. */
export interface Figures {
  readonly totals: Memory<number>;
  readonly facets: Memory<Promise<Partial<Facets>>>;
}

/** Answers of the public catalogue, kept in this process until the catalogue changes or a discount begins or ends. */
export interface Shelf {
  /** The answer under this key, made now if there is none that is still right. Equal questions at once are made once. */
  take(key: string, make: (figures: Figures) => Promise<Made>): Promise<Answer>;
}

const maxBytes = 32 * 1024 * 1024;
const maxTotals = 10_000;
const maxFacets = 2_000;

export function createShelf(revisions: Revisions, clock: Clock): Shelf {
  const answers = new LRUCache<string, Answer>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }, key) => 2 * body.length + key.length + 200,
  });
  const inTheMaking = new Map<string, Promise<Answer>>();
  const totals = memory<number>(maxTotals);
  const facets = memory<Promise<Partial<Facets>>>(maxFacets);

  return {
    take: async (key, make) => {
      const { catalogue: revision } = await revisions.current();
      const kept = answers.get(key);
      if (kept && revisions.holds(kept.revision, kept.about) && (kept.goodUntil === null || clock() < kept.goodUntil)) {
        kept.revision = revision;
        return kept;
      }

      // Under the revision that was known before the reading began: what is read may be newer, never older.
      const makingKey = `${revision} ${key}`;
      let making = inTheMaking.get(makingKey);
      if (!making) {
        making = make({ totals: totals.at(revision), facets: facets.at(revision) })
          .then((made) => {
            const answer = { ...made, revision, etag: etagOf(made.body) };
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

function memory<Value>(max: number): { at(revision: number): Memory<Value> } {
  const held = new LRUCache<string, { revision: number; value: Value }>({ max });
  return {
    at: (revision) => ({
      get: (key) => {
        const kept = held.get(key);
        return kept?.revision === revision ? kept.value : undefined;
      },
      set: (key, value) => void held.set(key, { revision, value }),
      forget: (key) => void held.delete(key),
    }),
  };
}

const etagOf = (body: string) => `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
