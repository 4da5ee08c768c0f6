/** What is known of a key besides its halves. */
export interface KeyDates {
  readonly activeFrom: Date;
  /** Since its successor is known; until then it stays. */
  readonly retiresAt: Date | null;
}

/** Published this long before it signs: longer than anybody keeps a copy of the JWKS. */
export const publishAheadSeconds = 15 * 60;
const periodSeconds = 30 * 24 * 3600;
/** A token's life, and a minute for clocks that disagree. */
const afterlifeSeconds = 900 + 60;

const plus = (date: Date, seconds: number) => new Date(date.getTime() + seconds * 1000);

/** The youngest key that may sign by now. All processes choose the same, at the same instant. */
export function activeKey<K extends KeyDates>(keys: readonly K[], now: Date): K | null {
  return keys
    .filter((key) => key.activeFrom <= now && !isRetired(key, now))
    .reduce<K | null>((youngest, key) => (youngest && youngest.activeFrom >= key.activeFrom ? youngest : key), null);
}

/** From when a new key should sign, if it is time to make one; `usable` are those that we can sign with. */
export function nextActivation(usable: readonly KeyDates[], now: Date): Date | null {
  if (!activeKey(usable, now)) return now;
  const newest = Math.max(...usable.map((key) => key.activeFrom.getTime()));
  const due = plus(new Date(newest), periodSeconds);
  if (plus(due, -publishAheadSeconds) > now) return null;
  return plus(now, publishAheadSeconds);
}

/** When the last token of a key is dead that signs until `successorActiveFrom`. */
export const retirement = (successorActiveFrom: Date): Date => plus(successorActiveFrom, afterlifeSeconds);

export const isRetired = ({ retiresAt }: KeyDates, now: Date): boolean => retiresAt !== null && retiresAt <= now;
