import type { Language } from '@forecourt/dialects';

export const sexes = ['female', 'male'] as const;

/** What somebody says about themselves; null: they never did. */
export interface Profile {
  /** What they call themselves in the shop. */
  readonly name: string | null;
  readonly firstName: string | null;
  readonly middleName: string | null;
  readonly lastName: string | null;
  /** A calendar date, `2004-10-08`. */
  readonly birthday: string | null;
  readonly sex: (typeof sexes)[number] | null;
  readonly additionalInfo: string | null;
}

export const emptyProfile: Profile = {
  name: null,
  firstName: null,
  middleName: null,
  lastName: null,
  birthday: null,
  sex: null,
  additionalInfo: null,
};

/** One person in all dialects. */
export interface Customer extends Profile {
  readonly id: string;
  readonly uuid: string;
  readonly number: bigint;
  /** null: an operator's account, made without one. */
  readonly phone: string | null;
  readonly phoneVerifiedAt: Date | null;
  readonly email: string | null;
  /** null as long as nothing shows that they read what is sent there. */
  readonly emailVerifiedAt: Date | null;
  /** Of the person's papers, as whoever ordered for them gave it. */
  readonly personalNumber: string | null;
  readonly marketingOptIn: boolean;
  readonly language: Language;
  readonly roles: readonly string[];
  /** The code of whoever recommended us to them. */
  readonly referralCode: string | null;
  readonly blockedAt: Date | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastLoginAt: Date | null;
}

/** How somebody is found who claims to be a customer. */
export type Identifier = { readonly email: string } | { readonly phone: string };

/** What a shop shows: the name that they chose there, or else their first and last one. */
export const displayName = ({ name, firstName, lastName }: Profile): string | null =>
  name ?? ([firstName, lastName].filter((part) => part !== null).join(' ') || null);

export type ProfileChange = Partial<Profile> & { readonly email?: string };

/** What somebody may change about themselves; the same facts again change nothing. A new e-mail address is unproved. */
export function changeProfile(customer: Customer, change: ProfileChange, now: Date): Customer {
  const { email = customer.email } = change;
  const proof = email === customer.email ? customer.emailVerifiedAt : null;
  return changed(customer, { ...change, email, emailVerifiedAt: proof }, now);
}

/** What they said elsewhere fills what they have not said here yet. */
export function completeProfile(customer: Customer, facts: Partial<Profile>, now: Date): Customer {
  const missing = Object.entries(facts).filter(([field]) => customer[field as keyof Profile] === null);
  return changed(customer, Object.fromEntries(missing), now);
}

/** A phone that nothing proves yet to be theirs. */
export const changePhone = (customer: Customer, phone: string, now: Date): Customer =>
  phone === customer.phone ? customer : changed(customer, { phone, phoneVerifiedAt: null }, now);

export const provePhone = (customer: Customer, phone: string, now: Date): Customer =>
  phone === customer.phone && customer.phoneVerifiedAt
    ? customer
    : changed(customer, { phone, phoneVerifiedAt: now }, now);

export const proveEmail = (customer: Customer, email: string, now: Date): Customer =>
  email === customer.email && customer.emailVerifiedAt
    ? customer
    : changed(customer, { email, emailVerifiedAt: now }, now);

/** It was somebody else's. */
export const withoutContact = (customer: Customer, contact: 'phone' | 'email', now: Date): Customer =>
  changed(
    customer,
    contact === 'phone' ? { phone: null, phoneVerifiedAt: null } : { email: null, emailVerifiedAt: null },
    now,
  );

export const block = (customer: Customer, now: Date): Customer =>
  customer.blockedAt ? customer : changed(customer, { blockedAt: now }, now);

export const unblock = (customer: Customer, now: Date): Customer => changed(customer, { blockedAt: null }, now);

export const grantRole = (customer: Customer, role: string, now: Date): Customer =>
  customer.roles.includes(role) ? customer : changed(customer, { roles: [...customer.roles, role] }, now);

export const withdrawRole = (customer: Customer, role: string, now: Date): Customer =>
  customer.roles.includes(role)
    ? changed(customer, { roles: customer.roles.filter((held) => held !== role) }, now)
    : customer;

/** The next version, when anything is different; else the very same value. */
function changed(customer: Customer, facts: Partial<Customer>, now: Date): Customer {
  const differs = Object.entries(facts).some(([field, value]) => customer[field as keyof Customer] !== value);
  return differs ? { ...customer, ...facts, version: customer.version + 1, updatedAt: now } : customer;
}
