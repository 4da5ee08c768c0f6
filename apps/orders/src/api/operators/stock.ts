import { isUtf8 } from 'node:buffer';
import { ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { type Routes, text, wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { readCsv, readJsonLines } from '../../stock/import-file.ts';
import { importCounts, setCount } from '../../stock/service.ts';
import { listStock, type StockLine } from '../../stock/store.ts';
import { Limit, nextOf, Time } from './common.ts';

const StockBody = z
  .object({
    productId: z.string(),
    sku: z.string(),
    title: z.string(),
    quantity: z.int().nullable().describe('Null: not counted, always to be had'),
    countedAt: Time.nullable(),
  })
  .meta({ id: 'StockLine' });

export const stockRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');

    app.get('/admin/stock', {
      onRequest,
      schema: {
        operationId: 'listStock',
        summary: 'Products and how many are left',
        tags: ['Stock'],
        querystring: z.strictObject({
          q: text({ min: 1, max: 100 }).optional().describe('Part of a SKU or title'),
          counted: z.enum(['true', 'false']).optional(),
          atMost: wholeNumber({ min: 0, max: 1_000_000_000 }).optional().describe('At most so many left'),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(StockBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { q, counted, atMost, after, limit } }) => {
        const lines = await listStock(deps.database, {
          q: q ?? null,
          counted: counted === undefined ? null : counted === 'true',
          atMost: atMost ?? null,
          after: after ?? '',
          limit,
        });
        return { items: lines.map(toStockBody), next: nextOf(lines, limit, ({ productId }) => productId) };
      },
    });

    app.put('/admin/stock/:productId', {
      onRequest,
      schema: {
        operationId: 'setStock',
        summary: 'Say how many of a product there are, or that it is not counted',
        tags: ['Stock'],
        params: z.object({ productId: ObjectId }),
        body: z.strictObject({ quantity: z.int().min(0).max(1_000_000_000).nullable() }),
        response: { 204: z.undefined() },
      },
      handler: async ({ params: { productId }, body: { quantity } }, reply) => {
        await setCount(deps, { productId, quantity });
        return reply.code(204).send();
      },
    });
  };

/** Files are read by this route alone. */
export const stockImportRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const noFile = () => new AppError('unsupported_media_type', 'Send text/csv or application/x-ndjson.');
    // An array in JSON would be taken for rows that a reader has checked.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', async () => Promise.reject(noFile()));
    const readers = { 'text/csv': readCsv, 'application/x-ndjson': readJsonLines };
    for (const [type, read] of Object.entries(readers)) {
      app.addContentTypeParser(type, { parseAs: 'buffer' }, async (_request: unknown, bytes: Buffer) => {
        if (!isUtf8(bytes)) throw new AppError('import_malformed', 'The file is not UTF-8.');
        return read(bytes.toString());
      });
    }

    app.post('/admin/stock/import', {
      onRequest: app.requireRole('operator'),
      bodyLimit: 1024 * 1024,
      // Tens of thousands of rows, stored some at a time: what is cut off half-way has to be sent again.
      handlerTimeout: 2 * 60_000,
      schema: {
        operationId: 'importStock',
        summary: 'Set many counts from a file: CSV with the columns sku and quantity, or JSON lines',
        tags: ['Stock'],
        consumes: Object.keys(readers),
        response: {
          200: z.object({
            counted: z.int(),
            rows: z.array(
              z.object({
                line: z.int(),
                sku: z.string().nullable(),
                outcome: z.enum(['counted', 'unknown_sku', 'repeated', 'malformed']),
                problem: z.string().nullable(),
              }),
            ),
          }),
        },
      },
      handler: async ({ body }) => {
        if (!Array.isArray(body)) throw noFile();
        const rows = await importCounts(deps, body);
        return { counted: rows.filter(({ outcome }) => outcome === 'counted').length, rows };
      },
    });
  };

const toStockBody = ({ countedAt, ...line }: StockLine) => ({ ...line, countedAt: countedAt?.toISOString() ?? null });
