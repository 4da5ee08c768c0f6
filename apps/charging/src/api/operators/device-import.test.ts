import { deviceChanged } from '@forecourt/contracts';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDevice, anId, aStation } from '../../../test/builders.ts';
import { pretendLines } from '../../../test/lines.ts';
import { openSite, type Site } from '../../../test/site.ts';
import { isPassword } from '../../station/password.ts';

const pretended = pretendLines();
let site: Site;
let operator: Record<string, string>;
beforeAll(async () => {
  site = await openSite({ deps: { lines: pretended.lines } });
  operator = { ...(await site.asOperator()), 'content-type': 'text/csv' };
});
afterAll(() => site.close());

const send = async (text: string, query = '') => {
  const { status, body } = await site.post(`/admin/devices/import${query}`, text, operator);
  return { status, body };
};
const tag = () => anId().slice(-6);
const device = (number: string) =>
  site.deps.prisma.device.findUnique({ where: { number }, include: { station: true } });
const header = 'number,station,station_name,station_password,connector,longitude,latitude,price,waiting_price\n';

test('devices and stations are made from a file, and the same file again changes nothing', async () => {
  const t = tag();
  const file = `${header}A-${t},CP-${t},North,${'p'.repeat(16)},1,106.9,47.9,700.5,100\nB-${t},CP-${t},,,2,106.9,47.9,700,0\n`;
  const first = await send(file);
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({ dryRun: false, created: 2, changed: 0, unchanged: 0, refused: 0, stations: 1 });
  const made = await device(`A-${t}`);
  expect(made).toMatchObject({ price: 70_050n, waitingPrice: 10_000n, state: 'Error', active: true });
  expect(made?.station).toMatchObject({ identity: `CP-${t}`, name: 'North', status: 'accepted' });
  const { id = '', passwordHash = null } = made?.station ?? {};
  expect(isPassword(site.deps.stationSettings.secret, id, Buffer.from('p'.repeat(16)), passwordHash)).toBe(true);
  const told = await site.told(deviceChanged.subject);
  expect(told.filter(({ number }) => String(number).endsWith(t))).toMatchObject([{ version: 1 }, { version: 1 }]);

  const again = await send(file);
  expect(again.body).toMatchObject({ created: 0, changed: 0, unchanged: 2, stations: 0 });
  expect(await site.told(deviceChanged.subject)).toHaveLength(told.length);
});

test('stations that are there already are asked how the devices are that are new, once, and not by a dry run', async () => {
  const t = tag();
  const { id, identity } = await aStation(site.deps.database);
  const file = `${header}X-${t},${identity},,,1,106.9,47.9,700,0\nY-${t},${identity},,,2,106.9,47.9,700,0\n`;
  await send(file, '?dryRun=true');
  await send(file);
  await send(file);
  const asked = () => pretended.asked.filter(({ stationId }) => stationId === id).map(({ wish }) => wish);
  await until(() => asked().length === 2);
  const ask = (connector: number) => ({ action: 'trigger', message: 'StatusNotification', connector });
  expect(asked()).toEqual([ask(1), ask(2)]);
});

test('a dry run says all that the file would do, and does nothing', async () => {
  const t = tag();
  await aDevice(site.deps.database, { number: `old-${t}`, price: 100n });
  const file = `number,station,connector,longitude,latitude,price,waiting_price\nnew-${t},CP-${t},1,1,1,1,1\nold-${t},,,,,2,\n`;
  const dry = await send(file, '?dryRun=true');
  expect(dry.body).toMatchObject({ dryRun: true, created: 1, changed: 1, stations: 1 });
  expect(dry.body.rows).toMatchObject([
    { row: 1, number: `new-${t}`, result: 'created' },
    { row: 2, number: `old-${t}`, result: 'changed' },
  ]);
  expect(await device(`new-${t}`)).toBeNull();
  expect((await device(`old-${t}`))?.price).toBe(100n);
  expect(await site.deps.prisma.station.count({ where: { identity: `CP-${t}` } })).toBe(0);
  expect((await send(file, '?dryRun=false')).body).toMatchObject({ dryRun: false, created: 1, changed: 1 });
});

test('what devices can give is in kW', async () => {
  const t = tag();
  const head = 'number,station,connector,longitude,latitude,price,waiting_price,power_kw\n';
  await send(`${head}A-${t},CP-${t},1,1,1,1,1,"22,5"\nB-${t},CP-${t},2,1,1,1,1,\n`);
  expect([(await device(`A-${t}`))?.powerW, (await device(`B-${t}`))?.powerW]).toEqual([22_500, null]);
  const { body } = await send(`number,power_kw\nA-${t},0.5\n`);
  expect(body.rows).toMatchObject([{ result: 'refused' }]);
});

test('a column that is not there and an empty cell say nothing', async () => {
  const t = tag();
  const { id } = await aDevice(site.deps.database, { number: `N-${t}`, price: 100n, waitingPrice: 7n, inRepair: true });
  const { body } = await send(`number;price;waiting_price;in_repair\nN-${t};3,5;;no\n`);
  expect(body.rows).toEqual([{ row: 1, number: `N-${t}`, result: 'changed', deviceId: id }]);
  expect(await device(`N-${t}`)).toMatchObject({ price: 350n, waitingPrice: 7n, inRepair: false, state: 'Idle' });
});

test('a row that is wrong says all that is wrong with it, and holds up no other', async () => {
  const t = tag();
  await aDevice(site.deps.database, {
    number: `here-${t}`,
    stationId: (await aStation(site.deps.database, { identity: `X-${t}` })).id,
  });
  const rows = [
    `bad-${t},CP-${t},0,181,47,0.001,-1`,
    `good-${t},CP-${t},1,1,1,1,1`,
    `good-${t},CP-${t},2,1,1,1,1`,
    `same-${t},CP-${t},1,1,1,1,1`,
    `taken-${t},X-${t},1,1,1,1,1`,
    `short-${t},CP-${t},,,,,`,
    `here-${t},CP-${t},3,,,,`,
    `,CP-${t},4,1,1,1,1`,
  ];
  const { body } = await send(`number,station,connector,longitude,latitude,price,waiting_price\n${rows.join('\n')}\n`);
  expect(body).toMatchObject({ created: 1, refused: 7 });
  const errors = body.rows.map(({ errors: said }: { errors?: string[] }) => said?.join('; ') ?? '');
  expect(errors[0]).toMatch(/connector: .*longitude: .*price: .*waiting_price: /);
  expect(errors.slice(1)).toEqual([
    '',
    'number: row 2 has it too',
    `connector: the device good-${t} is there`,
    `connector: the device here-${t} is there`,
    expect.stringContaining('connector: is missing'),
    `station: the device is on X-${t}`,
    'number: is missing',
  ]);
});

test('the password of a station that is there stays, and its name follows the file', async () => {
  const t = tag();
  const { stationId } = await aDevice(site.deps.database, { number: `P-${t}` });
  const station = await site.deps.prisma.station.update({ where: { id: stationId }, data: { passwordHash: 'kept' } });
  await send(`number,station,station_name,station_password\nP-${t},${station.identity},South,${'q'.repeat(20)}\n`);
  expect(await site.deps.prisma.station.findUnique({ where: { id: stationId } })).toMatchObject({
    name: 'South',
    passwordHash: 'kept',
  });
});

test('more rows than a transaction takes are all there', async () => {
  const t = tag();
  const rows = Array.from(
    { length: 250 },
    (_, at) => `M-${t}-${at},CP-${t}-${at % 50},${1 + Math.floor(at / 50)},1,1,1,1`,
  );
  const { body } = await send(`number,station,connector,longitude,latitude,price,waiting_price\n${rows.join('\n')}\n`);
  expect(body).toMatchObject({ created: 250, refused: 0, stations: 50 });
});

test.each([
  ['an unknown column', 'number,colour\n1,red\n'],
  ['no column to match by', 'station,price\nCP,1\n'],
  ['a column twice', 'number,price,price\n1,1,1\n'],
  ['a row with too many cells', 'number,price\n1,1,1\n'],
  ['a quote that does not end', 'number,price\n"1,1\n'],
  ['no rows', 'number,price\n'],
])('a file with %s changes nothing', async (_what, text) => {
  const { status, body } = await send(text);
  expect([status, body.code]).toEqual([400, 'import_malformed']);
});

test('a file in another encoding is refused, and one that is no CSV or is not there', async () => {
  const call = (payload: string | Buffer, type: string) =>
    site.app.inject({
      method: 'POST',
      url: '/admin/devices/import',
      payload,
      headers: { ...operator, 'content-type': type },
    });
  const latin = await call(Buffer.from('number,price\ncaf\xe9,1\n', 'latin1'), 'text/csv');
  expect([latin.statusCode, latin.json().code]).toEqual([400, 'import_malformed']);
  expect((await call('{}', 'application/json')).statusCode).toBe(415);
  expect((await call('', 'text/csv')).statusCode).toBe(415);
  // What takes CSV here takes it nowhere else.
  const elsewhere = await site.post('/admin/devices', 'number\n1\n', operator);
  expect(elsewhere.status).toBe(415);
});
