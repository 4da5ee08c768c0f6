import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDevice } from '../../../test/builders.ts';
import { openSite, type Site } from '../../../test/site.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const look = (corners: readonly (string | number)[], more = '') => {
  const names = ['bottom-left-longitude', 'bottom-left-latitude', 'upper-right-longitude', 'upper-right-latitude'];
  return site.get(`/api/devices/by-location?${names.map((name, at) => `${name}=${corners[at]}`).join('&')}${more}`);
};

test('a device shows with the document’s words and nothing else, to whoever asks', async () => {
  const device = { longitude: 106.917, latitude: 47.918, number: 'UB-07', price: 70_050n, waitingPrice: 10_000n };
  const { id } = await aDevice(site.deps.database, device);
  const { status, body } = await look([106.9, 47.9, 107, 48]);
  expect(status).toBe(200);
  expect(body).toEqual([
    {
      _id: id,
      deviceNumber: 'UB-07',
      price: 700.5,
      waitingPrice: 100,
      location: [106.917, 47.918],
      state: 'Idle',
    },
  ]);
});

test('amounts have the decimals of the currency', async () => {
  await aDevice(site.deps.database, { longitude: 1, latitude: 1, currency: 'JPY', price: 70n, waitingPrice: 0n });
  expect((await look([1, 1, 1, 1])).body).toMatchObject([{ price: 70, waitingPrice: 0 }]);
});

test('what is not shown any more is not there', async () => {
  await aDevice(site.deps.database, { longitude: 2, latitude: 2, active: false });
  expect((await look([2, 2, 2, 2])).body).toEqual([]);
});

test('a box across the antimeridian', async () => {
  const { id } = await aDevice(site.deps.database, { longitude: -179.5, latitude: 10 });
  expect((await look([179, 9, -179, 11])).body).toMatchObject([{ _id: id }]);
  expect((await look([-179, 9, 179, 11])).body).toEqual([]);
});

test.each<[string, (string | number)[], string?]>([
  ['a corner is missing', ['', 47, 107, 48]],
  ['a longitude is beyond the earth', [180.1, 47, 107, 48]],
  ['a latitude is beyond the pole', [106, -90.5, 107, 48]],
  ['the bottom is above the top', [106, 48, 107, 47]],
  ['it is no number', ['east', 47, 107, 48]],
  ['it is written in hexadecimal', ['0x10', 47, 107, 48]],
  ['it is not finite', ['Infinity', 47, 107, 48]],
  ['a corner comes twice', [106, 47, 107, 48], '&upper-right-latitude=49'],
  ['there is something else', [106, 47, 107, 48], '&state=Idle'],
])('it is refused when %s', async (_what, corners, more) => {
  const { status, body } = await look(corners, more);
  expect([status, body.error.code]).toEqual([400, 'validation_failed']);
});

test('what Dart writes of nearly nothing is a number', async () => {
  const { id } = await aDevice(site.deps.database, { longitude: 0, latitude: 0 });
  expect((await look(['-1.5e-7', '-0.0', '1e-10', '1E-10'])).body).toMatchObject([{ _id: id }]);
});
