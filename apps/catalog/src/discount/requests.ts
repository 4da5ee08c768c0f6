import { listDiscounts as listDiscountsRequest } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { snapshotOf } from './discount.ts';
import { listEveryDiscount } from './service.ts';

export const answerListDiscounts = (nats: Nats, deps: Pick<Deps, 'db'>): Answering =>
  answer(nats, listDiscountsRequest, async () => ({ discounts: (await listEveryDiscount(deps)).map(snapshotOf) }));
