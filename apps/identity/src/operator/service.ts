import { lockAggregate } from '@forecourt/messaging';
import { recordAct } from '../audit/store.ts';
import { draftCustomer, tellRegistered } from '../customer/service.ts';
import { findCredentials, insertCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { assertUncommon } from '../password/password.ts';
import { operatorRole } from '../role/role.ts';
import { giveRole } from '../role/service.ts';

/** Whoever starts a process or gives a command is nobody whom we know. */
const actor = { role: 'system' } as const;

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
    await giveRole(deps, { customerId: found.customer.id, role: operatorRole, actor });
    return 'granted';
  }
  assertUncommon(password);
  const passwordHash = await hasher.hash(password);
  const now = clock();
  const draft = draftCustomer({ email, passwordHash, language: 'en', roles: [operatorRole] }, now);
  const made = await db.$transaction(async (tx) => {
    await lockAggregate(tx, 'customer', draft.id);
    const customer = await insertCustomer(tx, draft);
    if (!customer) return null;
    await tellRegistered(tx, customer, null);
    const facts = { role: operatorRole };
    await recordAct(tx, { act: 'role.granted', actor, subjectId: customer.id, facts, at: now });
    return customer;
  });
  // Another process was quicker with the same settings; the next look finds its work.
  return made ? 'made' : makeOperator(deps, { email, password });
}
