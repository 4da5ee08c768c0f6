import type { Language } from '@forecourt/dialects';

/** One person in all dialects. */
export interface Customer {
  readonly id: string;
  readonly uuid: string;
  readonly number: bigint;
  /** null: an operator's account, made without one. */
  readonly phone: string | null;
  readonly phoneVerifiedAt: Date | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly marketingOptIn: boolean;
  readonly language: Language;
  readonly roles: readonly string[];
  readonly blockedAt: Date | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastLoginAt: Date | null;
}

/** How somebody is found who claims to be a customer. */
export type Identifier = { readonly email: string } | { readonly phone: string };

export interface ProfileChange {
  readonly name?: string | null;
  readonly email?: string;
}

/** What somebody may change about themselves; the same facts again change nothing. */
export function changeProfile(customer: Customer, change: ProfileChange, now: Date): Customer {
  const { name = customer.name, email = customer.email } = change;
  if (name === customer.name && email === customer.email) return customer;
  return { ...customer, name, email, version: customer.version + 1, updatedAt: now };
}

export function block(customer: Customer, now: Date): Customer {
  if (customer.blockedAt) return customer;
  return { ...customer, blockedAt: now, version: customer.version + 1, updatedAt: now };
}

export function unblock(customer: Customer, now: Date): Customer {
  if (!customer.blockedAt) return customer;
  return { ...customer, blockedAt: null, version: customer.version + 1, updatedAt: now };
}

export function grantRole(customer: Customer, role: string, now: Date): Customer {
  if (customer.roles.includes(role)) return customer;
  return { ...customer, roles: [...customer.roles, role], version: customer.version + 1, updatedAt: now };
}
