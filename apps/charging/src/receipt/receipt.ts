import { type Language, toMajorUnits } from '@forecourt/dialects';
import { billedWaitingSec, type Session } from '../session/session.ts';
import { minutesIn } from '../waiting/waiting.ts';
import type { ReceiptSettings } from './settings.ts';
import { receiptWords } from './words.ts';

/** A receipt as it is printed: text alone, in one language, whatever it is printed on. */
export interface Receipt {
  readonly language: Language;
  readonly title: string;
  readonly seller: readonly string[];
  /** What it is about: a name and a value each. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What was sold: a name, how much of it for how much, and what that comes to. */
  readonly items: readonly (readonly [name: string, quantity: string, amount: string])[];
  readonly totals: readonly (readonly [name: string, amount: string])[];
  readonly signedTitle: string;
  /** What the meter signed, to the letter: others check it with its public key. */
  readonly signed: readonly string[];
}

export interface Sale {
  /** That is over. */
  readonly session: Session;
  readonly signed: readonly string[];
}

export function receiptOf({ session, signed }: Sale, language: Language, settings: ReceiptSettings): Receipt {
  const words = receiptWords[language];
  const { currency, startedAt, endedAt, requestedAt, amount, paid, refunded, price, waitingPrice } = session;
  const money = (minor: bigint) => moneyIn(language, currency, minor);
  const time = (at: Date) => timeIn(language, settings.timeZone, at);
  const minutes = minutesIn(billedWaitingSec(session, endedAt ?? requestedAt));
  const waiting = BigInt(minutes) * waitingPrice;
  const kilowattHours = new Intl.NumberFormat(language, { minimumFractionDigits: 3 }).format(
    Number(session.energyWh) / 1_000,
  );
  const owed = session.customerId === null ? 0n : amount - paid;
  return {
    language,
    title: words.title,
    seller: settings.seller,
    facts: [
      [words.number, session.id],
      [words.device, session.deviceNumber],
      [words.start, time(startedAt ?? requestedAt)],
      [words.end, time(endedAt ?? requestedAt)],
    ],
    items: [
      // Money is rounded once, in the sum: what is not waiting is energy.
      [words.energy, `${kilowattHours} ${words.kilowattHour} × ${money(price)}`, money(amount - waiting)],
      ...(minutes > 0
        ? [[words.waiting, `${minutes} ${words.minute} × ${money(waitingPrice)}`, money(waiting)] as const]
        : []),
    ],
    totals: [
      [words.total, money(amount)],
      [words.paid, money(paid)],
      ...(refunded > 0n ? [[words.refunded, money(refunded)] as const] : []),
      ...(owed > 0n ? [[words.owed, money(owed)] as const] : []),
    ],
    signedTitle: words.signed,
    signed,
  };
}

/** By the currency's code: not every font has every sign. */
const moneyIn = (language: Language, currency: string, minor: bigint): string =>
  new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay: 'code' }).format(
    toMajorUnits(minor, currency),
  );

/** In English the month is a word: readers of it do not agree on what stands first in numbers. */
const timeIn = (language: Language, timeZone: string, at: Date): string =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    timeZone,
    year: 'numeric',
    month: language === 'en' ? 'short' : '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(at);

const mostSigned = 10;

/** What of the readings is signed: a sampled value of 1.6 in that format, or the signed part of one of 2.0.1; each once. */
export function signedIn(raws: readonly unknown[]): string[] {
  const signed = raws.flatMap((raw) => (Array.isArray(raw) ? raw.flatMap(signedOf) : []));
  // A meter signs its beginning and its end; what lies between says no more.
  const all = [...new Set(signed)];
  return all.length <= mostSigned ? all : [...all.slice(0, mostSigned / 2), ...all.slice(-mostSigned / 2)];
}

function signedOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('format' in value && value.format === 'SignedData' && 'value' in value) return [String(value.value)];
  if (!('signedMeterValue' in value) || typeof value.signedMeterValue !== 'object') return [];
  return value.signedMeterValue === null ? [] : [JSON.stringify(value.signedMeterValue)];
}
