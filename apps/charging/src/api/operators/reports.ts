import { ObjectId } from '@forecourt/contracts';
import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { type RevenueOfDay, revenueByDay, type UtilisationOfDevice, utilisationByDevice } from '../../report/store.ts';
import { Limit, Moment, major, nextOf } from './common.ts';
import { toCsv, wantsCsv } from './csv.ts';

const dayMs = 24 * 3_600_000;
const mostDays = 366;
/** Of one file. */
const mostDevices = 100_000;

const Format = z.enum(['json', 'csv']).optional().describe('`csv`, or `Accept: text/csv`: all of it in one file');
const period = {
  from: Moment,
  to: Moment.describe(`Not included; at most ${mostDays} days after \`from\``),
};
const isPeriod = ({ from, to }: { from: Date; to: Date }) =>
  from < to && to.getTime() - from.getTime() <= mostDays * dayMs;
const wrongPeriod = { path: ['to'], params: { rule: 'not_acceptable' } };

const DayBody = z
  .object({
    day: z.iso.date(),
    currency: z.string(),
    purchases: z.int(),
    energyKwh: z.number(),
    amount: z.number().describe('What was sold'),
    paid: z.number(),
    refunded: z.number(),
    revenue: z.number().describe('Paid, and not given back'),
  })
  .meta({ id: 'RevenueOfDay' });

const UsedBody = z
  .object({
    deviceId: z.string(),
    deviceNumber: z.string(),
    sessions: z.int(),
    busySec: z.int().describe('In which a session was there'),
    chargingSec: z.int().describe('In which it charged: the rest was waiting'),
    busyShare: z.number().describe('Of the time that has passed, from 0 to 1'),
    energyKwh: z.number().describe('Of the sessions that ended in the time'),
  })
  .meta({ id: 'UtilisationOfDevice' });

export const reportRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const { clock, database, receiptSettings } = deps;
    const onRequest = app.requireRole('operator');

    app.get('/admin/revenue', {
      onRequest,
      schema: {
        operationId: 'getRevenue',
        summary: 'What charging brought, by the day on which sessions were over',
        description:
          'Days begin where receipts say that the business is. What is given back counts for the day of its purchase.',
        tags: ['Reports'],
        produces: ['text/csv'],
        querystring: z
          .strictObject({ ...period, deviceId: ObjectId.optional(), format: Format })
          .refine(isPeriod, wrongPeriod),
        response: { 200: z.object({ items: z.array(DayBody) }) },
      },
      handler: async (request, reply) => {
        const { from, to, deviceId = null, format } = request.query;
        const { timeZone } = receiptSettings;
        const days = (await revenueByDay(database, { from, to, timeZone, deviceId })).map(toDayBody);
        reply.header('vary', 'Accept, Accept-Language');
        if (!wantsCsv(format, request.headers.accept)) return { items: days };
        const head = ['day', 'currency', 'purchases', 'energyKwh', 'amount', 'paid', 'refunded', 'revenue'] as const;
        sendFile(
          reply,
          'revenue',
          toCsv(
            head,
            days.map((day) => head.map((name) => day[name])),
          ),
        );
        return reply;
      },
    });

    app.get('/admin/utilisation', {
      onRequest,
      schema: {
        operationId: 'getUtilisation',
        summary: 'How much of the time each device was used; the unused ones too',
        tags: ['Reports'],
        produces: ['text/csv'],
        querystring: z
          .strictObject({
            ...period,
            after: ObjectId.optional().describe('`next` of the page before'),
            limit: Limit,
            format: Format,
          })
          .refine(isPeriod, wrongPeriod),
        response: { 200: z.object({ items: z.array(UsedBody), next: z.string().nullable() }) },
      },
      handler: async (request, reply) => {
        const { from, to, format } = request.query;
        const asFile = wantsCsv(format, request.headers.accept);
        const limit = asFile ? mostDevices : request.query.limit;
        const after = asFile ? null : (request.query.after ?? null);
        const now = clock();
        const devices = await utilisationByDevice(database, { from, to, now, after, limit });
        const passedSec = Math.max(0, (Math.min(to.getTime(), now.getTime()) - from.getTime()) / 1_000);
        const items = devices.map((device) => toUsedBody(device, passedSec));
        reply.header('vary', 'Accept, Accept-Language');
        if (!asFile) return { items, next: nextOf(devices, limit, ({ deviceId }) => deviceId) };
        const head = [
          'deviceId',
          'deviceNumber',
          'sessions',
          'busySec',
          'chargingSec',
          'busyShare',
          'energyKwh',
        ] as const;
        sendFile(
          reply,
          'utilisation',
          toCsv(
            head,
            items.map((item) => head.map((name) => item[name])),
          ),
        );
        return reply;
      },
    });
  };

interface Reply {
  type(type: string): unknown;
  header(name: string, value: string): unknown;
  send(payload: unknown): unknown;
}

/** Past the schema of what is JSON. */
function sendFile(reply: Reply, name: string, text: string): void {
  reply.type('text/csv; charset=utf-8');
  reply.header('content-disposition', `attachment; filename="${name}.csv"`);
  reply.send(Buffer.from(text));
}

const kilowattHours = (wattHours: bigint) => Number(wattHours) / 1_000;

const toDayBody = ({ day, currency, purchases, energyWh, amount, paid, refunded }: RevenueOfDay) => ({
  day,
  currency,
  purchases,
  energyKwh: kilowattHours(energyWh),
  amount: major(amount, currency),
  paid: major(paid, currency),
  refunded: major(refunded, currency),
  revenue: major(paid - refunded, currency),
});

const toUsedBody = (
  { deviceId, number, sessions, busySec, chargingSec, energyWh }: UtilisationOfDevice,
  passedSec: number,
) => ({
  deviceId,
  deviceNumber: number,
  sessions,
  busySec,
  chargingSec,
  busyShare: passedSec > 0 ? Math.round((busySec / passedSec) * 10_000) / 10_000 : 0,
  energyKwh: kilowattHours(energyWh),
});
