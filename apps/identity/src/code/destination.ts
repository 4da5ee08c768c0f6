import { AppError } from '@forecourt/errors';
import { type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Channel } from '../message/message.ts';

/** What may be sent where, and what it costs. */
export interface Reach {
  /** ISO 3166-1 alpha-2, or `*` for everywhere. */
  readonly countries: ReadonlySet<string>;
  /** Minor units, by `sms` or, for one country, `sms:UA`. */
  readonly costs: ReadonlyMap<string, number>;
}

export interface Destination {
  /** null: an e-mail address, which has none. */
  readonly country: string | null;
  /** Minor units for one message. */
  readonly cost: number;
}

/** Numbers that a person holds. Calls to premium and shared-cost ones are how others earn with our messages. */
const reachable: Readonly<Record<'sms' | 'voice', readonly NumberType[]>> = {
  sms: ['MOBILE', 'FIXED_LINE_OR_MOBILE'],
  voice: ['MOBILE', 'FIXED_LINE_OR_MOBILE', 'FIXED_LINE'],
};

/** Refuses `phone_not_served`: a country that we do not send to, or a number that cannot receive a code. */
export function destinationOf({ countries, costs }: Reach, channel: Channel, recipient: string): Destination {
  if (channel === 'email') return { country: null, cost: costs.get(channel) ?? 0 };
  const number = parsePhoneNumberFromString(recipient);
  const country = number?.country;
  if (!country || !reachable[channel].includes(number.getType())) {
    throw new AppError('phone_not_served', 'No code can be sent to this number.');
  }
  if (!countries.has('*') && !countries.has(country)) {
    throw new AppError('phone_not_served', 'Codes are not sent to this country.');
  }
  return { country, cost: costs.get(`${channel}:${country}`) ?? costs.get(channel) ?? 0 };
}

/** For metrics: no label tells whose it was. */
export const countryOf = (channel: Channel, recipient: string): string =>
  (channel === 'email' ? undefined : parsePhoneNumberFromString(recipient)?.country) ?? 'none';
