import { randomInt, randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { operate } from '../operator.ts';
import { gateway } from '../storefront-client.ts';
import { aDriver, type DriverRefusal } from './app.ts';

interface Device {
  _id: string;
  deviceNumber: string;
  price: number;
  waitingPrice: number;
  location: [number, number];
  state: 'Idle' | 'Busy' | 'Repair' | 'Error';
}

/** Somewhere in the southern sea, where no other test has a device. */
const aPlace = () => ({
  longitude: randomInt(-170_000, -100_000) / 1_000,
  latitude: randomInt(-70_000, -60_000) / 1_000,
});

const looking = async ({ longitude, latitude }: ReturnType<typeof aPlace>, prefix = '/api'): Promise<Device[]> => {
  const box = `bottom-left-longitude=${longitude}&bottom-left-latitude=${latitude}&upper-right-longitude=${longitude}&upper-right-latitude=${latitude}`;
  const { status, body, text } = await gateway.get<Device[]>(`${prefix}/devices/by-location?${box}`);
  expect(status, text).toBe(200);
  return body;
};

async function aDevice(place = aPlace()) {
  const { id: stationId } = await operate<{ id: string }>('post', '/admin/stations', { identity: randomUUID() });
  const number = `E2E-${randomInt(1e9)}`;
  const device = { ...place, stationId, connector: 1, number, price: 700, waitingPrice: 100 };
  const { id } = await operate<{ id: string }>('post', '/admin/devices', device);
  return { id, number, place, stationId };
}

test('a device that operators add is on the map as the document prints it, to whoever looks, under both paths', async () => {
  const { id, number, place } = await aDevice();
  const device = await until(async () => (await looking(place))[0]);
  expect(device).toEqual({
    _id: id,
    deviceNumber: number,
    price: 700,
    waitingPrice: 100,
    location: [place.longitude, place.latitude],
    // Its station has never come.
    state: 'Error',
  });
  expect(await looking(place, '/api/v1')).toEqual([device]);
});

test('what operators change shows on the map, and what they take off is gone', async () => {
  const { id, place } = await aDevice();
  await operate('patch', `/admin/devices/${id}`, { price: 650.5, inRepair: true });
  await until(async () => {
    const [device] = await looking(place);
    return device?.state === 'Repair' && device.price === 650.5;
  });
  await operate('patch', `/admin/devices/${id}`, { active: false });
  await until(async () => (await looking(place)).length === 0);
});

test('a box that crosses the antimeridian has what is on both sides of it, and a wrong one is refused in the app’s manner', async () => {
  const latitude = randomInt(-70_000, -60_000) / 1_000;
  const [west, east] = [await aDevice({ longitude: 179.9, latitude }), await aDevice({ longitude: -179.9, latitude })];
  const path = (left: number, right: number) =>
    `/api/devices/by-location?bottom-left-longitude=${left}&bottom-left-latitude=${latitude}&upper-right-longitude=${right}&upper-right-latitude=${latitude}`;
  await until(async () => {
    const { body } = await gateway.get<Device[]>(path(179, -179));
    return [west.id, east.id].every((id) => body.some(({ _id }) => _id === id));
  });
  const refused = await gateway.get<DriverRefusal>(path(181, -179));
  expect([refused.status, refused.body.error.code]).toEqual([400, 'validation_failed']);
});

test('a device whose station is not connected is kept for nobody', async () => {
  const { id } = await aDevice();
  const { token } = await aDriver();
  const { status, body } = await gateway.post<DriverRefusal>(`/api/devices/${id}/reserve`, undefined, {
    bearer: token,
  });
  expect([status, body.error.code]).toEqual([503, 'device_offline']);
  const none = await gateway.delete<DriverRefusal>(`/api/v1/devices/${id}/reserve`, { bearer: token });
  expect([none.status, none.body.error.code]).toEqual([404, 'reservation_not_found']);
});
