import { ObjectId } from '@forecourt/contracts';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { Connector } from '../../registry/fields.ts';
import { getStation } from '../../registry/store.ts';
import { askStation } from '../../station/asking.ts';
import { type CommandRow, listCommands } from '../../station/lookup.ts';
import { isSecretKey, Outcome } from '../../station/wish.ts';
import { instant, Limit, Moment, nextOf, Time } from './common.ts';

const ConnectorOrAll = z.int().min(0).max(1_000).describe('0: the station as a whole');
/** Where the station fetches from, or brings to. */
const Url = z.url({ protocol: /^(?:https?|ftps?)$/ }).max(512);
const printable = /^[\x20-\x7e]*$/;

/**
 * What operators may ask of a station. Sessions are begun and ended, devices kept and passwords given elsewhere, where
 * what follows from it is known.
 */
const CommandWish = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('reset'), kind: z.enum(['soft', 'hard']) }),
    z.strictObject({ action: z.literal('unlock'), connector: Connector }),
    z.strictObject({ action: z.literal('changeAvailability'), connector: ConnectorOrAll, operative: z.boolean() }),
    z.strictObject({
      action: z.literal('getConfiguration'),
      keys: z
        .array(text({ min: 1, max: 120 }))
        .max(100)
        .default([])
        .describe('None: all that it has'),
    }),
    z.strictObject({
      action: z.literal('setConfiguration'),
      key: text({ min: 1, max: 120 })
        .refine((key) => !isSecretKey(key), { params: { rule: 'not_acceptable' } })
        .describe('`Component.Variable` of 2.0.1. Not the password, which has a path of its own'),
      value: z.string().regex(printable).max(2_500),
    }),
    z.strictObject({
      action: z.literal('trigger'),
      message: z.enum([
        'BootNotification',
        'DiagnosticsStatusNotification',
        'FirmwareStatusNotification',
        'Heartbeat',
        'MeterValues',
        'StatusNotification',
      ]),
      connector: Connector.optional(),
    }),
    z.strictObject({
      action: z.literal('setPowerLimit'),
      connector: ConnectorOrAll,
      watts: z.int().min(0).max(10_000_000).nullable().describe('null: no limit any more'),
    }),
    z.strictObject({ action: z.literal('updateFirmware'), url: Url, at: Moment }),
    z.strictObject({ action: z.literal('getDiagnostics'), url: Url }),
  ])
  .meta({ id: 'StationCommandWish' });

const CommandBody = z
  .object({
    id: z.string(),
    action: z.string(),
    payload: z.unknown(),
    outcome: z
      .enum(['pending', ...Outcome.options])
      .describe('timeout: it heard, and nobody knows what it did. offline: it was not there'),
    answer: z.unknown().describe("In the station's own words"),
    operatorId: z.string().nullable(),
    sessionId: z.string().nullable(),
    askedAt: Time,
    deadlineAt: Time,
    endedAt: Time.nullable(),
  })
  .meta({ id: 'StationCommand' });

const deadlineMs = 30_000;

export const commandRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const params = z.object({ stationId: ObjectId });

    app.post('/admin/stations/:stationId/commands', {
      onRequest,
      handlerTimeout: deadlineMs + 5_000,
      schema: {
        operationId: 'commandStation',
        summary: 'Ask a station for something; answers with what came of it, after half a minute at the latest',
        tags: ['Stations'],
        params,
        body: CommandWish,
        response: { 200: z.object({ id: z.string(), outcome: Outcome, answer: z.unknown() }) },
      },
      config: { tellsNothing: true },
      handler: async (request) => {
        const { id: stationId } = await getStation(deps.database, request.params.stationId);
        const operatorId = principalOf(request).customerId;
        const { commandId, outcome, answer } = await askStation(deps, stationId, request.body, {
          deadlineMs,
          operatorId,
        });
        return { id: commandId, outcome, answer };
      },
    });

    app.get('/admin/stations/:stationId/commands', {
      onRequest,
      schema: {
        operationId: 'listStationCommands',
        summary: 'What a station was asked, by whom, and what came of it; newest first',
        tags: ['Stations'],
        params,
        querystring: z.strictObject({
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(CommandBody), next: z.string().nullable() }) },
      },
      handler: async ({ params: { stationId }, query: { after, limit } }) => {
        await getStation(deps.database, stationId);
        const commands = await listCommands(deps.prisma, { stationId, after, limit });
        return { items: commands.map(toBody), next: nextOf(commands, limit, ({ id }) => id) };
      },
    });
  };

const toBody = ({
  stationId: _,
  askedAt,
  deadlineAt,
  endedAt,
  outcome,
  ...command
}: CommandRow): z.input<typeof CommandBody> => ({
  ...command,
  outcome: outcome as z.input<typeof CommandBody>['outcome'],
  askedAt: askedAt.toISOString(),
  deadlineAt: deadlineAt.toISOString(),
  endedAt: instant(endedAt),
});
