import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import type { ChargeAnswer } from '../money/payments.ts';
import { catalogueBehind, learnOffers, type Quote, quote } from '../offer/service.ts';
import { takeBackOrder } from '../pending/changing.ts';
import { type ChangingDeps, changeSubscription } from './changing.ts';
import { paid, refused, returned, unclear } from './paying.ts';
import { type Errand, errandOf } from './plan.ts';
import { type Case, type Period, packageOf, type Subscription } from './subscription.ts';
import { renewalDue } from './telling.ts';

export type ErrandDeps = ChangingDeps & Pick<Deps, 'catalogue' | 'currency' | 'discountsAt' | 'log' | 'payments'>;

/** More than a subscription ever has to do at once. */
const mostInARow = 30;

/**
 * Brings a subscription on as far as it goes now: what follows from the time, then one question after the other, each
 * outside of any transaction, its outcome noted before the next. What is not noted is asked again, with the same key.
 */
export async function advance(deps: ErrandDeps, id: string): Promise<Case> {
  for (let count = 1; ; count += 1) {
    const known = await changeSubscription(deps, id, (before) => before);
    const errand = errandOf(known, deps.clock(), deps.subscriptionRules);
    if (!errand || count > mostInARow) return known;
    try {
      await run(deps, known, errand);
    } catch (error) {
      await changeSubscription(deps, id, postponed);
      throw error;
    }
  }
}

async function run(deps: ErrandDeps, { subscription }: Case, errand: Errand): Promise<void> {
  if (errand.do === 'notice') return await announce(deps, subscription);
  await (errand.do === 'charge' ? charge : giveBack)(deps, subscription, errand.period);
}

async function charge(deps: ErrandDeps, { id, customerId }: Subscription, { n, price }: Period): Promise<void> {
  const key = keyOf(id, n);
  const answer = await deps.payments.charge({
    key,
    customerId,
    amount: price,
    reference: `subscription:${id}`,
  });
  if (answer === 'unclear')
    deps.log.error({ subscriptionId: id, n, key }, 'the key of a period has paid for something else');
  await changeSubscription(
    deps,
    id,
    (before, now) => {
      if (answer === 'taken') return paid(before, n, now, deps.subscriptionRules);
      return answer === 'unclear' ? unclear(before, n, now) : refused(before, n, now);
    },
    { also: (tx, after, now) => takeBack(tx, after, { n, answer }, now) },
  );
}

/**
 * A wallet refused, nobody wants the period any more, and an earlier question may have been answered otherwise since: a process
 * of payments that hung with it in hand, say.
 */
async function giveBack(deps: ErrandDeps, { id }: Subscription, { n, price }: Period): Promise<void> {
  const of = keyOf(id, n);
  const wish = { key: `${of}:back`, of, amount: price, reason: 'not wanted' };
  const answer = price > 0n ? await deps.payments.giveBack(wish) : 'never-taken';
  const facts = { subscriptionId: id, n, key: of };
  if (answer === 'returned') deps.log.warn(facts, 'a charge for what nobody wants any more was given back');
  // Somebody has given of it by hand: to ask again would change nothing.
  if (answer === 'unclear') deps.log.error(facts, 'a charge for what nobody wants any more cannot be given back');
  await changeSubscription(deps, id, (before) => returned(before, n));
}

/** The same for each question about a period, and never another's. */
const keyOf = (id: string, n: number): string => `subscription:${id}:${n}`;

/** A change of package that cannot be paid for is off, as is what nobody knows how to charge; whoever ordered it is to hear so. */
async function takeBack(
  tx: SqlTx,
  { periods }: Case,
  { n, answer }: { n: number; answer: ChargeAnswer },
  now: Date,
): Promise<void> {
  const { pendingOrderId, status, kind } = periods.find((known) => known.n === n) ?? {};
  if (!pendingOrderId) return;
  if (answer === 'unclear' && status === 'dropped') await takeBackOrder(tx, pendingOrderId, 'transfer_key_reused', now);
  if (kind === 'change' && status === 'returning') await takeBackOrder(tx, pendingOrderId, 'insufficient_balance', now);
}

/** Without an answer of payments for so long, the customer hears of the renewal all the same. */
const mostQuestions = 5;

/** Locks what the next period costs, and says so; a package that is not offered any more ends with the period in force. */
async function announce(deps: ErrandDeps, { id, customerId, productId, attempts }: Subscription): Promise<void> {
  const quoted = await quoteSurely(deps, productId);
  const terms = quoted?.offer.package ? packageOf(quoted.offer, quoted.offer.package, quoted.price) : null;
  const isCovered = async (price: bigint): Promise<boolean> => {
    if (attempts >= mostQuestions) return false;
    return (await deps.payments.available(customerId)) >= price;
  };
  const covered = terms !== null && (await isCovered(terms.price));
  await changeSubscription(
    deps,
    id,
    (before, now) => {
      const { subscription } = before;
      // Somebody else has announced it, or it goes another way by now.
      if (errandOf(before, now, deps.subscriptionRules)?.do !== 'notice' || subscription.productId !== productId)
        return before;
      const noticed = { ...subscription, noticedFor: subscription.until, attempts: 0, notBefore: null };
      if (!terms) return { ...before, subscription: { ...noticed, renews: false, reason: 'not_offered' } };
      return { ...before, subscription: { ...noticed, next: { ...terms, line: subscription.line } } };
    },
    {
      news: ({ subscription }) => {
        const isNews = subscription.noticedFor && subscription.noticedFor > deps.clock();
        if (!terms || !isNews || !subscription.next) return null;
        return renewalDue(subscription, { price: terms.price, covered, timeZone: deps.subscriptionRules.timeZone });
      },
    },
  );
}

/** That a package is not offered any more is for the catalogue to say: the copy may have missed that it is, again. */
async function quoteSurely(deps: ErrandDeps, productId: string): Promise<Quote | null> {
  const known = await quote(deps, { productId });
  if (known?.offer.package) return known;
  if (!(await learnOffers(deps, [productId]))) throw catalogueBehind();
  return await quote(deps, { productId });
}

const postponed = (before: Case, now: Date): Case => {
  const { attempts } = before.subscription;
  const notBefore = new Date(now.getTime() + pauseSec(attempts) * 1_000);
  return { ...before, subscription: { ...before.subscription, attempts: Math.min(attempts + 1, 1_000), notBefore } };
};

/** Ten seconds, then twice as long each time, up to five minutes. */
const pauseSec = (attempts: number): number => Math.min(10 * 2 ** attempts, 300);
