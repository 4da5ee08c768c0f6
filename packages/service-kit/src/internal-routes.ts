import { AppError } from '@forecourt/errors';
import { z } from 'zod';
import type { App } from './app.ts';
import type { ApiDocuments } from './openapi.ts';
import type { RouteIndex } from './route-index.ts';
import type { CoreRuntime } from './runtime.ts';

const Report = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) });

/** What operators and other processes ask; the gateway routes none of these. */
export const internalRoutes =
  ({ health, metrics }: CoreRuntime, documents: ApiDocuments, routes: Pick<RouteIndex, 'all'>) =>
  async (app: App): Promise<void> => {
    // Answers as long as the event loop turns: a dead neighbour is no reason to be restarted.
    app.get('/health/live', async () => ({ live: true }));

    app.get('/health/ready', { schema: { response: { 200: Report, 503: Report } } }, async (_request, reply) => {
      const report = await health.report();
      return reply.code(report.ready ? 200 : 503).send(report);
    });

    app.get('/metrics', async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
    );

    const params = z.object({ dialect: z.string().max(40) });
    app.get('/internal/openapi/:dialect.json', { schema: { params } }, async ({ params: { dialect } }) => {
      const document = documents.of(dialect);
      if (!document) throw new AppError('not_found', `This service has no door for ${dialect}.`);
      return document;
    });

    // What is really there, for whoever checks that nothing answers that nobody knows of.
    app.get('/internal/routes', async () => ({ routes: routes.all() }));
  };
