import { type Customer, completeProfile, type Profile, provePhone } from '../customer/customer.ts';

/**
 * What an account is to somebody who has just proved its phone. `yours`: proved before. `claimed`: whoever gave this phone
 * has proved nothing, and may have lain in wait with the account until its owner would come (account pre-hijacking).
 * `staffs`: what was given to whoever gave this phone is not for whoever owns it.
 */
export function standingOf({ phoneVerifiedAt, roles }: Customer): 'yours' | 'claimed' | 'staffs' {
  if (phoneVerifiedAt) return 'yours';
  return roles.length > 0 ? 'staffs' : 'claimed';
}

/** From now on theirs; of what was said before, the address counts as unproved, as anybody may have given it. */
export function claim(customer: Customer, phone: string, profile: Partial<Profile>, now: Date): Customer {
  const proved = { ...provePhone(customer, phone, now), emailVerifiedAt: null };
  return asOneChange(customer, completeProfile(proved, profile, now));
}

/** What they say of themselves fills what they have not said yet. */
export const welcome = (customer: Customer, profile: Partial<Profile>, now: Date): Customer =>
  completeProfile(customer, profile, now);

/** All that changes at once is told at once. */
const asOneChange = (before: Customer, after: Customer): Customer => ({ ...after, version: before.version + 1 });
