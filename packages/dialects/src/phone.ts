import { AppError } from '@forecourt/errors';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Any usual spelling of a phone number, international or local to `region`, as E.164. Refuses `phone_invalid`. */
export function toE164(text: string, region: string): string {
  const number = parsePhoneNumberFromString(text, region as CountryCode);
  if (!number?.isValid() || number.ext) throw new AppError('phone_invalid', 'Invalid phone number format');
  return number.number;
}
