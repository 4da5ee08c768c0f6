/**
 * Numbers in [0, 1) that are the same for the same words: a product or a visit is drawn from its own name, so that the
 * thousandth looks the same whether a shop of a thousand or of a hundred thousand is made.
 */
export function randomOf(...name: readonly (string | number)[]): () => number {
  let state = fnv1a(name.join(' '));
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** One of the list; with `skew` over 1 the first ones more often, as some makers sell more than others. */
export const draw = <T>(list: readonly T[], random: () => number, skew = 1): T =>
  list[Math.floor(list.length * random() ** skew)] as T;
