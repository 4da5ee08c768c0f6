import { DeviceState, ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { askHowTheyAre } from '../../device/asking.ts';
import { addDevice, changeDevice } from '../../device/keeping.ts';
import { listDevices } from '../../device/lookup.ts';
import { type Device, findDevice } from '../../device/store.ts';
import { Connector, DeviceNumber, Latitude, Longitude, PowerKw, Price, toWatts } from '../../registry/fields.ts';
import { flag, instant, Limit, major, minor, nextOf, sent, Time } from './common.ts';

export const DeviceBody = z
  .object({
    id: z.string(),
    number: z.string().describe('What is written on it'),
    stationId: z.string(),
    stationIdentity: z.string(),
    connector: z.int().describe('connectorId of OCPP 1.6, evseId of 2.0.1'),
    longitude: z.number(),
    latitude: z.number(),
    currency: z.string(),
    price: z.number().describe('Of a kWh'),
    waitingPrice: z.number().describe('Of a minute in which the cable stays in after the charge'),
    powerKw: z.number().nullable().describe('What it can give at most; null: nobody has said'),
    active: z.boolean().describe('false: it is not shown and cannot be started'),
    inRepair: z.boolean(),
    state: DeviceState.describe('As drivers see it'),
    status: z.string().nullable().describe('As the station last said it; null: it has said nothing yet'),
    errorCode: z.string().nullable(),
    statusAt: Time.nullable(),
    sessionId: z.string().nullable().describe('What runs on it'),
    reservationId: z.string().nullable(),
    reservedFor: z.string().nullable().describe('The customer for whom it is kept'),
    createdAt: Time,
    changedAt: Time,
  })
  .meta({ id: 'OperatorsDevice' });

const fields = {
  number: DeviceNumber,
  connector: Connector,
  longitude: Longitude,
  latitude: Latitude,
  price: Price,
  waitingPrice: Price,
  powerKw: PowerKw.nullable(),
  active: z.boolean(),
  inRepair: z.boolean(),
};

export const deviceRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');
    const params = z.object({ deviceId: ObjectId });
    const watts = (kilowatts: number | null | undefined) => (kilowatts == null ? kilowatts : toWatts(kilowatts));
    const amount = (price: number | undefined) => (price === undefined ? undefined : minor(price, deps.currency));

    app.get('/admin/devices', {
      onRequest,
      schema: {
        operationId: 'listDevices',
        summary: 'Devices, newest first',
        tags: ['Devices'],
        querystring: z.strictObject({
          stationId: ObjectId.optional(),
          state: DeviceState.optional(),
          active: flag,
          number: text({ min: 1, max: 40 }).optional().describe('The beginning of what is written on it'),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(DeviceBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { stationId, state, active, number, after, limit } }) => {
        const devices = await listDevices(deps.database, {
          stationId: stationId ?? null,
          state: state ?? null,
          active: active ?? null,
          number: number ?? null,
          after: after ?? null,
          limit,
        });
        return { items: devices.map(toDeviceBody), next: nextOf(devices, limit, ({ id }) => id) };
      },
    });

    app.post('/admin/devices', {
      onRequest,
      schema: {
        operationId: 'addDevice',
        summary: 'Add a device: one connector of a station',
        tags: ['Devices'],
        body: z.strictObject({
          ...fields,
          stationId: ObjectId,
          powerKw: fields.powerKw.default(null),
          active: fields.active.default(true),
          inRepair: fields.inRepair.default(false),
        }),
        response: { 201: DeviceBody },
      },
      handler: async (request, reply) => {
        const { price, waitingPrice, powerKw, ...rest } = request.body;
        const prices = { price: minor(price, deps.currency), waitingPrice: minor(waitingPrice, deps.currency) };
        const by = principalOf(request).customerId;
        const device = await addDevice(deps, { ...rest, ...prices, powerW: watts(powerKw) ?? null }, by);
        askHowTheyAre(deps, [device.id], by);
        return reply.code(201).send(toDeviceBody(device));
      },
    });

    app.get('/admin/devices/:deviceId', {
      onRequest,
      schema: {
        operationId: 'getDevice',
        summary: 'A device, and why it is in the state that drivers see',
        tags: ['Devices'],
        params,
        response: { 200: DeviceBody },
      },
      handler: async ({ params: { deviceId } }) => {
        const device = await findDevice(deps.database, deviceId);
        if (!device) throw new AppError('device_not_found', 'There is no such device.');
        return toDeviceBody(device);
      },
    });

    app.patch('/admin/devices/:deviceId', {
      onRequest,
      schema: {
        operationId: 'changeDevice',
        summary: 'Change a device; sessions that run keep the price that they began with',
        tags: ['Devices'],
        params,
        body: z.strictObject(fields).partial(),
        response: { 200: DeviceBody },
      },
      handler: async (request) => {
        const { price, waitingPrice, powerKw, ...rest } = request.body;
        const prices = { price: amount(price), waitingPrice: amount(waitingPrice) };
        const changes = sent({ ...rest, ...prices, powerW: watts(powerKw) });
        const by = principalOf(request).customerId;
        const device = await changeDevice(deps, request.params.deviceId, changes, by);
        if (changes.connector !== undefined) askHowTheyAre(deps, [device.id], by);
        return toDeviceBody(device);
      },
    });
  };

export const toDeviceBody = (device: Device): z.input<typeof DeviceBody> => ({
  id: device.id,
  number: device.number,
  stationId: device.stationId,
  stationIdentity: device.stationIdentity,
  connector: device.connector,
  longitude: device.longitude,
  latitude: device.latitude,
  currency: device.currency,
  price: major(device.price, device.currency),
  waitingPrice: major(device.waitingPrice, device.currency),
  powerKw: device.powerW === null ? null : device.powerW / 1_000,
  active: device.active,
  inRepair: device.inRepair,
  state: device.state,
  status: device.status,
  errorCode: device.errorCode,
  statusAt: instant(device.statusAt),
  sessionId: device.sessionId,
  reservationId: device.reservationId,
  reservedFor: device.reservedFor,
  createdAt: device.createdAt.toISOString(),
  changedAt: device.changedAt.toISOString(),
});
