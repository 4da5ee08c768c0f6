import { paid, refused } from '../src/subscription/paying.ts';
import { carryOn, type SubscriptionRules } from '../src/subscription/plan.ts';
import { begin, type Case, openPeriod, order, type Package } from '../src/subscription/subscription.ts';

export const rules: SubscriptionRules = {
  timeZone: 'UTC',
  noticeSec: 3 * 86_400,
  retrySec: 86_400,
  patienceSec: 30 * 86_400,
  lateSec: 300,
  returnSec: 60,
};
export const start = new Date('2026-01-31T12:00:00Z');
export const at = (text: string) => new Date(`${text}T12:00:00Z`);
export const afterMs = (date: Date, milliseconds: number) => new Date(date.getTime() + milliseconds);
export const hour = 3_600_000;

export const someTerms = (wishes: Partial<Package> = {}): Package => ({
  productId: '65f1a2b30000000000000001',
  productNumber: 1,
  title: { uk: 'Інтернет 100', ru: null, en: null },
  line: 'internet',
  length: { unit: 'month', count: 1 },
  renews: true,
  price: 30_000n,
  ...wishes,
});
export const fast = someTerms({ productId: '65f1a2b30000000000000002', productNumber: 2, price: 60_000n });
export const slow = someTerms({ productId: '65f1a2b30000000000000003', productNumber: 3, price: 10_000n });

export const begun = (terms = someTerms(), now = start): Case =>
  carryOn(
    begin({ id: '65f1a2b30000000000000009', customerId: 'c', currency: 'UAH', terms, pendingOrderId: null }, now),
    now,
    rules,
  );
const openOf = (of: Case) => openPeriod(of)?.n as number;
export const pay = (of: Case, now: Date): Case => carryOn(paid(of, openOf(of), now, rules), now, rules);
export const deny = (of: Case, now: Date): Case => carryOn(refused(of, openOf(of), now), now, rules);
export const active = (terms = someTerms(), now = start): Case => pay(begun(terms, now), now);
export const ordered = (of: Case, terms: Package, now: Date): Case =>
  carryOn(order(of, { terms, pendingOrderId: 'p' }, now), now, rules);
export const locked = ({ subscription, periods }: Case, terms = someTerms()): Case => ({
  subscription: { ...subscription, noticedFor: subscription.until, next: terms },
  periods,
});
export const heard = ({ subscription, periods }: Case, walletVersion: number): Case => ({
  subscription: { ...subscription, walletVersion },
  periods,
});
