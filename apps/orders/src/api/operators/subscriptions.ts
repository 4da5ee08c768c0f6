import { ObjectId, SubscriptionReason, SubscriptionState } from '@forecourt/contracts';
import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { findWhole, listSubscriptions, type WholeSubscription } from '../../subscription/lookup.ts';
import { cancelAsOperator, extendAsOperator } from '../../subscription/service.ts';
import type { Period, Subscription } from '../../subscription/subscription.ts';
import { Limit, nextOf, Time } from './common.ts';

const Timestamp = z.iso.datetime({ offset: true }).transform((instant) => new Date(instant));
const Reason = text({ min: 1, max: 500 });
const Length = z.object({ unit: z.enum(['day', 'month']), count: z.int() });
const Title = z.object({ uk: z.string(), ru: z.string().nullable(), en: z.string().nullable() });

const SubscriptionBody = z
  .object({
    id: z.string(),
    version: z.int(),
    customerId: z.string(),
    productId: z.string(),
    productNumber: z.int(),
    title: Title,
    line: z.string().nullable(),
    period: Length,
    price: z.number(),
    currency: z.string(),
    state: SubscriptionState,
    reason: SubscriptionReason.describe('What the last change came from'),
    renews: z.boolean(),
    from: Time.nullable(),
    until: Time.nullable(),
    nextPrice: z.number().nullable().describe('What the next period was locked at, once it was announced'),
    orderedAt: Time,
    unpaidSince: Time.nullable(),
    canceledAt: Time.nullable(),
    endedAt: Time.nullable(),
  })
  .meta({ id: 'OperatorSubscription' });

const PeriodBody = z.object({
  n: z.int(),
  kind: z.enum(['first', 'renewal', 'extension', 'change', 'gift']),
  status: z.enum(['wanted', 'asked', 'refused', 'paid', 'returning', 'dropped']),
  productNumber: z.int(),
  price: z.number().describe('What the wallet was asked for'),
  credit: z.number().describe('What was left of other periods, and went into this one'),
  from: Time.nullable(),
  until: Time.nullable(),
  cutAt: Time.nullable().describe('When it was given up for another package'),
  answeredAt: Time.nullable(),
});

const HistoryBody = z.object({
  what: SubscriptionReason,
  state: SubscriptionState,
  until: Time.nullable(),
  at: Time,
  by: z.string().nullable().describe('The customer or operator; null: the time, or the wallet'),
  note: z.string().nullable(),
});

const WholeBody = SubscriptionBody.extend({ periods: z.array(PeriodBody), history: z.array(HistoryBody) }).meta({
  id: 'SubscriptionWithPeriods',
});

export const subscriptionRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const tags = ['Subscriptions'];
    const params = z.object({ id: ObjectId });
    const readWhole = async (id: string) => {
      const found = await findWhole(deps.prisma, id);
      if (!found) throw new AppError('subscription_not_found', 'There is no such subscription.');
      return toWholeBody(found);
    };

    app.get('/admin/subscriptions', {
      onRequest,
      schema: {
        operationId: 'listSubscriptions',
        summary: 'Subscriptions to packages, newest first',
        tags,
        querystring: z.strictObject({
          state: SubscriptionState.optional(),
          reason: SubscriptionReason.optional(),
          customerId: ObjectId.optional(),
          productId: ObjectId.optional(),
          endsFrom: Timestamp.optional().describe('Paid for until then, or longer'),
          endsTo: Timestamp.optional(),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(SubscriptionBody), next: z.string().nullable() }) },
      },
      handler: async ({ query }) => {
        const found = await listSubscriptions(deps.prisma, query);
        return { items: found.map(toBody), next: nextOf(found, query.limit, ({ id }) => id) };
      },
    });

    app.get('/admin/subscriptions/:id', {
      onRequest,
      schema: {
        operationId: 'getSubscription',
        summary: 'A subscription with its periods and what happened to it',
        tags,
        params,
        response: { 200: WholeBody },
      },
      handler: ({ params: { id } }) => readWhole(id),
    });

    app.post('/admin/subscriptions/:id/extend', {
      onRequest,
      schema: {
        operationId: 'extendSubscription',
        summary: 'Give days for nothing; what waits for money is active meanwhile',
        tags,
        params,
        body: z.strictObject({ days: z.int().min(1).max(366), reason: Reason }),
        response: { 200: WholeBody },
      },
      handler: async (request) => {
        const { id } = request.params;
        await extendAsOperator(deps, { id, by: principalOf(request).customerId, ...request.body });
        return await readWhole(id);
      },
    });

    app.post('/admin/subscriptions/:id/cancel', {
      onRequest,
      schema: {
        operationId: 'cancelSubscription',
        summary: 'No period follows the one that is paid for; one that waits for money ends at once',
        tags,
        params,
        body: z.strictObject({ reason: Reason }),
        response: { 200: WholeBody },
      },
      handler: async (request) => {
        const { id } = request.params;
        await cancelAsOperator(deps, { id, by: principalOf(request).customerId, ...request.body });
        return await readWhole(id);
      },
    });
  };

const timeOf = (date: Date | null): string | null => date?.toISOString() ?? null;

const toWholeBody = ({ subscription, periods, history }: WholeSubscription): z.input<typeof WholeBody> => ({
  ...toBody(subscription),
  periods: periods.map((period) => toPeriodBody(period, subscription.currency)),
  history: history.map(({ until, at, ...entry }) => ({ ...entry, until: timeOf(until), at: at.toISOString() })),
});

function toBody(subscription: Subscription): z.input<typeof SubscriptionBody> {
  const { id, version, customerId, productId, productNumber, title, line, length, price, currency } = subscription;
  const { state, reason, renews, from, until, next, orderedAt, unpaidSince, canceledAt, endedAt } = subscription;
  return {
    id,
    version,
    customerId,
    productId,
    productNumber,
    title,
    line,
    period: { ...length },
    price: toMajorUnits(price, currency),
    currency,
    state,
    reason,
    renews,
    from: timeOf(from),
    until: timeOf(until),
    nextPrice: next && toMajorUnits(next.price, currency),
    orderedAt: orderedAt.toISOString(),
    unpaidSince: timeOf(unpaidSince),
    canceledAt: timeOf(canceledAt),
    endedAt: timeOf(endedAt),
  };
}

const toPeriodBody = (
  { n, kind, status, terms, price, credit, from, until, cutAt, answeredAt }: Period,
  currency: string,
): z.input<typeof PeriodBody> => ({
  n,
  kind,
  status,
  productNumber: terms.productNumber,
  price: toMajorUnits(price, currency),
  credit: toMajorUnits(credit, currency),
  from: timeOf(from),
  until: timeOf(until),
  cutAt: timeOf(cutAt),
  answeredAt: timeOf(answeredAt),
});
