import { AppError } from '@forecourt/errors';
import { type App, principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { askHowTheyAre } from '../../device/asking.ts';
import { maxImportBytes, readFile } from '../../import/file.ts';
import { columns } from '../../import/row.ts';
import { importDevices } from '../../import/service.ts';
import { flag } from './common.ts';

const ReportBody = z
  .object({
    dryRun: z.boolean(),
    created: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    stations: z.int().describe('That were not there before'),
    rows: z.array(
      z.object({
        row: z.int().describe('The first row of data is 1'),
        number: z.string(),
        result: z.enum(['created', 'changed', 'unchanged', 'refused']),
        deviceId: z.string().optional(),
        errors: z.array(z.string()).readonly().optional(),
      }),
    ),
  })
  .meta({ id: 'DeviceImportReport' });

const minutes = 60_000;

export const deviceImportRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    // For this path alone: elsewhere a body is JSON.
    await app.register(async (own: App) => {
      own.addContentTypeParser('text/csv', { parseAs: 'buffer' }, async (_request: unknown, bytes: Buffer) => bytes);

      own.post('/admin/devices/import', {
        onRequest: app.requireRole('operator'),
        bodyLimit: maxImportBytes,
        handlerTimeout: 5 * minutes,
        schema: {
          operationId: 'importDevices',
          summary: 'Devices and their stations from CSV, matched by the number of the device; answers about every row',
          description:
            `Columns: ${columns.join(', ')}. A column that is not there, or an empty cell, says nothing. A station that ` +
            'is not there yet is added, with `station_password` if it has one; the password of one that is there stays.',
          tags: ['Devices'],
          consumes: ['text/csv'],
          querystring: z.strictObject({
            dryRun: flag.meta({ description: '`true`: report what would happen, change nothing.' }),
          }),
          response: { 200: ReportBody },
        },
        handler: async (request) => {
          if (!Buffer.isBuffer(request.body)) throw new AppError('unsupported_media_type', 'An import is text/csv.');
          const rows = await readFile(request.body);
          const operatorId = principalOf(request).customerId;
          const { rows: lines, ...report } = await importDevices(deps, rows, {
            dryRun: request.query.dryRun ?? false,
            operatorId,
          });
          const created = lines.flatMap(({ result, deviceId }) => (result === 'created' ? (deviceId ?? []) : []));
          askHowTheyAre(deps, created, operatorId);
          return { ...report, rows: [...lines] };
        },
      });
    });
  };
