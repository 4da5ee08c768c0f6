import type { Customer } from '../customer/customer.ts';

export type Mailbox = { readonly channel: 'email' | 'sms'; readonly recipient: string };

/**
 * Where the link of an account goes that is asked for by this address. Where a phone is proved and the address is not, the
 * address may be somebody's who lay in wait with the account: then to the phone. Nobody's address is treated like another.
 */
export function mailboxFor(email: string, customer: Customer | null): Mailbox {
  if (customer?.phone && customer.phoneVerifiedAt && !customer.emailVerifiedAt) {
    return { channel: 'sms', recipient: customer.phone };
  }
  return { channel: 'email', recipient: email };
}
