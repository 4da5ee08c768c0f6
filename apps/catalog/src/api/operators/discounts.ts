import { toMajorUnits, toMinorUnits } from '@forecourt/dialects';
import type { Routes } from '@forecourt/service-kit';
import { principalOf, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { type Discount, type DiscountFields, soundDiscount } from '../../discount/discount.ts';
import { changeDiscount, createDiscount, getDiscount, listDiscounts, removeDiscount } from '../../discount/service.ts';
import { by, ExpectedVersion, flag, Id, IdParams, Instant, sendVersioned } from './common.ts';

const fields = {
  name: text({ min: 1, max: 120 }),
  type: z.enum(['percent', 'fixed']),
  value: z.number().positive().max(1e11).meta({ description: 'Percent with at most two decimals, or an amount.' }),
  scope: z.enum(['everything', 'category', 'product']),
  targetId: Id.nullable().meta({ description: 'The category or product that the scope speaks of.' }),
  from: Instant.nullable().meta({ description: 'Holds from this instant on.' }),
  to: Instant.nullable().meta({ description: 'Holds until just before this instant.' }),
  active: z.boolean(),
};
const NewDiscount = z.strictObject({
  ...fields,
  scope: fields.scope.default('everything'),
  targetId: fields.targetId.default(null),
  from: fields.from.default(null),
  to: fields.to.default(null),
  active: fields.active.default(true),
});
const DiscountChange = z
  .strictObject({ ...fields })
  .partial()
  .extend({ version: ExpectedVersion });

const DiscountBody = z
  .object({
    id: z.string(),
    version: z.int(),
    name: z.string(),
    type: z.enum(['percent', 'fixed']),
    value: z.number(),
    scope: z.enum(['everything', 'category', 'product']),
    targetId: z.string().nullable(),
    from: z.iso.datetime().nullable(),
    to: z.iso.datetime().nullable(),
    active: z.boolean(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Discount' });

const tags = ['Discounts'];

export const discountRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const { currency } = deps;

    app.get('/admin/discounts', {
      onRequest,
      schema: {
        operationId: 'listDiscounts',
        summary: 'All discounts, newest first',
        tags,
        querystring: z.strictObject({ active: flag, scope: fields.scope.optional(), targetId: Id.optional() }),
        response: { 200: z.array(DiscountBody) },
      },
      handler: async ({ query: { active, scope, targetId } }) => {
        const where = {
          ...(active !== undefined && { active }),
          ...(scope && { scope }),
          ...(targetId && { targetId }),
        };
        return (await listDiscounts(deps, where)).map((discount) => toBody(discount, currency));
      },
    });

    app.post('/admin/discounts', {
      onRequest,
      schema: {
        operationId: 'createDiscount',
        summary: 'A new discount',
        tags,
        body: NewDiscount,
        response: { 201: DiscountBody },
      },
      handler: async (request, reply) => {
        const discount = await createDiscount(deps, toFields(request.body, currency), principalOf(request).customerId);
        sendVersioned(reply, discount);
        return reply.code(201).send(toBody(discount, currency));
      },
    });

    app.get('/admin/discounts/:id', {
      onRequest,
      schema: {
        operationId: 'getDiscount',
        summary: 'One discount',
        tags,
        params: IdParams,
        response: { 200: DiscountBody },
      },
      handler: async ({ params }, reply) => {
        const discount = await getDiscount(deps.db, params.id);
        sendVersioned(reply, discount);
        return toBody(discount, currency);
      },
    });

    app.patch('/admin/discounts/:id', {
      onRequest,
      schema: {
        operationId: 'changeDiscount',
        summary: 'Changes what is sent, and nothing else',
        tags,
        params: IdParams,
        body: DiscountChange,
        response: { 200: DiscountBody },
      },
      handler: async (request, reply) => {
        const { version, ...change } = request.body;
        const rewrite = (before: DiscountFields) =>
          toFields({ ...toSent(before, currency), ...defined(change) }, currency);
        const discount = await changeDiscount(deps, request.params.id, rewrite, by(request, version));
        sendVersioned(reply, discount);
        return toBody(discount, currency);
      },
    });

    app.delete('/admin/discounts/:id', {
      onRequest,
      schema: {
        operationId: 'removeDiscount',
        summary: 'Ends a discount for good',
        tags,
        params: IdParams,
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        await removeDiscount(deps, request.params.id, by(request));
        return reply.code(204).send(null);
      },
    });
  };

type Sent = z.output<typeof NewDiscount>;

const toFields = ({ type, value, ...rest }: Sent, currency: string): DiscountFields =>
  soundDiscount({
    ...rest,
    type,
    // Beyond two decimals nothing is whole, which the rule refuses.
    percentHundredths: type === 'percent' ? Number((value * 100).toFixed(6)) : null,
    amount: type === 'fixed' ? toMinorUnits(value, currency) : null,
  });

const toSent = ({ percentHundredths, amount, ...rest }: DiscountFields, currency: string): Sent => ({
  name: rest.name,
  type: rest.type,
  value: amount === null ? (percentHundredths ?? 0) / 100 : toMajorUnits(amount, currency),
  scope: rest.scope,
  targetId: rest.targetId,
  from: rest.from,
  to: rest.to,
  active: rest.active,
});

const toBody = (discount: Discount, currency: string): z.input<typeof DiscountBody> => {
  const { from, to, ...sent } = toSent(discount, currency);
  return {
    id: discount.id,
    version: discount.version,
    ...sent,
    from: from?.toISOString() ?? null,
    to: to?.toISOString() ?? null,
    createdAt: discount.createdAt.toISOString(),
    updatedAt: discount.updatedAt.toISOString(),
  };
};

const defined = (change: Partial<Sent>): Partial<Sent> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
