import { expect, test } from 'vitest';
import { aGateway, aRawService, aService, nobody } from './system.ts';

const ready = (checks: Record<string, string> = { database: 'ok' }) =>
  aService((_request, response) => {
    const well = Object.values(checks).every((outcome) => outcome === 'ok');
    response
      .writeHead(well ? 200 : 503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ready: well, checks }));
  });

const everyServiceAt = (origin: string) => ({
  identity: origin,
  catalog: origin,
  orders: origin,
  charging: origin,
  payments: origin,
});

const readiness = async (origin: string) => {
  const answer = await fetch(`${origin}/health/ready`);
  return { status: answer.status, ...((await answer.json()) as object) };
};

test('ready when every service is', async () => {
  const service = await ready();
  const { origin } = await aGateway({
    services: everyServiceAt(service.origin),
  });
  expect(await readiness(origin)).toEqual({
    status: 200,
    ready: true,
    checks: { identity: 'ok', catalog: 'ok', orders: 'ok', charging: 'ok', payments: 'ok' },
  });
  expect(service.seen.map(({ url }) => url)).toEqual(Array(5).fill('/health/ready'));
});

test('not ready names the service and its checks, and to the world nothing of what they found', async () => {
  const services = {
    identity: (await ready()).origin,
    catalog: (await ready({ database: 'ok', nats: 'ok', relay: 'no pg_hba.conf entry for 10.0.0.7' })).origin,
    orders: await nobody(),
    charging: (await ready()).origin,
    payments: (await ready()).origin,
  };
  const { origin } = await aGateway({ services });
  expect(await readiness(origin)).toEqual({
    status: 503,
    ready: false,
    checks: { identity: 'ok', catalog: 'not ready: relay', orders: 'is away', charging: 'ok', payments: 'ok' },
  });
});

test('a service that hangs is not ready, and the answer does not hang with it', async () => {
  const well = (await ready()).origin;
  const hangs = (await aRawService(() => undefined)).origin;
  const { origin } = await aGateway({ services: { ...everyServiceAt(well), catalog: hangs } });
  expect(await readiness(origin)).toMatchObject({
    status: 503,
    checks: { identity: 'ok', catalog: 'does not answer' },
  });
});

test('one process of a service that is ready is enough', async () => {
  const well = (await ready()).origin;
  const { origin } = await aGateway({
    services: { ...everyServiceAt(well), catalog: [await nobody(), well] },
  });
  expect(await readiness(origin)).toMatchObject({ status: 200 });
});

test('many who ask at once cost the services one question', async () => {
  const service = await ready();
  const { origin } = await aGateway({
    services: everyServiceAt(service.origin),
  });
  await Promise.all(Array.from({ length: 20 }, () => readiness(origin)));
  expect(service.seen).toHaveLength(5);
});

test('alive whatever the services do, and not ready from the moment of leaving', async () => {
  const well = (await ready()).origin;
  const { origin, health } = await aGateway({
    services: everyServiceAt(well),
  });
  health.beginClosing();
  expect(await readiness(origin)).toMatchObject({ status: 503, ready: false });
  expect((await fetch(`${origin}/health/live`)).status).toBe(200);
});
