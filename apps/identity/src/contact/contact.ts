import { AppError } from '@forecourt/errors';
import { type Customer, proveEmail, provePhone, withoutContact } from '../customer/customer.ts';

/** By what a customer is reached, and logs in. */
export type Contact = 'phone' | 'email';

const about = {
  phone: { provedAt: 'phoneVerifiedAt', other: 'email', taken: 'phone_taken', prove: provePhone },
  email: { provedAt: 'emailVerifiedAt', other: 'phone', taken: 'email_taken', prove: proveEmail },
} as const;

export const isProved = (customer: Customer, contact: Contact): boolean => customer[about[contact].provedAt] !== null;

export const prove = (customer: Customer, contact: Contact, value: string, now: Date): Customer =>
  about[contact].prove(customer, value, now);

/**
 * Whoever proves a phone or an address owns it: somebody else who only said that it is theirs loses it. But what was
 * proved stays, and nobody is left with neither: that is told, and a person with two accounts decides between them.
 */
export function yieldContact(holder: Customer, contact: Contact, now: Date): Customer {
  const { other, taken } = about[contact];
  if (isProved(holder, contact) || holder[other] === null) {
    throw new AppError(taken, 'Another account has it, and cannot do without.');
  }
  return withoutContact(holder, contact, now);
}
