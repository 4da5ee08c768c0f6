import { AppError } from '@forecourt/errors';
import type { Actor } from '../audit/audit.ts';
import type { Deps } from '../deps.ts';
import { assertUncommon } from '../password/password.ts';
import { changePassword, checkPassword } from '../password/service.ts';
import { neededProof, proofNeeded } from './owner.ts';
import { findProofs } from './store.ts';

export interface Claim {
  readonly customerId: string;
  readonly sessionId: string;
  readonly password?: string | undefined;
}

/** Refuses whoever does not show to be the owner. A password is counted and costs as much as at a login. */
export async function assertOwner(deps: Deps, { customerId, sessionId, password }: Claim): Promise<void> {
  const proofs = await findProofs(deps.database, { customerId, sessionId });
  if (!proofs) throw new AppError('customer_not_found', 'There is no such customer.');
  const needed = neededProof(proofs, deps.clock());
  if (needed === null) return;
  if (needed === 'login' || password === undefined) throw proofNeeded();
  if (!(await checkPassword(deps, { customerId, sessionId, password }))) {
    throw new AppError('password_wrong', 'The password is wrong.');
  }
}

/** A new password, or a first one, of whoever shows to be the owner. */
export async function replacePassword(
  deps: Deps,
  { newPassword, actor, ...claim }: Claim & { readonly newPassword: string; readonly actor: Actor },
): Promise<void> {
  assertUncommon(newPassword);
  await assertOwner(deps, claim);
  const { customerId, sessionId } = claim;
  await changePassword(deps, { customerId, password: newPassword, sessionId, actor });
}
