import { ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { getStation } from '../../registry/store.ts';
import {
  type EventRow,
  type FrameRow,
  listEvents,
  listFrames,
  listSuspects,
  resolveSuspect,
  type SuspectRow,
} from '../../station/lookup.ts';
import { flag, instant, Limit, Moment, NoBody, nextOf, Time } from './common.ts';

const EventBody = z
  .object({
    id: z.string(),
    at: Time,
    kind: z.string(),
    detail: z.unknown(),
    operatorId: z.string().nullable(),
  })
  .meta({ id: 'StationEvent' });

const FrameBody = z
  .object({ at: Time, direction: z.enum(['in', 'out']).describe('in: the station sent it'), text: z.string() })
  .meta({ id: 'StationFrame' });

const SuspectBody = z
  .object({
    id: z.string(),
    stationId: z.string(),
    at: Time,
    action: z.string(),
    payload: z.unknown(),
    reason: z.string().describe('What it does not fit'),
    resolvedAt: Time.nullable(),
    resolvedBy: z.string().nullable(),
  })
  .meta({ id: 'SuspectCall' });

/** Where a page of frames ended. */
const FramePlace = z
  .string()
  .regex(/^\d{1,13}-\d{1,18}$/)
  .transform((place) => {
    const [at = '', seq = ''] = place.split('-');
    return { at: new Date(Number(at)), seq: BigInt(seq) };
  });

export const stationLogRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const params = z.object({ stationId: ObjectId });
    const after = ObjectId.optional().describe('`next` of the page before');

    app.get('/admin/stations/:stationId/log', {
      onRequest,
      schema: {
        operationId: 'getStationLog',
        summary: 'What happened to a station, newest first: connections, boots, statuses, what operators did',
        tags: ['Stations'],
        params,
        querystring: z.strictObject({ kind: text({ min: 1, max: 60 }).optional(), after, limit: Limit }),
        response: { 200: z.object({ items: z.array(EventBody), next: z.string().nullable() }) },
      },
      handler: async ({ params: { stationId }, query: { kind, after, limit } }) => {
        await getStation(deps.database, stationId);
        const events = await listEvents(deps.prisma, { stationId, kind, after, limit });
        return { items: events.map(toEventBody), next: nextOf(events, limit, ({ id }) => id) };
      },
    });

    app.get('/admin/stations/:stationId/frames', {
      onRequest,
      schema: {
        operationId: 'getStationFrames',
        summary: 'The wire as it was, newest first; kept for some days, without the passwords that stations are given',
        tags: ['Stations'],
        params,
        querystring: z.strictObject({
          direction: z.enum(['in', 'out']).optional(),
          from: Moment.optional(),
          to: Moment.optional().describe('Not included'),
          after: FramePlace.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(FrameBody), next: z.string().nullable() }) },
      },
      handler: async ({ params: { stationId }, query }) => {
        const { direction = null, from = null, to = null, after = null, limit } = query;
        await getStation(deps.database, stationId);
        const frames = await listFrames(deps.database, { stationId, direction, from, to, after, limit });
        return {
          items: frames.map(toFrameBody),
          next: nextOf(frames, limit, ({ at, seq }) => `${at.getTime()}-${seq}`),
        };
      },
    });

    app.get('/admin/suspect-calls', {
      onRequest,
      schema: {
        operationId: 'listSuspectCalls',
        summary: 'What stations said that fits nothing we know, newest first',
        tags: ['Stations'],
        querystring: z.strictObject({ stationId: ObjectId.optional(), resolved: flag, after, limit: Limit }),
        response: { 200: z.object({ items: z.array(SuspectBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { stationId, resolved, after, limit } }) => {
        const calls = await listSuspects(deps.prisma, { stationId, resolved, after, limit });
        return { items: calls.map(toSuspectBody), next: nextOf(calls, limit, ({ id }) => id) };
      },
    });

    app.post('/admin/suspect-calls/:callId/resolve', {
      onRequest,
      schema: {
        operationId: 'resolveSuspectCall',
        summary: 'Say that somebody has looked at a call; the first who did stays',
        tags: ['Stations'],
        params: z.object({ callId: ObjectId }),
        body: NoBody,
        response: { 200: SuspectBody },
      },
      config: { tellsNothing: true },
      handler: async (request) => {
        const by = principalOf(request).customerId;
        const call = await resolveSuspect(deps.prisma, { id: request.params.callId, by, at: deps.clock() });
        if (!call) throw new AppError('not_found', 'There is no such call.');
        return toSuspectBody(call);
      },
    });
  };

const toEventBody = ({ stationId: _, at, ...event }: EventRow): z.input<typeof EventBody> => ({
  ...event,
  at: at.toISOString(),
});

const toFrameBody = ({ at, direction, text }: FrameRow): z.input<typeof FrameBody> => ({
  at: at.toISOString(),
  direction,
  text,
});

const toSuspectBody = ({ at, resolvedAt, ...call }: SuspectRow): z.input<typeof SuspectBody> => ({
  ...call,
  at: at.toISOString(),
  resolvedAt: instant(resolvedAt),
});
