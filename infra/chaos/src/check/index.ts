import { availability } from './availability.ts';
import type { InspectingCheck } from './check.ts';
import { events } from './events.ts';
import { idempotency } from './idempotency.ts';
import { ledger } from './ledger.ts';
import { orders } from './orders.ts';
import { projections } from './projections.ts';
import { purchases } from './purchases.ts';
import { replenishments } from './replenishments.ts';
import { sessions } from './sessions.ts';
import { settled } from './settled.ts';
import { stock } from './stock.ts';
import { subscriptions } from './subscriptions.ts';

export const checks: readonly InspectingCheck[] = [
  orders,
  stock,
  ledger,
  replenishments,
  purchases,
  subscriptions,
  idempotency,
  events,
  projections,
  sessions,
  availability,
  settled,
];
