import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../test/bay.ts';
import { anId } from '../../test/builders.ts';
import { startSession } from '../session/driving.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());

async function aClient() {
  const scene = await bay.scene({ funds: 1_000_000n });
  const clientId = randomUUID();
  bay.clientIds.set(clientId, scene.customerId);
  const headers = await bay.asCustomer(scene.customerId);
  const { uuid } = await bay.deps.prisma.device.findUniqueOrThrow({ where: { id: scene.deviceId } });
  return { scene, station: stationOf(bay, scene), clientId, spot: uuid, headers };
}
const sessionsOf = (clientId: string, headers?: Record<string, string>) =>
  bay.get(`/api/v1/clients/${clientId}/sessions`, headers);

test('a client’s sessions are there as the document prints them, newest first, from the wish to the end', async () => {
  const { scene, station, clientId, spot, headers } = await aClient();
  expect((await sessionsOf(clientId, headers)).body).toEqual([]);
  const list = async () => (await sessionsOf(clientId, headers)).body;

  bay.answer = () => 'rejected';
  await startSession(bay.deps, scene).catch(() => {});
  bay.answer = () => 'accepted';
  await bay.settle();
  bay.pass(1);
  const session = await startSession(bay.deps, scene);
  expect(await list()).toEqual([
    { session_id: session.uuid, spot_id: spot, status: 'на согласовании', cost: 500 },
    { session_id: expect.any(String), spot_id: spot, status: 'отменена', cost: 0 },
  ]);
  await station.begin({ idToken: session.idToken });
  await station.meter(1_100n, { transactionId: String(session.number) });
  expect((await list())[0]).toMatchObject({ session_id: session.uuid, status: 'идёт', cost: 70 });
  await station.end(String(session.number), 1_300n, { reason: 'EVDisconnected' });
  expect((await list())[0]).toMatchObject({ session_id: session.uuid, status: 'проведена', cost: 210 });
});

test('they are the client’s own and the operators’ business; of nobody else is it even said that they exist', async () => {
  const { clientId, headers } = await aClient();
  const stranger = await bay.asCustomer(anId());
  expect((await sessionsOf(clientId)).status).toBe(401);
  const [theirs, nobodys] = [await sessionsOf(clientId, stranger), await sessionsOf(randomUUID(), stranger)];
  expect([theirs.status, theirs.body]).toEqual([404, nobodys.body]);
  expect(theirs.body.error.code).toBe('customer_not_found');
  expect((await sessionsOf(clientId, await bay.asOperator())).status).toBe(200);
  expect((await sessionsOf(randomUUID(), await bay.asOperator())).status).toBe(404);
  const wrong = await sessionsOf(anId(), headers);
  expect([wrong.status, wrong.body.error.fields]).toEqual([400, { client_id: 'Это не идентификатор в виде UUID' }]);
});
