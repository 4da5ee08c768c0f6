import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { afterPeriods } from '../period/period.ts';
import { type ChangingDeps, changeLocked, changeSubscription, keep } from './changing.ts';
import { findOwner } from './lookup.ts';
import {
  findLive,
  type HeardWallet,
  idsInWant,
  idsOfLive,
  lockSubscriber,
  lockSubscription,
  lockSubscriptions,
} from './store.ts';
import {
  begin,
  type Case,
  cancel,
  end,
  give,
  isInForce,
  order,
  type Package,
  type Subscription,
} from './subscription.ts';

export interface Ordering {
  readonly customerId: string;
  readonly terms: Package;
  readonly pendingOrderId: string | null;
}

/** Begins a subscription, or adds to the one that its customer has; within the caller's transaction, before it writes. */
export async function orderPackage(
  tx: SqlTx,
  deps: ChangingDeps & Pick<Deps, 'currency'>,
  { customerId, terms, pendingOrderId }: Ordering,
): Promise<Subscription> {
  const by = customerId;
  await lockSubscriber(tx, customerId);
  const known = await findLive(tx, { customerId, ...terms });
  if (known) {
    await lockSubscription(tx, known);
    // Ended meanwhile, it is begun anew.
    const isLive = (await findLive(tx, { customerId, ...terms })) === known;
    const change = (before: Case, now: Date) => order(before, { terms, pendingOrderId }, now);
    if (isLive) return (await changeLocked(tx, deps, known, change, { by })).subscription;
  }
  const now = deps.clock();
  const begun = begin({ id: newObjectId(now), customerId, currency: deps.currency, terms, pendingOrderId }, now);
  await lockSubscription(tx, begun.subscription.id);
  const kept = await keep(tx, deps, { before: begun, after: begun, now, isNew: true }, { by });
  return kept.subscription;
}

/** Nobody asks for another period; for its own customer alone. */
export async function cancelOwn(
  deps: ChangingDeps,
  { id, customerId }: { id: string; customerId: string },
): Promise<Subscription> {
  const owner = await findOwner(deps.database, id);
  if (owner !== customerId) throw unknown();
  return (await changeSubscription(deps, id, cancel, { by: customerId })).subscription;
}

export async function cancelAsOperator(
  deps: ChangingDeps,
  { id, by, reason }: { id: string; by: string; reason: string },
): Promise<Subscription> {
  await assertKnown(deps, id);
  return (await changeSubscription(deps, id, cancel, { by, note: reason })).subscription;
}

/** Days for nothing, at the end of what is paid for, or from now on. */
export async function extendAsOperator(
  deps: ChangingDeps,
  { id, by, reason, days }: { id: string; by: string; reason: string; days: number },
): Promise<Subscription> {
  await assertKnown(deps, id);
  const { timeZone } = deps.subscriptionRules;
  const extend = (before: Case, now: Date): Case => {
    const { subscription } = before;
    const from = isInForce(subscription, now) ? (subscription.until as Date) : now;
    return give(before, afterPeriods(from, { unit: 'day', count: days }, 1, timeZone), now);
  };
  return (await changeSubscription(deps, id, extend, { by, note: `${days} d: ${reason}` })).subscription;
}

async function assertKnown({ database }: Pick<Deps, 'database'>, id: string): Promise<void> {
  if ((await findOwner(database, id)) === null) throw unknown();
}

const unknown = () => new AppError('subscription_not_found', 'There is no such subscription.');

/** There is enough for what was refused, or may be refused just now: it is asked for again. */
export async function hearWallets(tx: SqlTx, deps: ChangingDeps, wallets: readonly HeardWallet[]): Promise<void> {
  const wanted = await idsInWant(tx, wallets);
  if (wanted.length === 0) return;
  await lockSubscriptions(
    tx,
    wanted.map(({ id }) => id),
  );
  for (const { id, walletVersion } of wanted) {
    await changeLocked(tx, deps, id, (before) =>
      before.subscription.walletVersion < walletVersion
        ? { ...before, subscription: { ...before.subscription, walletVersion } }
        : before,
    );
  }
}

/** Their customer is gone. */
export async function endSubscriptionsOf(tx: SqlTx, deps: ChangingDeps, customerId: string): Promise<void> {
  await lockSubscriber(tx, customerId);
  const ids = await idsOfLive(tx, customerId);
  if (ids.length === 0) return;
  await lockSubscriptions(tx, ids);
  for (const id of ids) {
    await changeLocked(tx, deps, id, (before, now) =>
      before.subscription.state === 'ended' ? before : end(before, 'erased', now),
    );
  }
}
