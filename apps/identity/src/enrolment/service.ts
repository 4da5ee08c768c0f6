import type { Language } from '@forecourt/dialects';
import { lockAggregate } from '@forecourt/messaging';
import { draftCustomer, tellRegistered } from '../customer/service.ts';
import { type Db, findIdByContact, getCustomer, insertCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { throttleRegistrations } from '../registration/service.ts';

/** Somebody as whoever orders for them describes them. */
export interface Person {
  /** E.164. */
  readonly phone: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly personalNumber: string;
  readonly language: Language;
}

export interface Enrolled {
  readonly customerId: string;
  readonly number: number;
  /** They had no account before. */
  readonly made: boolean;
}

/**
 * The account of a phone, which a stranger names: one that is there is not changed by what is said of it, and a new one is
 * as good as any that nobody has proved to be theirs.
 */
export async function enrol(deps: Deps, person: Person, address: string): Promise<Enrolled> {
  const { phone, firstName, lastName, personalNumber, language } = person;
  const known = await findByPhone(deps.db, phone);
  if (known) return known;
  await throttleRegistrations(deps, address);
  return deps.db.$transaction(async (tx) => {
    for (;;) {
      const draft = draftCustomer({ phone, firstName, lastName, personalNumber, language }, deps.clock());
      await lockAggregate(tx, 'customer', draft.id);
      const customer = await insertCustomer(tx, draft);
      if (customer) {
        await tellRegistered(tx, customer, null);
        return { customerId: customer.id, number: Number(customer.number), made: true };
      }
      const other = await findByPhone(tx, phone);
      if (other) return other;
    }
  });
}

async function findByPhone(db: Db, phone: string): Promise<Enrolled | null> {
  const customerId = await findIdByContact(db, { phone });
  if (customerId === null) return null;
  const { number } = await getCustomer(db, customerId);
  return { customerId, number: Number(number), made: false };
}
