import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../../test/bay.ts';
import { aDevice, anId } from '../../../test/builders.ts';
import { startSession } from '../../session/driving.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());

/** A driver who has charged so many times: 300 Wh each, cable out at once. */
async function aRegular(times: number) {
  const scene = await bay.scene({ funds: 1_000_000n });
  const station = stationOf(bay, scene);
  const ids: string[] = [];
  for (let n = 0; n < times; n += 1) {
    const { id, idToken } = await startSession(bay.deps, scene);
    const { number } = await station.begin({ idToken });
    bay.pass(90);
    await station.end(String(number), 1_300n, { reason: 'EVDisconnected' });
    ids.unshift(id);
  }
  await bay.settle();
  const headers = await bay.asCustomer(scene.customerId);
  const list = (query = '') => bay.get(`/api/purchases${query}`, headers);
  const say = (id: string, feedback: unknown) => bay.post(`/api/purchases/${id}/feedback`, { feedback }, headers);
  return { scene, station, ids, headers, list, say };
}

test('a driver sees their purchases, newest first, and nobody else’s', async () => {
  const driver = await aRegular(2);
  await aRegular(1);
  const { status, body } = await driver.list();
  expect(status).toBe(200);
  expect(body.map(({ _id }: { _id: string }) => _id)).toEqual(driver.ids);
  const [{ startedAt, finishedAt, deviceNumber, ...purchase }] = body;
  expect(purchase).toEqual({
    _id: driver.ids[0],
    deviceId: driver.scene.deviceId,
    state: 'finished',
    energyWh: 300,
    durationSec: 90,
    waitingSec: 0,
    currency: 'UAH',
    price: 700,
    waitingPrice: 100,
    amount: 210,
    refunded: 0,
    feedback: null,
  });
  expect(Date.parse(finishedAt) - Date.parse(startedAt)).toBe(90_000);
  expect(deviceNumber).toMatch(/^№ /);
});

test('they come page by page, each once', async () => {
  const driver = await aRegular(3);
  const pages = [];
  for (const page of [1, 2, 3]) pages.push((await driver.list(`?page=${page}&page-size=2`)).body);
  expect(pages.map((page) => page.length)).toEqual([2, 1, 0]);
  expect(pages.flat().map(({ _id }: { _id: string }) => _id)).toEqual(driver.ids);
});

test('what goes on is a purchase already; what came to nothing is none', async () => {
  const driver = await aRegular(0);
  bay.answer = () => 'rejected';
  await expect(startSession(bay.deps, driver.scene)).rejects.toMatchObject({ code: 'device_busy' });
  bay.answer = () => 'accepted';
  const { id, idToken } = await startSession(bay.deps, driver.scene);
  expect((await driver.list()).body).toEqual([]);
  const { number } = await driver.station.begin({ idToken });
  bay.pass(60);
  await driver.station.meter(1_100n, { transactionId: String(number) });
  expect((await driver.list()).body).toMatchObject([
    { _id: id, state: 'charging', finishedAt: null, energyWh: 100, durationSec: 60, amount: 70 },
  ]);
});

test.each(['?page=0', '?page=1.5', '?page=-1', '?page-size=0', '?page-size=101', '?page=1e9', '?size=5'])(
  '%s is no page',
  async (query) => {
    const headers = await bay.asCustomer(anId());
    expect((await bay.get(`/api/purchases${query}`, headers)).status).toBe(400);
  },
);

test('what a driver says of a purchase is kept, and replaced by what they say next', async () => {
  const driver = await aRegular(1);
  const [id] = driver.ids as [string];
  const said = await driver.say(id, { score: 2, description: 'Кабель короткий.\nСаван дээр' });
  expect([said.status, said.text]).toEqual([200, '{}']);
  expect((await driver.list()).body[0].feedback).toEqual({ score: 2, description: 'Кабель короткий.\nСаван дээр' });
  await driver.say(id, { score: 5, description: '' });
  expect((await driver.list()).body[0].feedback).toEqual({ score: 5, description: '' });
});

test('of two who say something about a purchase at once the last word stays, once', async () => {
  const driver = await aRegular(1);
  const [id] = driver.ids as [string];
  const answers = await Promise.all([1, 2, 3, 4, 5].map((score) => driver.say(id, { score, description: 'тест' })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(await bay.deps.prisma.feedback.count({ where: { sessionId: id } })).toBe(1);
});

test('nobody speaks about another’s purchase, or about one that never was', async () => {
  const driver = await aRegular(1);
  const other = await aRegular(0);
  for (const id of [...driver.ids, anId(), (await aDevice(bay.deps.database)).id]) {
    const refused = await other.say(id, { score: 1, description: '' });
    expect([refused.status, refused.body.error.code]).toEqual([404, 'purchase_not_found']);
  }
  expect((await driver.list()).body[0].feedback).toBeNull();
  expect((await bay.post(`/api/purchases/${driver.ids[0]}/feedback`, {})).status).toBe(401);
});

test.each([
  [{ score: 0, description: '' }],
  [{ score: 6, description: '' }],
  [{ score: 4.5, description: '' }],
  [{ score: '5', description: '' }],
  [{ score: 5, description: 'я'.repeat(2_001) }],
  [{ score: 5, description: 'nul \u0000' }],
  [{ score: 5 }],
  [{ score: 5, description: '', extra: 1 }],
  [null],
])('%j is no feedback', async (feedback) => {
  const driver = await aRegular(0);
  expect((await driver.say(anId(), feedback)).status).toBe(400);
});

test('a purchase that is over has a receipt, as a page and as a PDF, in the language of whoever asks', async () => {
  const driver = await aRegular(1);
  const receipt = (query = '', headers = {}) =>
    bay.get(`/api/purchases/${driver.ids[0]}/receipt${query}`, { ...driver.headers, ...headers });
  const page = await receipt();
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text).toMatch(/<html lang="mn">.*Төлбөрийн баримт.*0\.300/su);
  expect((await receipt('', { 'accept-language': 'ka' })).text).toContain('ქვითარი');
  for (const pdf of [await receipt('?format=pdf'), await receipt('', { accept: 'application/pdf' })]) {
    expect([pdf.status, pdf.headers['content-type'], pdf.text.slice(0, 5)]).toEqual([200, 'application/pdf', '%PDF-']);
  }
  expect((await receipt('?format=docx')).status).toBe(400);
});

test('there is no receipt of what goes on, nor of what is another’s', async () => {
  const driver = await aRegular(1);
  const other = await aRegular(0);
  const { id, idToken } = await startSession(bay.deps, driver.scene);
  expect((await bay.get(`/api/purchases/${id}/receipt`, driver.headers)).status).toBe(404);
  await driver.station.begin({ idToken });
  const going = await bay.get(`/api/purchases/${id}/receipt`, driver.headers);
  expect([going.status, going.body.error.code]).toEqual([409, 'purchase_move_refused']);
  expect((await bay.get(`/api/purchases/${driver.ids[0]}/receipt`, other.headers)).status).toBe(404);
  expect((await bay.get(`/api/purchases/${driver.ids[0]}/receipt`)).status).toBe(401);
});
