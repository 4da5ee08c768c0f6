import { AppError } from '@forecourt/errors';
import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { callbackPath } from '../callback/callback.ts';
import type { Deps } from '../deps.ts';
import { takeHint } from '../replenishment/service.ts';

const Params = z.object({
  number: z.string().regex(/^[0-9a-f-]{36}(-\d{1,3})?$/),
  token: z.string().regex(/^[\w-]{43}$/),
});

/**
 * What providers call when somebody pays. Nothing that they say is believed: the provider is asked. A body is not even
 * read, whatever it is.
 */
export const callbackApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, body, done) => {
      body.resume();
      done(null);
    });
    const answer = async ({ params, query }: { params: unknown; query: unknown }): Promise<string> => {
      const { success, data } = Params.safeParse(params);
      if (!success || !deps.callbacks.isOurs(data.number, data.token)) throw new AppError('not_found', 'Not found.');
      const paymentId = deps.provider.paymentIdIn(query as Record<string, unknown>);
      await takeHint(deps, { number: data.number, paymentId });
      return 'SUCCESS';
    };
    app.route({
      method: ['GET', 'POST'],
      url: `${callbackPath}/:number/:token`,
      exposeHeadRoute: false,
      handler: async (request, reply) => reply.type('text/plain; charset=utf-8').send(await answer(request)),
    });
  };
