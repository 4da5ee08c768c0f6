import type { Lexicon } from './lexicon.ts';
import type { Word } from './search.ts';

/** What somebody may have meant, as texts of `to_tsquery('simple', …)`; null: nothing but what was typed. */
export interface Meanings {
  /** Words that are known stay; of the others, what is closest. */
  readonly closest: string | null;
  /** Any word may be another one: a slip can make a word that is known, too. */
  wider(): string | null;
}

export function meaningsOf(words: readonly Word[], lexicon: Lexicon): Meanings {
  const closest = ({ folded, stem }: Word, isLast: boolean) =>
    isKnown({ folded, stem }, lexicon) ? [] : lexicon.closest(folded, isLast);
  return {
    closest: queryOf(words, closest),
    wider: () => queryOf(words, ({ folded }) => lexicon.alike(folded)),
  };
}

/** Whether something is called so. */
export const isKnown = ({ folded, stem }: Pick<Word, 'folded' | 'stem'>, lexicon: Lexicon): boolean =>
  lexicon.has(folded) || lexicon.hasStem(stem);

/**
 * Every word may also stand as it was typed, the last one perhaps unfinished: descriptions and part numbers have words that
 * nothing is called by.
 */
function queryOf(
  words: readonly Word[],
  alternatives: (word: Word, isLast: boolean) => readonly string[],
): string | null {
  let isOther = false;
  const query = words.map((word, index) => {
    const isLast = index === words.length - 1;
    const others = alternatives(word, isLast).filter((stem) => stem !== word.stem);
    if (others.length > 0) isOther = true;
    const forms = [word.stem, ...(isLast ? [`${word.folded}:*`] : []), ...others];
    return forms.length === 1 ? forms[0] : `(${forms.join(' | ')})`;
  });
  return isOther ? query.join(' & ') : null;
}
