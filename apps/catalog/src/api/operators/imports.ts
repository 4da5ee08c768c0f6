import { Readable } from 'node:stream';
import { AppError } from '@forecourt/errors';
import type { Routes } from '@forecourt/service-kit';
import { principalOf } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { type ImportFormat, maxImportBytes, type SpooledFile, spool } from '../../import/file.ts';
import { checkImport, type ImportOptions, importProducts } from '../../import/service.ts';
import { flag } from './common.ts';

const formats: Readonly<Record<string, ImportFormat>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
};

const mostMs = 15 * 60_000;

export const importRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    // Left unread here: the handler lets it flow to disk.
    app.addContentTypeParser(Object.keys(formats), (_request, payload, done) => done(null, payload));

    app.post('/admin/products/import', {
      onRequest: app.requireRole('operator', 'partner'),
      bodyLimit: maxImportBytes,
      handlerTimeout: mostMs,
      schema: {
        operationId: 'importProducts',
        summary:
          'Products from CSV or JSON lines, matched by external id or SKU; answers a JSON line for every row, then a summary',
        tags: ['Products'],
        consumes: Object.keys(formats),
        querystring: z.strictObject({
          dryRun: flag.meta({ description: '`true`: report what would happen, change nothing.' }),
          atomic: flag.meta({ description: '`true`: all rows or, when one is refused, none.' }),
        }),
      },
      handler: async (request, reply) => {
        const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
        const format = formats[type];
        if (!format || !(request.body instanceof Readable))
          throw new AppError('unsupported_media_type', `An import is one of ${Object.keys(formats).join(', ')}.`);
        const { dryRun = false, atomic = false } = request.query;
        const options = { dryRun, atomic, actor: principalOf(request).customerId };
        const file = await spool(request.body, format);
        // Nothing moves on the line while all rows are one transaction, and that is no sign that nobody is there.
        reply.raw.setTimeout(mostMs, () => reply.raw.destroy());
        try {
          await checkImport(file, options);
        } catch (error) {
          await file.discard();
          throw error;
        }
        return reply
          .header('content-type', 'application/x-ndjson; charset=utf-8')
          .header('cache-control', 'no-store')
          .send(Readable.from(reportOf(deps, file, options), { objectMode: false }));
      },
    });
  };

/** The status has been sent by the time that something breaks, so the last line says it. */
async function* reportOf(deps: Deps, file: SpooledFile, options: ImportOptions): AsyncGenerator<string> {
  try {
    for await (const line of importProducts(deps, file, options)) yield `${JSON.stringify(line)}\n`;
  } catch (error) {
    deps.log.error({ err: error }, 'an import broke off');
    const refusal =
      error instanceof AppError ? error : new AppError('internal', 'The import broke off. Send the file again.');
    yield `${JSON.stringify({ error: { code: refusal.code, detail: refusal.message } })}\n`;
  } finally {
    await file.discard();
  }
}
