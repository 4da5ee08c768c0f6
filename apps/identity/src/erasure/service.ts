import { customerErased } from '@forecourt/contracts';
import { enqueue } from '@forecourt/messaging';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import { lockCustomer } from '../customer/service.ts';
import type { Deps } from '../deps.ts';
import { exportKey } from '../export/service.ts';
import { loginThrottleKeys } from '../login/login.ts';
import { noteErased } from '../message/notices.ts';
import { assertOwner, type Claim } from '../owner/service.ts';
import { newContactKeys } from '../profile/service.ts';
import { forgetPushes } from '../push/store.ts';
import { assertAnotherOperator } from '../role/operators.ts';
import { endAllSessions } from '../session/service.ts';
import { forgetAttempts } from '../throttle/store.ts';
import { forgetWallet } from '../wallet/store.ts';
import { emptyCustomer, forgetCodes, forgetMessages, forgetSessions } from './store.ts';

/** Asked for by the customer, who shows to be the owner. */
export async function eraseSelf(deps: Deps, { actor, ...claim }: Claim & { readonly actor: Actor }): Promise<void> {
  await assertOwner(deps, claim);
  await eraseCustomer(deps, claim.customerId, actor);
}

/**
 * The person is gone, whoever they were: three identifiers stay, so that nobody else is ever given them, and the log of
 * what was done to the account. Everybody else who keeps facts about them hears of it.
 */
export const eraseCustomer = (
  { db, clock, secrets }: Pick<Deps, 'db' | 'clock' | 'secrets'>,
  customerId: string,
  actor: Actor,
): Promise<void> =>
  db.$transaction(async (tx) => {
    const customer = await lockCustomer(tx, customerId);
    await assertAnotherOperator(tx, customer);
    const now = clock();
    const version = customer.version + 1;
    // First of all: a login that is under way waits for this row, and then opens nothing.
    await emptyCustomer(tx, { customerId, version, now });
    await endAllSessions(tx, customerId, 'erased', now);
    const browsers = await forgetSessions(tx, customer);
    await forgetAttempts(tx, [
      ...[null, ...browsers].flatMap((browser) => loginThrottleKeys(secrets, customer, browser)),
      ...newContactKeys(secrets, customerId),
      exportKey(secrets, customerId),
    ]);
    await forgetCodes(tx, customer);
    await forgetMessages(tx, customer);
    await forgetPushes(tx, customerId);
    await forgetWallet(tx, customerId);
    await recordAct(tx, { act: 'customer.erased', actor, subjectId: customerId, at: now });
    await enqueue(tx, customerErased, { customerId, version, erasedAt: now });
    await noteErased(tx, customer, now);
  });
