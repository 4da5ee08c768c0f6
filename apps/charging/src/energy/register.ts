/** What is known of the energy register of a meter since a session began. All null: nothing yet. */
export interface Register {
  /** As it stood at the start. */
  readonly startWh: bigint | null;
  /** Where the present count begins: that start, or 0 after the register began anew. */
  readonly fromWh: bigint | null;
  /** As last read. */
  readonly lastWh: bigint | null;
  /** Before it began anew. */
  readonly countedWh: bigint;
  /** A reading far below the last one: believed when the next one agrees. */
  readonly doubtedWh: bigint | null;
}

export const unread: Register = { startWh: null, fromWh: null, lastWh: null, countedWh: 0n, doubtedWh: null };

export const startingAt = (wh: bigint): Register => ({ ...unread, startWh: wh, fromWh: wh, lastWh: wh });

/** What went through it since the start, as far as is known now. */
export const energyOf = ({ fromWh, lastWh, countedWh }: Register): bigint =>
  fromWh === null || lastWh === null ? countedWh : countedWh + (lastWh - fromWh);

export type Oddity = 'jumped' | 'fell';

export interface Read {
  readonly register: Register;
  /** null: as meters do. */
  readonly odd: Oddity | null;
}

/** What can have flowed, at most. */
export interface Bounds {
  /** Since the last reading that was believed. */
  readonly sinceLastWh: bigint;
  /** Since the start. */
  readonly inAllWh: bigint;
}

/**
 * A further reading. Registers only grow, but meters are exchanged and restarted, count from 0 for each session whatever
 * they said of its start, run over, and now and then say nonsense. What cannot have flowed is never billed, whatever is read,
 * and what does not follow from the last reading is a new beginning only when two in a row say so.
 */
export function read(register: Register, wh: bigint, bounds: Bounds): Read {
  const said = follow(register, wh, (flowed) => flowed >= 0n && flowed <= bounds.sinceLastWh);
  if (energyOf(said.register) <= bounds.inAllWh || energyOf(said.register) <= energyOf(register)) return said;
  return { register, odd: 'jumped' };
}

type Credible = (flowed: bigint) => boolean;

function follow(register: Register, wh: bigint, credible: Credible): Read {
  const { fromWh, lastWh, countedWh } = register;
  if (lastWh === null || fromWh === null) return usual(startingAt(wh));
  const onFirstScale = backOnFirstScale(register, wh, credible);
  if (onFirstScale) return usual(onFirstScale);
  if (wh >= lastWh) {
    if (credible(wh - lastWh)) return usual({ ...register, lastWh: wh, doubtedWh: null });
    return { register: beginningAnew(register, wh, credible), odd: 'jumped' };
  }
  const over = scales.find((scale) => nearEnd(lastWh, scale) && credible(scale - lastWh + wh));
  if (over !== undefined) {
    return usual({ ...register, countedWh: countedWh + over - fromWh, fromWh: 0n, lastWh: wh, doubtedWh: null });
  }
  if (isInThousands(lastWh, wh, credible)) return { register, odd: 'fell' };
  if (lastWh - wh <= noiseWh && wh * 2n > lastWh) return { register, odd: null };
  return { register: beginningAnew(register, wh, credible), odd: 'fell' };
}

/**
 * The same register in kWh, from a station that does not say so. It would look like one that began anew, and be billed from
 * its first watt-hour; of what is rounded to a kWh nothing can be learnt.
 */
function isInThousands(lastWh: bigint, wh: bigint, credible: Credible): boolean {
  const news = wh * 1000n - lastWh;
  return lastWh >= 10_000n && (credible(news) || (news < 0n && news > -1000n));
}

const usual = (register: Register): Read => ({ register, odd: null });

/** Believed at its second reading. */
function beginningAnew(register: Register, wh: bigint, credible: Credible): Register {
  const { doubtedWh, countedWh } = register;
  const [lastWh, fromWh] = [register.lastWh as bigint, register.fromWh as bigint];
  if (doubtedWh === null || !credible(wh - doubtedWh)) return { ...register, doubtedWh: wh };
  // Between where it began and where it was last, it is where it was before a reading that was too high.
  const isBack = fromWh > 0n && doubtedWh >= fromWh && doubtedWh < lastWh;
  if (isBack) return { ...register, lastWh: wh, doubtedWh: null };
  // One that began at 0 shows what flowed since; another one's first word is where it began for us.
  const begun = doubtedWh < lastWh && credible(doubtedWh) ? 0n : doubtedWh;
  return { ...register, countedWh: countedWh + lastWh - fromWh, fromWh: begun, lastWh: wh, doubtedWh: null };
}

/** A station that counts each session from 0, or in kWh, may end it in the words in which it began it. */
function backOnFirstScale(register: Register, wh: bigint, credible: Credible): Register | null {
  const { startWh, fromWh, countedWh } = register;
  if (startWh === null || (startWh === fromWh && countedWh === 0n)) return null;
  const energy = wh - startWh;
  if (!credible(energy - energyOf(register))) return null;
  return { ...register, fromWh: startWh, lastWh: wh, countedWh: 0n, doubtedWh: null };
}

/** The start is told after readings that followed it. */
export function startedBefore(register: Register, wh: bigint, mostSinceWh: bigint): Register {
  const { startWh, fromWh } = register;
  if (startWh === null || fromWh === null) return startingAt(wh);
  const known = startWh === fromWh && register.countedWh === 0n;
  if (!known || wh >= startWh || startWh - wh > mostSinceWh) return register;
  return { ...register, startWh: wh, fromWh: wh };
}

/** A quarter more than it is said to be able to, and some for registers of whole kWh. */
const slackWh = 2_000n;
/** A little less than before is the meter's own noise. */
const noiseWh = 1_000n;
/** Nothing that drives takes more at once. */
const mostAtOnceWh = 1_000_000n;

/** What a device of so much power can give in a time. */
export function mostIn(watts: number, seconds: number): bigint {
  const most = (BigInt(Math.ceil(watts)) * BigInt(Math.max(0, Math.ceil(seconds))) * 5n) / (4n * 3_600n) + slackWh;
  return most < mostAtOnceWh ? most : mostAtOnceWh;
}

/** Where registers run over: as many digits as they show, of Wh or kWh, or 32 bits. */
const scales = [...[6, 7, 8, 9, 10, 11, 12].map((digits) => 10n ** BigInt(digits)), 2n ** 32n];
const nearEnd = (wh: bigint, scale: bigint) => wh < scale && wh * 100n > scale * 99n;
