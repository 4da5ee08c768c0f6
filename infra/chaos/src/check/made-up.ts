import type { MoneySample, Operation } from '../history.ts';
import type { OrderBody, Placing } from './intention.ts';

let last = 0;

/** For tests of checks: an operation that succeeded, unless told. */
export function anOperation(wishes: Partial<Operation> & Pick<Operation, 'kind'>): Operation {
  last += 1;
  const startedAt = wishes.startedAt ?? last * 100;
  return { id: last, startedAt, endedAt: startedAt + 10, outcome: 'ok', status: 200, about: {}, ...wishes };
}

export const anOrderBody = (wishes: Partial<OrderBody> = {}): OrderBody => ({
  phone: '+380671234567',
  clientId: 'browser',
  items: [{ productId: 'p1', quantity: 2 }],
  ...wishes,
});

/** A guest's, under the key `k`. */
export const aPlacing = (wishes: Partial<Placing> = {}): Placing => ({
  ...anOperation({ kind: 'place', status: 201, about: { idempotencyKey: 'k' }, ...wishes }),
  kind: 'place',
  request: wishes.request ?? anOrderBody(),
});

export const soundMoney: MoneySample = { transfers: 3, posted: '0', postings: '0', askew: 0, overdrawn: 0 };
