import { lockAggregate } from '@forecourt/messaging';
import { draftCustomer, giveRole, tellRegistered } from '../customer/service.ts';
import { findCredentials, insertCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { assertUncommon } from '../password/password.ts';

export const operatorRole = 'operator';

/**
 * Somebody with this address is an operator from now on. Who is one already keeps their password, so that starting again
 * with old settings never brings an old password back. A customer who has the address becomes one with this password
 * only: anybody can register an address, and lie in wait with it. Otherwise an account is made, without a phone.
 */
export async function makeOperator(
  deps: Pick<Deps, 'db' | 'clock' | 'hasher'>,
  { email, password }: { email: string; password: string },
): Promise<'made' | 'granted' | 'unchanged' | 'refused'> {
  const { db, clock, hasher } = deps;
  const found = await findCredentials(db, { email });
  if (found?.customer.roles.includes(operatorRole)) return 'unchanged';
  if (found) {
    if (!(await hasher.verify(found.passwordHash, password))) return 'refused';
    await giveRole(deps, found.customer.id, operatorRole);
    return 'granted';
  }
  assertUncommon(password);
  const passwordHash = await hasher.hash(password);
  const now = clock();
  const draft = draftCustomer({ email, passwordHash, language: 'en', roles: [operatorRole] }, now);
  const made = await db.$transaction(async (tx) => {
    await lockAggregate(tx, 'customer', draft.id);
    const customer = await insertCustomer(tx, draft);
    if (customer) await tellRegistered(tx, customer, null);
    return customer;
  });
  // Another process was quicker with the same settings; the next look finds its work.
  return made ? 'made' : makeOperator(deps, { email, password });
}
