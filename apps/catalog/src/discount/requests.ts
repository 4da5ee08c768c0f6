import { listDiscounts as listDiscountsRequest } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { snapshotOf } from './discount.ts';
import { listEveryDiscount } from './service.ts';

/** A message holds a megabyte; a discount with a long name is half a kilobyte of it. */
const pageSize = 1_000;

export const answerListDiscounts = (nats: Nats, deps: Pick<Deps, 'db'>): Answering =>
  answer(nats, listDiscountsRequest, async ({ after }) => {
    const discounts = (await listEveryDiscount(deps, { after, limit: pageSize })).map(snapshotOf);
    const last = discounts.at(-1);
    return { discounts, ...(last && discounts.length === pageSize && { next: last.discountId }) };
  });
