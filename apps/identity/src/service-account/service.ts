import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import type { Act, Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import type { Db } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import type { ServiceRole } from '../role/role.ts';
import { tellEnded } from '../session/service.ts';
import { hashOf, newKey } from './service-account.ts';
import {
  endKeys,
  getAccount,
  insertAccount,
  insertKey,
  type ListedAccount,
  lockAccount,
  markRevoked,
  markTold,
} from './store.ts';

type Needs = Pick<Deps, 'db' | 'clock'>;

/** An account, and the key that was made for it: here alone in clear. */
export interface WithKey {
  readonly account: ListedAccount;
  readonly key: string;
}

export const makeAccount = (
  { db, clock }: Needs,
  { name, roles }: { readonly name: string; readonly roles: readonly ServiceRole[] },
  actor: Actor,
): Promise<WithKey> =>
  db.$transaction(async (tx) => {
    const now = clock();
    const id = newObjectId(now);
    await insertAccount(tx, { id, name, roles, createdAt: now, revokedAt: null });
    const key = await addKey(tx, id, now);
    await record(tx, 'service_account.made', { accountId: id, roles }, actor, now);
    return { account: await getAccount(tx, id), key };
  });

/** A new key; those before it are good for so long, that its holder may take it in hand. */
export const rotateKey = (
  { db, clock }: Needs,
  accountId: string,
  graceSeconds: number,
  actor: Actor,
): Promise<WithKey> =>
  db.$transaction(async (tx) => {
    const { revokedAt } = await lockAccount(tx, accountId);
    if (revokedAt) throw new AppError('service_account_not_found', 'The service account was revoked.');
    const now = clock();
    await endKeys(tx, accountId, new Date(now.getTime() + graceSeconds * 1000));
    if (graceSeconds === 0) await tellKeysEnded(tx, accountId, now);
    const key = await addKey(tx, accountId, now);
    await record(tx, 'service_account.rotated', { accountId, graceSeconds }, actor, now);
    return { account: await getAccount(tx, accountId), key };
  });

/** At once, and for good: what was exchanged for its keys is worth nothing within a second, in every service. */
export const revokeAccount = ({ db, clock }: Needs, accountId: string, actor: Actor): Promise<ListedAccount> =>
  db.$transaction(async (tx) => {
    const before = await lockAccount(tx, accountId);
    if (before.revokedAt) return before;
    const now = clock();
    await markRevoked(tx, accountId, now);
    await endKeys(tx, accountId, now);
    await tellKeysEnded(tx, accountId, now);
    await record(tx, 'service_account.revoked', { accountId }, actor, now);
    return getAccount(tx, accountId);
  });

async function addKey(tx: Db, accountId: string, now: Date): Promise<string> {
  const key = newKey();
  await insertKey(tx, { id: newObjectId(now), accountId, hash: hashOf(key), createdAt: now });
  return key;
}

/** Also of those that have run out: what was exchanged for them last, or follows with it, may still go on. */
async function tellKeysEnded(tx: Db, accountId: string, now: Date): Promise<void> {
  const keys = await markTold(tx, accountId, now);
  const sessions = keys.map(({ id: sessionId }) => ({ sessionId, customerId: accountId }));
  await tellEnded(tx, sessions, 'key_revoked', now);
}

const record = (
  tx: Db,
  act: Act,
  facts: Readonly<Record<string, string | number | readonly string[]>>,
  actor: Actor,
  at: Date,
): Promise<void> => recordAct(tx, { act, actor, subjectId: null, facts, at });
