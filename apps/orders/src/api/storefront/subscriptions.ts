import { ObjectId, SubscriptionState } from '@forecourt/contracts';
import { type Language, toMajorUnits } from '@forecourt/dialects';
import { principalOf, type Routes, wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { listSubscriptionsOf } from '../../subscription/lookup.ts';
import { cancelOwn } from '../../subscription/service.ts';
import type { Subscription } from '../../subscription/subscription.ts';

const PageQuery = z.strictObject({
  page: wholeNumber({ min: 1, max: 1_000_000 }).default(1),
  limit: wholeNumber({ min: 1, max: 100 }).default(20),
});

const SubscriptionBody = z
  .object({
    _id: z.string(),
    product: z.object({ _id: z.string(), number: z.int(), title: z.string() }),
    state: SubscriptionState.describe('`unpaid`: it waits for money, and is active as soon as there is enough'),
    price: z.number().describe('Of a period'),
    period: z.object({ unit: z.enum(['day', 'month']), count: z.int() }),
    from: z.string().optional().describe('Absent as long as nothing was paid'),
    until: z.string().optional(),
    renews: z.boolean().describe('Another period follows by itself'),
    nextPrice: z.number().optional().describe('Of the period that follows, once it is announced'),
    orderedAt: z.string(),
    endedAt: z.string().optional(),
  })
  .meta({ id: 'Subscription' });

/** What the account is subscribed to. */
export const subscriptionRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    app.get('/me/subscriptions', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'listMySubscriptions',
        summary: "The account's subscriptions to packages, newest first",
        tags: ['Subscriptions'],
        querystring: PageQuery,
        response: {
          200: z.object({ items: z.array(SubscriptionBody), page: z.int(), limit: z.int(), total: z.int() }),
        },
      },
      handler: async (request) => {
        const { query, language } = request;
        const { items, total } = await listSubscriptionsOf(deps.database, principalOf(request).customerId, query);
        return { items: items.map((item) => toBody(item, language)), ...query, total };
      },
    });

    app.post('/me/subscriptions/:id/cancel', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'cancelMySubscription',
        summary: 'No period follows the one that is paid for; one that waits for money ends at once',
        tags: ['Subscriptions'],
        params: z.object({ id: ObjectId }),
        response: { 200: SubscriptionBody },
      },
      handler: async (request) => {
        const { customerId } = principalOf(request);
        return toBody(await cancelOwn(deps, { ...request.params, customerId }), request.language);
      },
    });
  };

function toBody(subscription: Subscription, language: Language): z.input<typeof SubscriptionBody> {
  const { id, productId, productNumber, title, state, price, currency, length, renews } = subscription;
  const { from, until, next, orderedAt, endedAt } = subscription;
  const inLanguage = language === 'ru' || language === 'en' ? title[language] : null;
  return {
    _id: id,
    product: { _id: productId, number: productNumber, title: inLanguage ?? title.uk },
    state,
    price: toMajorUnits(price, currency),
    period: { ...length },
    ...(from && { from: from.toISOString() }),
    ...(until && { until: until.toISOString() }),
    renews,
    ...(next && { nextPrice: toMajorUnits(next.price, currency) }),
    orderedAt: orderedAt.toISOString(),
    ...(endedAt && { endedAt: endedAt.toISOString() }),
  };
}
