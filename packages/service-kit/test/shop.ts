import { storefront } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { z } from 'zod';
import { type App, createApp, door, principalOf, text } from '../src/index.ts';

const Item = z.object({ id: z.string(), language: z.string(), note: z.string().nullable() }).meta({ id: 'Item' });
const NewItem = z.strictObject({ name: text({ min: 1, max: 10 }), quantity: z.int().min(1) });

export interface Shop {
  app: App;
  runtime: TestRuntime;
  post(payload: unknown, headers?: Record<string, string>): ReturnType<typeof send>;
  close(): Promise<void>;
}

/** A small service with one door, to knock at. */
export async function openShop(): Promise<Shop> {
  const runtime = await createTestRuntime('orders');
  const app = await createApp(runtime);
  await app.register(
    door(storefront, async (shop) => {
      shop.post('/items', { schema: { body: NewItem, response: { 201: Item } } }, async (request, reply) =>
        reply.code(201).send({ id: request.body.name, language: request.language, note: null }),
      );
      shop.get(
        '/items/:id',
        {
          schema: {
            operationId: 'getItem',
            summary: 'One item',
            params: z.object({ id: text({ max: 64 }) }),
            querystring: z.strictObject({ page: z.coerce.number().int().min(1).default(1) }),
            response: { 200: Item },
          },
        },
        async ({ params, language }) => ({ id: params.id, language, note: null }),
      );
      shop.get('/me', { onRequest: shop.requirePrincipal }, async (request) => principalOf(request));
      shop.post('/guest', { onRequest: shop.optionalPrincipal }, async (request) => ({
        customerId: request.principal?.customerId ?? null,
      }));
      shop.post('/staff', { onRequest: shop.requireRole('operator'), schema: { body: NewItem } }, async () => ({}));
      shop.post('/visits', { config: { tellsNothing: true }, schema: { body: NewItem } }, async () => ({}));
      shop.get('/broken', async () => {
        throw new Error('canary: the password is hunter2');
      });
      shop.get('/taken', async () => {
        throw new AppError('email_taken', 'This e-mail is taken.');
      });
      shop.get('/busy', async () => {
        throw new AppError('overloaded', 'Too busy.', { retryAfterSeconds: 3 });
      });
    }),
  );
  return {
    app,
    runtime,
    post: (payload, headers = {}) => send(app, payload, headers),
    close: async () => {
      await app.close();
      await runtime.close();
    },
  };
}

const send = (app: App, payload: unknown, headers: Record<string, string>) =>
  app.inject({
    method: 'POST',
    url: '/items',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
