import { ObjectId } from '@forecourt/contracts';
import { type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import { addCard, type CardRow, changeCard, getCard, listCards, removeCard } from '../../card/service.ts';
import type { Deps } from '../../deps.ts';
import { instant, Limit, Moment, nextOf, sent, Time } from './common.ts';

/** As stations send it: an idTag of 1.6 has 20 signs at most, an idToken of 2.0.1 36. */
const Token = z.string().regex(/^[\x21-\x7e]{1,36}$/);

const CardBody = z
  .object({
    id: z.string(),
    token: z.string().describe('In upper case'),
    groupToken: z.string().nullable().describe("Cards of one group may end each other's sessions"),
    customerId: z.string(),
    label: z.string().nullable(),
    blocked: z.boolean(),
    expiresAt: Time.nullable(),
    createdAt: Time,
  })
  .meta({ id: 'Card' });

const fields = {
  groupToken: Token.nullable(),
  label: text({ min: 1, max: 100 }).nullable(),
  blocked: z.boolean(),
  expiresAt: Moment.nullable(),
};

export const cardRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const params = z.object({ cardId: ObjectId });
    const config = { tellsNothing: true };

    app.get('/admin/cards', {
      onRequest,
      schema: {
        operationId: 'listCards',
        summary: "Customers' cards, newest first",
        tags: ['Cards'],
        querystring: z.strictObject({
          customerId: ObjectId.optional(),
          token: Token.optional(),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(CardBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { customerId, token, after, limit } }) => {
        const cards = await listCards(deps.prisma, { customerId, token, after, limit });
        return { items: cards.map(toBody), next: nextOf(cards, limit, ({ id }) => id) };
      },
    });

    app.post('/admin/cards', {
      onRequest,
      schema: {
        operationId: 'addCard',
        summary: 'Give a customer a card, with which they start at the station itself',
        tags: ['Cards'],
        body: z.strictObject({
          token: Token,
          customerId: ObjectId,
          groupToken: fields.groupToken.default(null),
          label: fields.label.default(null),
          blocked: fields.blocked.default(false),
          expiresAt: fields.expiresAt.default(null),
        }),
        response: { 201: CardBody },
      },
      config,
      handler: async ({ body }, reply) => reply.code(201).send(toBody(await addCard(deps, body))),
    });

    app.get('/admin/cards/:cardId', {
      onRequest,
      schema: { operationId: 'getCard', summary: 'A card', tags: ['Cards'], params, response: { 200: CardBody } },
      handler: async ({ params: { cardId } }) => toBody(await getCard(deps, cardId)),
    });

    app.patch('/admin/cards/:cardId', {
      onRequest,
      schema: {
        operationId: 'changeCard',
        summary: 'Change or block a card; sessions that it began go on',
        tags: ['Cards'],
        params,
        body: z.strictObject(fields).partial(),
        response: { 200: CardBody },
      },
      config,
      handler: async ({ params: { cardId }, body }) => toBody(await changeCard(deps, cardId, sent(body))),
    });

    app.delete('/admin/cards/:cardId', {
      onRequest,
      schema: {
        operationId: 'removeCard',
        summary: 'Forget a card',
        tags: ['Cards'],
        params,
        response: { 204: z.null() },
      },
      config,
      handler: async ({ params: { cardId } }, reply) => {
        await removeCard(deps, cardId);
        return reply.code(204).send(null);
      },
    });
  };

const toBody = ({ expiresAt, createdAt, ...card }: CardRow): z.input<typeof CardBody> => ({
  ...card,
  expiresAt: instant(expiresAt),
  createdAt: createdAt.toISOString(),
});
