/** A word that something is called by, in plain Latin letters. */
export interface KnownWord {
  readonly word: string;
  readonly stem: string;
}

interface Entry extends KnownWord {
  readonly sounds: string;
  readonly trigrams: readonly string[];
  uses: number;
}

interface Candidate {
  readonly entry: Entry;
  readonly slip: boolean;
  /** One slip from the beginning of a longer word. */
  readonly begins: boolean;
  readonly similarity: number;
}

const mostAlternatives = 4;
/** As Postgres' pg_trgm has it, whose measure this is. */
const leastSimilarity = 0.3;
/** Of shorter words too many others are one slip away. */
const fewestLetters = 4;
const fewestLettersOfABeginning = 5;

/**
 * Words that are in use, each counted, and which of them are like a mistyped one. Found by what three letters they share: a
 * few lists of numbers are walked, not the dictionary.
 */
export class Lexicon {
  readonly #entries: (Entry | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #stems = new Map<string, number>();
  readonly #holders = new Map<string, number[]>();
  /** How many trigrams a word shares with the one that is looked for; zeros between two lookups. */
  #shared = new Uint8Array(1024);

  has(word: string): boolean {
    return this.#numbers.has(word);
  }

  hasStem(stem: string): boolean {
    return this.#stems.has(stem);
  }

  /** Counts one more use, and gives the word's number. */
  use({ word, stem }: KnownWord): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) {
      this.#at(known).uses += 1;
      return known;
    }
    const number = this.#free.pop() ?? this.#entries.length;
    const trigrams = trigramsOf(word);
    this.#entries[number] = { word, stem, sounds: soundsOf(word), trigrams, uses: 1 };
    this.#numbers.set(word, number);
    this.#stems.set(stem, (this.#stems.get(stem) ?? 0) + 1);
    for (const trigram of trigrams) {
      const holders = this.#holders.get(trigram);
      if (holders) holders.push(number);
      else this.#holders.set(trigram, [number]);
    }
    return number;
  }

  /** One use less; a word that has none left is forgotten. */
  release(number: number): void {
    const entry = this.#at(number);
    entry.uses -= 1;
    if (entry.uses > 0) return;
    this.#entries[number] = undefined;
    this.#free.push(number);
    this.#numbers.delete(entry.word);
    const others = (this.#stems.get(entry.stem) ?? 0) - 1;
    if (others > 0) this.#stems.set(entry.stem, others);
    else this.#stems.delete(entry.stem);
    for (const trigram of entry.trigrams) this.#forget(trigram, number);
  }

  /**
   * Stems of the words that somebody most likely meant: those one slip away; if there are none, those that begin like this,
   * for a word that may be unfinished; if there are none, similar ones.
   */
  closest(typed: string, unfinished: boolean): string[] {
    const candidates = this.#candidates(typed, unfinished);
    const slips = candidates.filter(({ slip }) => slip);
    const beginnings = candidates.filter(({ begins }) => begins);
    return stemsOf([slips, beginnings].find(({ length }) => length > 0) ?? candidates);
  }

  /** Stems of words that are like this one: one slip away, or similar. */
  alike(typed: string): string[] {
    return stemsOf(this.#candidates(typed, false));
  }

  #candidates(typed: string, unfinished: boolean): Candidate[] {
    const trigrams = trigramsOf(typed);
    const sounds = soundsOf(typed);
    const met = this.#sharing(trigrams);
    const beginningMayBe = unfinished && typed.length >= fewestLettersOfABeginning;
    const candidates: Candidate[] = [];
    for (const number of met) {
      const shared = this.#shared[number] ?? 0;
      this.#shared[number] = 0;
      const entry = this.#at(number);
      const similarity = shared / (trigrams.length + entry.trigrams.length - shared);
      // One sound less and another one more, of up to four letters, spoil eight trigrams at most.
      const slip = shared >= trigrams.length - 8 && (isOneSlip(typed, entry.word) || isOneSlip(sounds, entry.sounds));
      // One slip spoils four trigrams at most.
      const begins = beginningMayBe && shared >= typed.length - 4 && beginsWithASlip(entry.word, typed);
      if (slip || begins || similarity >= leastSimilarity) candidates.push({ entry, slip, begins, similarity });
    }
    return candidates;
  }

  #sharing(trigrams: readonly string[]): number[] {
    if (this.#shared.length < this.#entries.length) this.#shared = new Uint8Array(2 * this.#entries.length);
    const shared = this.#shared;
    const met: number[] = [];
    for (const trigram of trigrams)
      for (const number of this.#holders.get(trigram) ?? []) {
        const before = shared[number] ?? 0;
        if (before === 0) met.push(number);
        shared[number] = before + 1;
      }
    return met;
  }

  #forget(trigram: string, number: number): void {
    const holders = this.#holders.get(trigram);
    if (!holders) return;
    const last = holders.pop();
    if (last !== undefined && last !== number) holders[holders.indexOf(number)] = last;
    if (holders.length === 0) this.#holders.delete(trigram);
  }

  #at(number: number): Entry {
    const entry = this.#entries[number];
    if (!entry) throw new Error(`no word has the number ${number}`);
    return entry;
  }
}

const byLikeness = (a: Candidate, b: Candidate) =>
  Number(b.slip) - Number(a.slip) || b.similarity - a.similarity || (a.entry.word < b.entry.word ? -1 : 1);

const stemsOf = (candidates: readonly Candidate[]) => [
  ...new Set(
    candidates
      .toSorted(byLikeness)
      .slice(0, mostAlternatives)
      .map(({ entry }) => entry.stem),
  ),
];

/** Longer words are nobody's; it also keeps the counts of shared trigrams in a byte. */
const longestWord = 200;

function trigramsOf(word: string): string[] {
  const padded = `  ${word.slice(0, longestWord)} `;
  const trigrams = new Set<string>();
  for (let at = 0; at + 3 <= padded.length; at += 1) trigrams.add(padded.slice(at, at + 3));
  return [...trigrams];
}

/** One Cyrillic letter is up to four Latin ones, but still one slip: such groups are one sign here. */
const soundsOf = (word: string): string => word.replaceAll(/shch|[szc]h|i[ua]/g, (group) => signs[group] ?? group);
const signs: Readonly<Record<string, string>> = { shch: '1', sh: '2', zh: '3', ch: '4', iu: '5', ia: '6' };

/** One letter too many, one too few, or both, between which the others have moved on: as when two are swapped. */
export function isOneSlip(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1 || long.length < fewestLetters) return false;
  let from = 0;
  while (from < short.length && short[from] === long[from]) from += 1;
  let rest = 0;
  while (rest < short.length - from && short.at(-1 - rest) === long.at(-1 - rest)) rest += 1;
  const [left, right] = [short.slice(from, short.length - rest), long.slice(from, long.length - rest)];
  if (left.length < right.length) return left === '';
  return left.slice(1) === right.slice(0, -1) || left.slice(0, -1) === right.slice(1);
}

const beginsWithASlip = (word: string, typed: string): boolean =>
  word.length > typed.length && [-1, 0, 1].some((more) => isOneSlip(typed, word.slice(0, typed.length + more)));
