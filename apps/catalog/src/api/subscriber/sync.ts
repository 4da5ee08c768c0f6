import { Readable } from 'node:stream';
import { SubscriberAnswer, succeeded, toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { principalOf, type Revocations, type Routes } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { awaitChanges, followChanges, readChanges, type Said } from '../../sync/service.ts';
import { cursorOf, readCursor, type SyncItem } from '../../sync/sync.ts';
import { wholeNumber } from '../operators/common.ts';
import { createListeners } from './listeners.ts';

const Texts = z.object({ uk: z.string().nullable(), ru: z.string().nullable(), en: z.string().nullable() });
const Contained = z.object({
  name: z.string(),
  value: z.union([z.string(), z.number()]),
  unit: z.string().nullable(),
});
const Upsert = z
  .object({
    type: z.literal('upsert'),
    at: z.iso.datetime(),
    product: z.object({
      id: z.string(),
      number: z.int(),
      slug: z.string(),
      sku: z.string(),
      externalId: z.string().nullable(),
      version: z.int().meta({ description: 'Counts its changes; a stock that turns does not raise it.' }),
      title: Texts,
      description: Texts,
      price: z.number().meta({ description: 'Before discounts.' }),
      priceNow: z.number().meta({ description: 'After the discounts in force.' }),
      currency: z.string(),
      unit: z.string().nullable(),
      categoryId: z.string(),
      categoryPath: z.array(z.string()),
      manufacturerId: z.string().nullable(),
      countryId: z.string().nullable(),
      tags: z.array(z.string()),
      images: z.array(z.string()),
      options: z.array(z.object({ name: z.string(), values: z.array(z.union([z.string(), z.number()])) })),
      active: z.boolean().meta({ description: 'Whether it is offered.' }),
      inStock: z.boolean(),
      package: z
        .object({
          period: z.object({ unit: z.enum(['day', 'month']), count: z.int() }),
          renews: z.boolean(),
          line: z.string().nullable(),
          contents: z.array(Contained),
        })
        .nullable(),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
    }),
  })
  .meta({ id: 'ProductUpsert', description: 'The product is this now, whole.' });
const Delete = z
  .object({
    type: z.literal('delete'),
    at: z.iso.datetime(),
    product: z.object({ id: z.string(), number: z.int(), sku: z.string(), externalId: z.string().nullable() }),
  })
  .meta({ id: 'ProductDelete', description: 'The product is gone for good.' });
const Item = z.union([Upsert, Delete]);

const maxWaitSeconds = 30;
const minutes = 60_000;
/** Whoever listens longer comes back, and is looked at again at the door. */
const streamMs = 15 * minutes;

export interface SyncSurroundings {
  readonly revocations: Pick<Revocations, 'isRevoked'>;
}

export const syncRoutes =
  (deps: Deps, { revocations }: SyncSurroundings): Routes =>
  async (app) => {
    const { currency } = deps;
    const closing = new AbortController();
    app.addHook('preClose', async () => {
      closing.abort();
      deps.news.close();
    });
    const listeners = createListeners();

    app.get('/products/sync', {
      onRequest: app.requireRole('partner', 'operator'),
      handlerTimeout: streamMs + minutes,
      schema: {
        operationId: 'syncProducts',
        summary: 'What happened to products, in order, and a cursor to go on from; a stream for who accepts one',
        description:
          'Without a cursor it begins with every product there is. `Accept: text/event-stream` gets the same as events, ' +
          'each with the cursor as its id, and goes on from `Last-Event-ID`.',
        tags: ['Partners'],
        querystring: z.strictObject({
          cursor: z.string().min(1).max(200).optional(),
          limit: wholeNumber(1, 1_000).default(100),
          wait: wholeNumber(0, maxWaitSeconds)
            .default(0)
            .meta({ description: 'Seconds to wait for something to happen when nothing has.' }),
        }),
        response: {
          200: SubscriberAnswer(
            z.object({
              items: z.array(Item),
              cursor: z.string(),
              more: z.boolean().meta({ description: 'Not all has been said: ask again at once.' }),
            }),
          ),
        },
      },
      handler: async (request, reply) => {
        const { cursor, limit, wait } = request.query;
        const caller = principalOf(request);
        const signal = AbortSignal.any([closing.signal, leavingOf(reply)]);
        reply.header('cache-control', 'no-store').header('vary', 'Accept-Language, Accept');
        const isHead = request.method === 'HEAD';
        const mayHear = () => !revocations.isRevoked(caller.sessionId);

        if (!isHead && acceptsStream(request)) {
          const lastSeen = request.headers['last-event-id'];
          const from = typeof lastSeen === 'string' && lastSeen !== '' ? lastSeen : cursor;
          const after = from === undefined ? undefined : readCursor(from);
          // What is wrong is said while there is a status to say it with.
          await readChanges(deps, after, 1);
          const leave = listeners.listen(caller.customerId);
          // Whoever has gone meanwhile does not go again.
          if (reply.raw.destroyed) leave();
          else reply.raw.once('close', leave);
          request.raw.socket.setTimeout(streamMs + minutes);
          const said = followChanges(deps, { after, mostMs: streamMs, signal, mayHear });
          return reply
            .header('content-type', 'text/event-stream; charset=utf-8')
            .header('x-accel-buffering', 'no')
            .send(Readable.from(eventsOf(said), { objectMode: false }) as never);
        }

        const after = cursor === undefined ? undefined : readCursor(cursor);
        const stop = isHead || wait === 0 ? undefined : listeners.wait(caller.customerId);
        if (stop) request.raw.socket.setTimeout((maxWaitSeconds + 30) * 1_000);
        try {
          const waitMs = stop ? wait * 1_000 : 0;
          const { items, position, more, pending } = await awaitChanges(deps, { after, limit, waitMs, signal });
          if (!mayHear()) throw new AppError('session_ended', 'The session has ended.');
          return succeeded({
            items: items.map((item) => toItemBody(item, currency)),
            cursor: cursorOf(position),
            more: more || pending,
          });
        } finally {
          stop?.();
        }
      },
    });

    async function* eventsOf(said: AsyncGenerator<Said>): AsyncGenerator<string> {
      try {
        for await (const one of said) yield eventOf(one, currency);
      } catch (error) {
        // The status has been sent: whoever listens comes back, and is told then.
        deps.log.warn({ err: error }, 'a stream of changes broke off');
      }
    }
  };

/** Fires when the caller is gone, and when they have been answered. */
function leavingOf({ raw }: FastifyReply): AbortSignal {
  const leaving = new AbortController();
  if (raw.destroyed) leaving.abort();
  raw.once('close', () => leaving.abort());
  return leaving.signal;
}

const acceptsStream = ({ headers: { accept } }: FastifyRequest): boolean =>
  accept?.split(',').some((type) => type.split(';', 1)[0]?.trim().toLowerCase() === 'text/event-stream') ?? false;

function eventOf(said: Said, currency: string): string {
  if (said.what === 'alive') return ': nothing new\n\n';
  if (said.what === 'current') return `event: current\nid: ${cursorOf(said.position)}\ndata: {}\n\n`;
  const body = toItemBody(said.item, currency);
  return `event: ${body.type}\nid: ${cursorOf(said.item.position)}\ndata: ${JSON.stringify(body)}\n\n`;
}

function toItemBody(item: SyncItem, currency: string): z.input<typeof Item> {
  const at = item.at.toISOString();
  const { id, number, sku, externalId } = item.product;
  const named = { id, number: Number(number), sku, externalId };
  if (item.type === 'delete') return { type: 'delete', at, product: named };
  const { product } = item;
  return {
    type: 'upsert',
    at,
    product: {
      ...named,
      slug: product.slug,
      version: product.version,
      title: product.title,
      description: product.description,
      price: toMajorUnits(product.price, currency),
      priceNow: toMajorUnits(product.priceNow, currency),
      currency,
      unit: product.unit,
      categoryId: product.categoryId,
      categoryPath: [...product.categoryPath],
      manufacturerId: product.manufacturerId,
      countryId: product.countryId,
      tags: [...product.tags],
      images: [...product.images],
      options: product.options.map(({ name, values }) => ({ name, values: [...values] })),
      active: product.active,
      inStock: product.inStock,
      package: product.package,
      createdAt: product.createdAt.toISOString(),
      updatedAt: product.updatedAt.toISOString(),
    },
  };
}
