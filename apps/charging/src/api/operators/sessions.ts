import { ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { refundPurchase } from '../../refund/service.ts';
import { listRefunds } from '../../refund/store.ts';
import { forceFinish } from '../../session/driving.ts';
import { findCase, listSessions } from '../../session/lookup.ts';
import { listReadings } from '../../session/readings.ts';
import { tellStory } from '../../station/story.ts';
import { Limit, Moment, minor, nextOf, Time } from './common.ts';
import {
  flags,
  origins,
  PortionBody,
  RefundBody,
  SessionBody,
  states,
  toPortionBody,
  toRefundBody,
  toSessionBody,
} from './session-bodies.ts';

const WholeSessionBody = SessionBody.extend({
  portions: z.array(PortionBody).describe('What payments was asked to hold or to charge'),
  refunds: z.array(RefundBody),
}).meta({ id: 'WholeChargingSession' });

const ReadingBody = z
  .object({
    at: Time.describe("By the station's clock"),
    receivedAt: Time,
    registerWh: z.number().nullable(),
    powerW: z.int().nullable(),
    raw: z.unknown().describe('As the station sent it, signed values too'),
  })
  .meta({ id: 'MeterReading' });

/** Payments has five seconds for each part of it. */
const refundTimeout = 25_000;

export const sessionRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const { clock, database } = deps;
    const onRequest = app.requireRole('operator');
    const params = z.object({ sessionId: ObjectId });

    const whole = async (sessionId: string): Promise<z.input<typeof WholeSessionBody>> => {
      const known = await findCase(database, sessionId);
      if (!known) throw new AppError('purchase_not_found', 'There is no such session.');
      const { session, portions } = known;
      const refunds = await listRefunds(database, [sessionId]);
      return {
        ...toSessionBody(session, portions, clock()),
        portions: portions.map((portion) => toPortionBody(session, portion)),
        refunds: refunds.map((refund) => toRefundBody(session.currency, refund)),
      };
    };

    app.get('/admin/sessions', {
      onRequest,
      schema: {
        operationId: 'listSessions',
        summary: 'Charging sessions, newest first; those of which nothing came, too',
        tags: ['Sessions'],
        querystring: z.strictObject({
          customerId: ObjectId.optional(),
          deviceId: ObjectId.optional(),
          stationId: ObjectId.optional(),
          state: z.enum(states).optional(),
          origin: z.enum(origins).optional(),
          flag: z
            .enum([...flags, 'any'])
            .optional()
            .describe('`any`: whatever a person should look at'),
          from: Moment.optional().describe('Asked for, or begun at the station, from then on'),
          to: Moment.optional().describe('Not included'),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(SessionBody), next: z.string().nullable() }) },
      },
      handler: async ({ query }) => {
        const { customerId = null, deviceId = null, stationId = null, state = null, origin = null } = query;
        const { flag = null, from = null, to = null, after = null, limit } = query;
        const filter = { customerId, deviceId, stationId, state, origin, flag, from, to, after, limit };
        const cases = await listSessions(database, filter);
        const now = clock();
        return {
          items: cases.map(({ session, portions }) => toSessionBody(session, portions, now)),
          next: nextOf(cases, limit, ({ session }) => session.id),
        };
      },
    });

    app.get('/admin/sessions/:sessionId', {
      onRequest,
      schema: {
        operationId: 'getSession',
        summary: 'A charging session, with its money',
        tags: ['Sessions'],
        params,
        response: { 200: WholeSessionBody },
      },
      handler: async ({ params: { sessionId } }) => await whole(sessionId),
    });

    app.get('/admin/sessions/:sessionId/readings', {
      onRequest,
      schema: {
        operationId: 'listReadingsOfSession',
        summary: 'All that its meter said, in the order of its clock; for as long as readings are kept',
        tags: ['Sessions'],
        params,
        response: { 200: z.object({ items: z.array(ReadingBody) }) },
      },
      handler: async ({ params: { sessionId } }) => {
        if (!(await findCase(database, sessionId))) {
          throw new AppError('purchase_not_found', 'There is no such session.');
        }
        const readings = await listReadings(database, sessionId);
        return {
          items: readings.map(({ at, receivedAt, registerWh, powerW, raw }) => ({
            at: at.toISOString(),
            receivedAt: receivedAt.toISOString(),
            registerWh: registerWh === null ? null : Number(registerWh),
            powerW,
            raw,
          })),
        };
      },
    });

    app.post('/admin/sessions/:sessionId/finish', {
      onRequest,
      schema: {
        operationId: 'finishSession',
        summary: 'End a session: by way of its station, or at once by what is known of it',
        description:
          '`settle`: it is billed by the last that its station said, for one that does not come back; what that says of the end ' +
          'after all puts it right. Otherwise the station is asked to stop, again and again.',
        tags: ['Sessions'],
        params,
        body: z.strictObject({ settle: z.boolean().default(false) }).nullish(),
        response: { 200: WholeSessionBody },
      },
      handler: async (request) => {
        const { sessionId } = request.params;
        const settle = request.body?.settle ?? false;
        const { stationId } = await forceFinish(deps, { sessionId, settle });
        await tellStory(database, {
          stationId,
          at: clock(),
          kind: 'session.ended',
          detail: { sessionId, settle },
          operatorId: principalOf(request).customerId,
        });
        return await whole(sessionId);
      },
    });

    app.post('/admin/sessions/:sessionId/refund', {
      onRequest,
      handlerTimeout: refundTimeout,
      schema: {
        operationId: 'refundSession',
        summary: 'Give back to the wallet all or a part of what was paid for a session, never more in all',
        tags: ['Sessions'],
        params,
        body: z.strictObject({
          key: z
            .string()
            .regex(/^[\w.:-]{8,64}$/)
            .describe('Yours, for this one intention: sent again it changes nothing more'),
          amount: z.number().positive().max(9_007_199_254_740),
          reason: text({ min: 3, max: 500 }),
        }),
        response: { 200: WholeSessionBody },
      },
      handler: async (request) => {
        const { sessionId } = request.params;
        const { key, amount, reason } = request.body;
        const known = await findCase(database, sessionId);
        if (!known) throw new AppError('purchase_not_found', 'There is no such session.');
        await refundPurchase(deps, {
          sessionId,
          key,
          amount: minor(amount, known.session.currency),
          reason,
          operatorId: principalOf(request).customerId,
        });
        return await whole(sessionId);
      },
    });
  };
