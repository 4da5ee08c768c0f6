import {
  type DiscountSnapshot,
  findProduct,
  getProducts,
  listDiscounts,
  type RequestContract,
} from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { ask, type Nats } from '@forecourt/messaging';
import type { z } from 'zod';
import type { Catalogue } from './offer.ts';

const timeoutMs = 1_500;

/** The catalogue at the other end of NATS. */
export const catalogueOver = (nats: () => Nats): Catalogue => ({
  products: async (productIds) =>
    (await answerOf(nats(), getProducts, { productIds: [...productIds] }))?.products ?? null,
  numbered: async (number) => {
    const found = await answerOf(nats(), findProduct, { number });
    return found && (found.product ? [found.product] : []);
  },
  discounts: () => everyDiscount(nats()),
});

async function everyDiscount(nats: Nats): Promise<DiscountSnapshot[] | null> {
  const discounts: DiscountSnapshot[] = [];
  for (let after: string | undefined; ; ) {
    const page = await answerOf(nats, listDiscounts, { after });
    if (!page) return null;
    discounts.push(...page.discounts);
    if (page.next === undefined) return discounts;
    after = page.next;
  }
}

/** Null when nobody answers in time; any other refusal is a bug of ours. */
async function answerOf<R extends RequestContract>(nats: Nats, contract: R, request: z.output<R['request']>) {
  try {
    return await ask(nats, contract, request, { timeoutMs });
  } catch (error) {
    if (error instanceof AppError && error.category !== 'invalid_argument') return null;
    throw error;
  }
}
