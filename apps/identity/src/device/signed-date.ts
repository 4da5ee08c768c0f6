import { AppError } from '@forecourt/errors';

/** The date of a signed request: signed as text, in one of the spellings that clients have for RFC 1123. */
export interface SignedDate {
  readonly text: string;
  readonly instant: Date;
  readonly spelling: Spelling;
}

interface Spelling {
  /** `Tue`, or null when there is none. */
  readonly weekday: string | null;
  /** `24`, `4`, `04` or ` 4`. */
  readonly day: string;
  readonly zone: string;
  /** The instant, were the zone GMT: what the digits say. */
  readonly wallClock: Date;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// 'GMT+06:00' is how Android writes the zone of its 'z'; '+06:00' of its 'XXX'.
const form = new RegExp(
  `^(?:(${weekdays.join('|')}), )?([ \\d]?\\d) (${months.join('|')}) (\\d{4}) (\\d\\d):(\\d\\d):(\\d\\d)` +
    ' (GMT|UTC|UT|Z|(?:GMT|UTC)?([+-])(\\d\\d):?(\\d\\d))$',
);

export function readSignedDate(header: string | null): SignedDate {
  if (header === null) {
    throw new AppError('header_missing', 'A signed request says its date.', { params: { header: 'Date' } });
  }
  return parse(header) ?? malformed();
}

function malformed(): never {
  throw new AppError('header_malformed', 'The date of this request cannot be read.', { params: { header: 'Date' } });
}

function parse(text: string): SignedDate | null {
  const found = form.exec(text);
  if (!found) return null;
  const [, weekday = null, day = '', month = '', year, hour, minute, second, zone = '', sign, ...offset] = found;
  const digits = [year, months.indexOf(month), day, hour, minute, second].map(Number) as [number, number, ...number[]];
  const wallClock = new Date(Date.UTC(...digits));
  if (!says(wallClock, digits)) return null;
  const [offsetHours = 0, offsetMinutes = 0] = offset.map((part) => Number(part ?? 0));
  if (offsetHours > 14 || offsetMinutes > 59) return null;
  const offsetMs = (sign === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  return { text, instant: new Date(wallClock.getTime() - offsetMs), spelling: { weekday, day, zone, wallClock } };
}

/** Not so for 31 February or 25 o'clock, which JavaScript counts on into the next month or day. */
const says = (date: Date, digits: readonly number[]): boolean =>
  [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ].every((digit, at) => digit === digits[at]);

/** The date so many seconds later, as the same client would have written it; two texts where that cannot be told. */
export function shifted({ spelling: { weekday, day, zone, wallClock } }: SignedDate, seconds: number): string[] {
  const later = new Date(wallClock.getTime() + seconds * 1000);
  const days = Math.round((startOfDay(later) - startOfDay(wallClock)) / 86_400_000);
  const name = weekday === null ? '' : `${weekdays[(weekdays.indexOf(weekday) + days + 7) % 7]}, `;
  const time = later.toISOString().slice(11, 19);
  return spellingsOf(later.getUTCDate(), day).map(
    (digits) => `${name}${digits} ${months[later.getUTCMonth()]} ${later.getUTCFullYear()} ${time} ${zone}`,
  );
}

const startOfDay = (date: Date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());

function spellingsOf(day: number, like: string): string[] {
  if (day > 9) return [String(day)];
  if (like.length === 1) return [String(day)];
  if (Number(like) < 10) return [`${like[0]}${day}`];
  return [String(day), `0${day}`];
}
