import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { eraseSelf } from '../erasure/service.ts';
import { exportCustomer } from '../export/service.ts';
import { actorOf, keepNothing, Password } from './storefront-bodies.ts';

/** Fastify gives `null` for a body that is not there. */
const EraseBody = z.strictObject({ password: Password.optional() }).nullish();

const tags = ['Account'];

/** What the law gives people over what is stored about them (GDPR, articles 15, 17 and 20); ours, not in the document. */
export const storefrontPrivacyApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', keepNothing);

    app.post('/me/export', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'exportMe',
        summary: 'Everything that is stored about me, as a file',
        description:
          'One JSON object: `customer`, `sessions`, `codeRequests`, `messages` and `acts` of the account, and a list for each ' +
          'other service, such as `orders`. Whole or not at all: a 503 while a part of it cannot be had. Three times an hour.',
        tags,
        response: { 201: z.unknown().describe('The file, `application/json`') },
      },
      handler: async (request, reply) => {
        const { customerId } = principalOf(request);
        const file = await exportCustomer(deps, { customerId, actor: actorOf(customerId, request) });
        const day = deps.clock().toISOString().slice(0, 10);
        return reply
          .code(201)
          .type('application/json; charset=utf-8')
          .header('content-disposition', `attachment; filename="forecourt-${day}.json"`)
          .send(file);
      },
    });

    app.delete('/me', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'eraseMe',
        summary: 'Erase my account, for ever',
        description:
          'Needs the `password` of an account that has one, and of another that its owner signed in within 15 minutes; else ' +
          'it is a 403, and nothing happens. All tokens, sessions and devices end within a second. Orders stay, without ' +
          'anything that says whose they were. The phone and the e-mail address can be registered anew.',
        tags,
        body: EraseBody,
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        const { customerId, sessionId } = principalOf(request);
        const { password } = request.body ?? {};
        await eraseSelf(deps, { customerId, sessionId, password, actor: actorOf(customerId, request) });
        return reply.code(204).send(null);
      },
    });
  };
