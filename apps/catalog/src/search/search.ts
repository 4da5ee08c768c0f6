/*
 * Words as the search sees them. Postgres stems Russian and English but knows no Ukrainian, and whether it can lower the
 * case of Cyrillic depends on the database's locale. So every word also gets a form of our own, in plain Latin letters:
 * what sounds alike becomes alike (и, і, ї, ы; е, є, ё, э), apostrophes and soft signs go, endings go.
 */

const latin: Readonly<Record<string, string>> = {
  ...{ а: 'a', б: 'b', в: 'v', г: 'g', ґ: 'g', д: 'd', е: 'e', є: 'e', ё: 'e', э: 'e', ж: 'zh', з: 'z', и: 'i' },
  ...{ і: 'i', ї: 'i', ы: 'i', й: 'i', к: 'k', л: 'l', м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't' },
  ...{ у: 'u', ф: 'f', х: 'h', ц: 'c', ч: 'ch', ш: 'sh', щ: 'shch', ъ: '', ь: '', ю: 'iu', я: 'ia' },
};

const apostrophes = /['ʼ’‘`´]/gu;
const wordPattern = /[\p{L}\p{N}]+/gu;
const cyrillic = /\p{Script=Cyrillic}/u;

/** More would make a question out of an essay; what comes after them is not looked at. */
const maxWords = 12;

/** Too common in any of the three languages to be asked for. */
const stopWords = new Set([
  'and',
  'or',
  'the',
  'of',
  'for',
  'with',
  'і',
  'й',
  'та',
  'або',
  'для',
  'на',
  'з',
  'із',
  'в',
  'у',
  'до',
  'и',
  'или',
  'с',
  'со',
  'из',
]);

export interface Word {
  /** Lower case, as Postgres' own dictionaries want it. */
  readonly raw: string;
  /** In plain Latin letters and digits. */
  readonly folded: string;
  /** `folded` without its ending. */
  readonly stem: string;
}

/** The words of a text, in their order. */
export function wordsOf(text: string): Word[] {
  const lower = text.normalize('NFC').toLowerCase().replaceAll(apostrophes, '');
  return (lower.match(wordPattern) ?? []).flatMap((raw) => {
    const folded = fold(raw);
    return folded === '' ? [] : [{ raw, folded, stem: cyrillic.test(raw) ? slavicStem(folded) : latinStem(folded) }];
  });
}

const plain = /^[a-z0-9]*$/;

function fold(word: string): string {
  if (plain.test(word)) return word;
  let spelled = '';
  for (const letter of word) spelled += latin[letter] ?? letter;
  return plain.test(spelled) ? spelled : spelled.normalize('NFKD').replaceAll(/[^a-z0-9]/g, '');
}

const slavicEnding =
  /(?:iami|ami|iah|ah|iam|am|ogo|ego|omu|emu|imi|ih|im|oiu|eiu|iu|iei|oi|ei|ii|ov|ev|iv|om|em|ie|ia|iie|iia|a|e|i|o|u)$/;
const fleetingVowel = /(?<=[^aeiou])[oe](?=k$)/;

/**
 * A light stemmer: one ending of a noun or an adjective goes, and the vowel that comes and goes before a last `k`
 * (рукавичка, рукавичок), as long as a stem of three letters is left.
 */
function slavicStem(word: string): string {
  const stem = word.replace(slavicEnding, '').replace(fleetingVowel, '');
  return stem.length >= 3 ? stem : word;
}

/** Plurals alone: brands and part numbers must stay what they are. */
const latinStem = (word: string) => (/^[a-z]{3,}[^s]s$/.test(word) ? word.slice(0, -1) : word);

/** What somebody typed: the words worth asking for. */
export function questionOf(q: string): Word[] {
  const words = wordsOf(q);
  const telling = words.filter(({ raw }) => !stopWords.has(raw));
  return (telling.length > 0 ? telling : words).slice(0, maxWords);
}

/** `to_tsquery('simple', …)`: every word, the last one perhaps still being typed. Letters and digits only, so nothing can break out. */
export const stemQuery = (words: readonly Word[]): string =>
  words.map(({ folded, stem }, index) => (index === words.length - 1 ? `(${stem} | ${folded}:*)` : stem)).join(' & ');

/** `to_tsquery('russian', …)`, whose configuration also stems English words. */
export const dictionaryQuery = (words: readonly Word[]): string => words.map(({ raw }) => raw).join(' & ');

/** Words worth suggesting for a slip: whole words, not numbers. */
export const isSuggestible = ({ folded }: Word): boolean => folded.length >= 3 && /^[a-z]+$/.test(folded);
