import { ObjectId } from '@forecourt/contracts';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { listDevices } from '../../device/lookup.ts';
import { Identity, StationName, StationPassword } from '../../registry/fields.ts';
import { stationStatuses } from '../../registry/registry.ts';
import { addStation, moveStation, nameStation, replacePassword, rotatePassword } from '../../registry/service.ts';
import { getStation, listStations, type Station } from '../../registry/store.ts';
import { flag, instant, Limit, NoBody, nextOf, Time } from './common.ts';
import { DeviceBody, toDeviceBody } from './devices.ts';

const StationBody = z
  .object({
    id: z.string(),
    identity: z.string().describe('The last segment of the address that it connects to'),
    name: z.string().nullable(),
    status: z.enum(stationStatuses).describe('pending: it came by itself, and waits for an operator'),
    protocol: z.string().nullable().describe('Of its last connection'),
    vendor: z.string().nullable(),
    model: z.string().nullable(),
    serialNumber: z.string().nullable(),
    firmware: z.string().nullable(),
    hasPassword: z.boolean(),
    passwordPending: z.boolean().describe('It was told another password, and has not come with it yet'),
    connected: z.boolean(),
    connectedAt: Time.nullable(),
    disconnectedAt: Time.nullable(),
    heardAt: Time.nullable(),
    bootedAt: Time.nullable(),
    ownStatus: z.string().nullable().describe('What it says of itself as a whole: connector 0'),
    ownErrorCode: z.string().nullable(),
    ownStatusAt: Time.nullable(),
    clockAheadMs: z.number().nullable().describe('How far its clock is ahead of ours'),
    createdAt: Time,
  })
  .meta({ id: 'Station' });

const withPassword = { password: z.string().nullable().describe('Shown this once') };

export const stationRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const params = z.object({ stationId: ObjectId });

    app.get('/admin/stations', {
      onRequest,
      schema: {
        operationId: 'listStations',
        summary: 'Stations, newest first',
        tags: ['Stations'],
        querystring: z.strictObject({
          status: z.enum(stationStatuses).optional(),
          connected: flag,
          identity: text({ min: 1, max: 48 }).optional().describe('The beginning of its identity'),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(StationBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { status = null, connected = null, identity = null, after = null, limit } }) => {
        const stations = await listStations(deps.database, { id: null, status, connected, identity, after, limit });
        return { items: stations.map(toBody), next: nextOf(stations, limit, ({ id }) => id) };
      },
    });

    app.post('/admin/stations', {
      onRequest,
      schema: {
        operationId: 'addStation',
        summary: 'Add a station; its password is shown this once',
        tags: ['Stations'],
        body: z.strictObject({
          identity: Identity,
          name: StationName.nullable().default(null),
          password: StationPassword.nullable()
            .optional()
            .describe('One is made when left out; null: it comes with a certificate'),
        }),
        response: { 201: StationBody.extend(withPassword).meta({ id: 'StationWithPassword' }) },
      },
      config: { tellsNothing: true },
      handler: async (request, reply) => {
        const { identity, name, password } = request.body;
        const added = await addStation(deps, { identity, name, password }, principalOf(request).customerId);
        return reply.code(201).send({ ...toBody(added.station), password: added.password });
      },
    });

    app.get('/admin/stations/:stationId', {
      onRequest,
      schema: {
        operationId: 'getStation',
        summary: 'A station and its devices',
        tags: ['Stations'],
        params,
        response: { 200: StationBody.extend({ devices: z.array(DeviceBody) }).meta({ id: 'StationWithDevices' }) },
      },
      handler: async ({ params: { stationId } }) => {
        const station = await getStation(deps.database, stationId);
        const filter = { stationId, state: null, active: null, number: null, after: null, limit: mostDevices };
        const devices = await listDevices(deps.database, filter);
        const byConnector = devices.sort((one, other) => one.connector - other.connector);
        return { ...toBody(station), devices: byConnector.map(toDeviceBody) };
      },
    });

    app.patch('/admin/stations/:stationId', {
      onRequest,
      schema: {
        operationId: 'changeStation',
        summary: 'Name a station',
        tags: ['Stations'],
        params,
        body: z.strictObject({ name: StationName.nullable() }),
        response: { 200: StationBody },
      },
      config: { tellsNothing: true },
      handler: async ({ params: { stationId }, body: { name } }) => toBody(await nameStation(deps, stationId, name)),
    });

    for (const [word, status, summary] of [
      ['accept', 'accepted', 'Say yes to a station that came by itself, or was blocked'],
      ['block', 'blocked', 'Shut a station out, at once; its devices are shown as out of order'],
    ] as const) {
      app.post(`/admin/stations/:stationId/${word}`, {
        onRequest,
        schema: {
          operationId: `${word}Station`,
          summary,
          tags: ['Stations'],
          params,
          body: NoBody,
          response: { 200: StationBody },
        },
        handler: async (request) =>
          toBody(await moveStation(deps, request.params.stationId, status, principalOf(request).customerId)),
      });
    }

    app.post('/admin/stations/:stationId/password', {
      onRequest,
      handlerTimeout: rotationTimeoutMs,
      schema: {
        operationId: 'changeStationPassword',
        summary: 'A new password for a station',
        description:
          '`over: line` tells it to the station, which goes on with the old one until it has taken it; nobody sees it. ' +
          '`over: hand` shows it this once, for somebody to type it in; the old one is over.',
        tags: ['Stations'],
        params,
        body: z.strictObject({ over: z.enum(['line', 'hand']) }),
        response: { 200: StationBody.extend(withPassword).meta({ id: 'StationWithPassword' }) },
      },
      config: { tellsNothing: true },
      handler: async (request) => {
        const { stationId } = request.params;
        const by = principalOf(request).customerId;
        if (request.body.over === 'line')
          return { ...toBody(await rotatePassword(deps, stationId, by)), password: null };
        const { station, password } = await replacePassword(deps, stationId, by);
        return { ...toBody(station), password };
      },
    });
  };

/** More connectors than any station has. */
const mostDevices = 1_000;
/** A station may take its time. */
const rotationTimeoutMs = 35_000;

const toBody = (station: Station): z.input<typeof StationBody> => ({
  ...station,
  clockAheadMs: station.clockAheadMs === null ? null : Number(station.clockAheadMs),
  connectedAt: instant(station.connectedAt),
  disconnectedAt: instant(station.disconnectedAt),
  heardAt: instant(station.heardAt),
  bootedAt: instant(station.bootedAt),
  ownStatusAt: instant(station.ownStatusAt),
  createdAt: station.createdAt.toISOString(),
});
