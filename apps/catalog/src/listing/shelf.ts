import { hash } from 'node:crypto';
import type { Clock } from '@forecourt/service-kit';
import { LRUCache } from 'lru-cache';
import type { Revisions } from '../change-log/revision.ts';
import type { CatalogueLanguage } from '../translation/translation.ts';
import type { Facets } from './listing.ts';

/** An answer ready to send. */
class Answer implements Made {
  readonly body: Buffer;
  readonly about: string | undefined;
  readonly goodUntil: Date | null;
  /** The last revision of the catalogue at which it was known to be right. */
  revision: number;
  #etag: string | undefined;

  constructor({ body, about, goodUntil }: Made, revision: number) {
    this.body = body;
    this.about = about;
    this.goodUntil = goodUntil;
    this.revision = revision;
  }

  /** Worked out when it is first sent by itself: most products are only seen in lists. */
  get etag(): string {
    this.#etag ??= `"${hash('sha256', this.body, 'base64url').slice(0, 22)}"`;
    return this.#etag;
  }
}

export interface Made {
  /** Bytes: to encode a page's text each time that it is sent cost more than all else about it. */
  readonly body: Buffer;
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

/** What many answers share: pages of one filter their total, pages of different filters some of their facets, all their products. */
export interface Shared {
  /** Of the catalogue: what is made must be no older. */
  readonly revision: number;
  readonly totals: Memory<number>;
  readonly facets: Memory<Promise<Partial<Facets>>>;
  /** By `productKey`. */
  readonly products: Pick<Memory<Made>, 'get' | 'set'>;
}

/** A product is in lists what it is by itself, so one copy serves both. */
export const productKey = (idOrSlug: string, language: CatalogueLanguage): string => `product ${language} ${idOrSlug}`;

/** Answers of the public catalogue, kept in this process until the catalogue changes or a discount begins or ends. */
export interface Shelf {
  /** The answer under this key, made now if there is none that is still right. Equal questions at once are made once. */
  take(key: string, make: (shared: Shared) => Promise<Made>): Promise<Answer>;
}

/** What is kept under two names is counted twice, so that less is used. */
const maxBytes = 64 * 1024 * 1024;
const maxTotals = 10_000;
const maxFacets = 2_000;

export function createShelf(revisions: Revisions, clock: Clock): Shelf {
  const answers = new LRUCache<string, Answer>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }, key) => body.length + key.length + 200,
  });
  const inTheMaking = new Map<string, Promise<Answer>>();
  const totals = memory<number>(maxTotals);
  const facets = memory<Promise<Partial<Facets>>>(maxFacets);

  const find = (key: string, revision: number): Answer | undefined => {
    const kept = answers.get(key);
    if (!kept || !revisions.holds(kept.revision, kept.about)) return undefined;
    if (kept.goodUntil !== null && clock() >= kept.goodUntil) return undefined;
    kept.revision = Math.max(kept.revision, revision);
    return kept;
  };
  const keep = (key: string, made: Made, revision: number): Answer => {
    const answer = made instanceof Answer ? made : new Answer(made, revision);
    answers.set(key, answer);
    return answer;
  };
  const sharedAt = (revision: number): Shared => ({
    revision,
    totals: totals.at(revision),
    facets: facets.at(revision),
    products: {
      get: (key) => find(key, revision),
      set: (key, made) => void keep(key, made, revision),
    },
  });

  return {
    take: async (key, make) => {
      const { catalogue: revision } = await revisions.current();
      const kept = find(key, revision);
      if (kept) return kept;

      // Under the revision that was known before the reading began: what is read may be newer, never older.
      const makingKey = `${revision} ${key}`;
      let making = inTheMaking.get(makingKey);
      if (!making) {
        making = make(sharedAt(revision))
          .then((made) => keep(key, made, revision))
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
