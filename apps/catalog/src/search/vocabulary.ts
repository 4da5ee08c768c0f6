import type { Database, Logger } from '@forecourt/service-kit';
import type { Revisions } from '../change-log/revision.ts';
import { Lexicon } from './lexicon.ts';
import { isKnown, type Meanings, meaningsOf } from './meaning.ts';
import { isSuggestible, type Word, wordsOf } from './search.ts';
import { namesOf, productsNamedAfter, whatChanged } from './store.ts';

/** The words that sold products are called by, held in this process, for telling what a mistyped one may have meant. */
export interface Vocabulary {
  /** Whether all of them are such words, as far as is known without asking. True while nothing is known. */
  knows(words: readonly Word[]): boolean;
  /** What they may have meant, by products as they are now. */
  meaningsOf(words: readonly Word[]): Promise<Meanings>;
  /** Reads now what the first slip would have to wait for. */
  prepare(log: Pick<Logger, 'warn'>): void;
}

/** A batch is read and taken apart in a few milliseconds, between which requests are answered. */
const batchSize = 500;

/**
 * Follows the change log by itself: it must know which products have changed, however many, and its bound moves only when it
 * is asked. A product read twice changes nothing.
 */
export function createVocabulary(
  database: Pick<Database, '$queryRaw'>,
  revisions: Pick<Revisions, 'current'>,
): Vocabulary {
  let lexicon = new Lexicon();
  /** The numbers of each product's words. */
  let holdings = new Map<string, readonly number[]>();
  /** Every transaction below it is decided, and what it changed is read. */
  let bound: bigint | null = null;
  let followed = -1;
  let following: Promise<void> | undefined;

  const note = (names: ReadonlyMap<string, string>, ids: readonly string[], wordsIn: (names: string) => Word[]) => {
    for (const id of ids) {
      const before = holdings.get(id) ?? [];
      const words = wordsIn(names.get(id) ?? '').map(({ folded, stem }) => lexicon.use({ word: folded, stem }));
      for (const number of before) lexicon.release(number);
      if (words.length > 0) holdings.set(id, words);
      else holdings.delete(id);
    }
  };

  const follow = async () => {
    // Before reading: what is read may be newer than this revision, never older.
    const { catalogue } = await revisions.current();
    const changed = await whatChanged(database, bound);
    if (changed.anew) {
      lexicon = new Lexicon();
      holdings = new Map();
    }
    const ids = [...new Set([...changed.products, ...(await productsNamedAfter(database, changed))])];
    const wordsIn = reader();
    for (let at = 0; at < ids.length; at += batchSize) {
      const batch = ids.slice(at, at + batchSize);
      note(await namesOf(database, batch), batch, wordsIn);
    }
    bound = changed.horizon;
    followed = catalogue;
  };

  const catchUp = async () => {
    const { catalogue } = await revisions.current();
    while (followed < catalogue) {
      following ??= follow().finally(() => {
        following = undefined;
      });
      await following;
    }
  };

  return {
    knows: (words) => bound === null || words.every((word) => isKnown(word, lexicon)),
    meaningsOf: async (words) => {
      await catchUp();
      return meaningsOf(words, lexicon);
    },
    prepare: (log) => void catchUp().catch((error) => log.warn({ err: error }, 'the vocabulary is not read yet')),
  };
}

/** Names repeat their words by the thousand, so each is taken apart once. */
function reader(): (names: string) => Word[] {
  const known = new Map<string, readonly Word[]>();
  return (names) => {
    const words = new Map<string, Word>();
    for (const part of names.split(' ')) {
      let found = known.get(part);
      if (!found) {
        found = wordsOf(part).filter(isSuggestible);
        known.set(part, found);
      }
      for (const word of found) words.set(word.folded, word);
    }
    return [...words.values()];
  };
}
