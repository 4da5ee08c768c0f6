import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { changedKinds } from '../../change-log/change-log.ts';
import { listChanges } from '../../change-log/page.ts';
import type { Deps } from '../../deps.ts';
import { Id, wholeNumber } from './common.ts';

const ChangeBody = z
  .object({
    position: z.string(),
    at: z.iso.datetime(),
    kind: z.enum(changedKinds),
    id: z.string(),
    version: z.int(),
    change: z.enum(['created', 'changed', 'removed']),
    actor: z.string().meta({ description: 'The operator, or the process, that did it.' }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'The thing as it was after the change.' }),
  })
  .meta({ id: 'CatalogueChange' });

export const changeRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    app.get('/admin/catalogue/changes', {
      onRequest: app.requireRole('operator'),
      schema: {
        operationId: 'listCatalogueChanges',
        summary: 'Who changed what in the catalogue, newest first',
        tags: ['Changes'],
        querystring: z.strictObject({
          kind: z.enum(changedKinds).optional(),
          id: Id.optional(),
          before: z
            .string()
            .regex(/^\d{1,18}$/)
            .transform(BigInt)
            .optional()
            .meta({ description: 'The position to go on below.' }),
          limit: wholeNumber(1, 200).default(50),
        }),
        response: { 200: z.object({ items: z.array(ChangeBody) }) },
      },
      handler: async ({ query: { kind, id, before, limit } }) => {
        const rows = await listChanges(deps.db, { kind, thingId: id, before }, limit);
        const items = rows.map(({ seq, thingId, at, ...row }) => ({
          ...row,
          position: String(seq),
          id: thingId,
          at: at.toISOString(),
        }));
        return { items } as never;
      },
    });
  };
