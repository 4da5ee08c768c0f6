import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { CallRate } from '../../call-rate/call-rate.ts';
import { ratesOfCsv } from '../../call-rate/file.ts';
import { getRateList, importRates, listRateLists, type StandingList } from '../../call-rate/service.ts';
import type { Deps } from '../../deps.ts';
import { flag, Instant, wholeNumber } from './common.ts';

const ListBody = z
  .object({
    number: z.int(),
    effectiveFrom: z.iso.datetime(),
    importedAt: z.iso.datetime(),
    importedBy: z.string(),
    destinations: z.int(),
    standing: z.enum(['coming', 'current', 'past']),
  })
  .meta({ id: 'CallRateList' });
const RateBody = z.object({ price: z.number(), code: z.string() });
const WholeListBody = ListBody.extend({
  rates: z.array(
    z.object({
      name: z.object({ en: z.string(), ka: z.string(), ru: z.string() }),
      home: RateBody,
      mobilePhone: RateBody,
    }),
  ),
}).meta({ id: 'WholeCallRateList' });
const ReportBody = z
  .object({
    dryRun: z.boolean(),
    applied: z.boolean().meta({ description: 'All rows or, when one is refused, none.' }),
    effectiveFrom: z.iso.datetime(),
    number: z.int().nullable().meta({ description: 'Of the list that holds from then on; null: none was made.' }),
    rows: z.int(),
    added: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    lines: z.array(
      z.object({
        row: z.int(),
        name: z.string(),
        result: z.enum(['added', 'changed', 'unchanged', 'refused']),
        errors: z.array(z.string()).optional(),
      }),
    ),
    removed: z.array(z.string()).meta({ description: 'What the list before has and this one has not.' }),
  })
  .meta({ id: 'CallRateReport' });

const tags = ['Call rates'];
const bodyLimit = 1024 * 1024;

export const callRateRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    app.get('/admin/call-rates', {
      onRequest,
      schema: {
        operationId: 'listCallRateLists',
        summary: 'Every list of call rates that ever came, newest first',
        tags,
        querystring: z.strictObject({
          before: wholeNumber(1, 999_999_999).optional().meta({ description: 'The number to go on below.' }),
          limit: wholeNumber(1, 200).default(50),
        }),
        response: { 200: z.object({ items: z.array(ListBody) }) },
      },
      handler: async ({ query: { before, limit } }) => ({
        items: (await listRateLists(deps, { before, limit })).map(toListBody),
      }),
    });

    app.get('/admin/call-rates/:number', {
      onRequest,
      schema: {
        operationId: 'getCallRateList',
        summary: 'One list with its rates',
        tags,
        params: z.object({ number: wholeNumber(1, 999_999_999) }),
        response: { 200: WholeListBody },
      },
      handler: async ({ params }) => {
        const list = await getRateList(deps, params.number);
        return { ...toListBody(list), rates: list.rates.map((rate) => toRateBody(rate, deps.currency)) };
      },
    });

    app.post('/admin/call-rates/import', {
      onRequest,
      bodyLimit,
      schema: {
        operationId: 'importCallRates',
        summary: 'A whole list in place of the one in force, from CSV or JSON; a line about every row',
        description:
          'A row: `name_en`, `name_ka`, `name_ru`, `home_price`, `home_code`, `mobile_price`, `mobile_code`. In JSON an ' +
          'array of objects with these names.',
        tags,
        consumes: ['text/csv'],
        querystring: z.strictObject({
          dryRun: flag.meta({ description: '`true`: report what would happen, change nothing.' }),
          effectiveFrom: Instant.optional().meta({ description: 'At once when left out; never earlier than now.' }),
        }),
        response: { 200: ReportBody },
      },
      handler: async (request) => {
        const { dryRun = false, effectiveFrom } = request.query;
        const report = await importRates(deps, rowsOf(request.body), {
          dryRun,
          effectiveFrom,
          actor: principalOf(request).customerId,
        });
        const count = (result: string) => report.lines.filter((line) => line.result === result).length;
        return {
          ...report,
          effectiveFrom: report.effectiveFrom.toISOString(),
          rows: report.lines.length,
          added: count('added'),
          changed: count('changed'),
          unchanged: count('unchanged'),
          refused: count('refused'),
          lines: report.lines.map(({ errors, ...line }) => ({ ...line, ...(errors && { errors: [...errors] }) })),
          removed: [...report.removed],
        };
      },
    });
  };

function rowsOf(body: unknown): readonly unknown[] {
  if (Buffer.isBuffer(body)) return ratesOfCsv(body);
  if (Array.isArray(body)) return body;
  throw new AppError('import_malformed', 'A list of call rates is a JSON array, or a CSV file.');
}

const toListBody = ({ number, effectiveFrom, importedAt, importedBy, destinations, standing }: StandingList) => ({
  number,
  effectiveFrom: effectiveFrom.toISOString(),
  importedAt: importedAt.toISOString(),
  importedBy,
  destinations,
  standing,
});

const toRateBody = ({ name, home, mobile }: CallRate, currency: string) => ({
  name,
  home: { price: toMajorUnits(home.price, currency), code: home.code },
  mobilePhone: { price: toMajorUnits(mobile.price, currency), code: mobile.code },
});
