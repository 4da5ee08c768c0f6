import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../test/bay.ts';
import { startSession } from './driving.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());

const numberAt = async (line: string) => {
  const text = await bay.runtime.metrics.registry.metrics();
  const found = text.split('\n').find((one) => one.startsWith(line));
  return found === undefined ? null : Number(found.slice(found.lastIndexOf(' ')));
};

test('sessions are counted by state, and those that nobody has looked at in time', async () => {
  const scene = await bay.scene();
  const { idToken } = await startSession(bay.deps, scene);
  expect(await numberAt('charging_sessions{state="starting"')).toBe(1);
  const station = stationOf(bay, scene);
  await station.begin({ idToken });
  await station.meter(1_100n);
  expect(await numberAt('charging_sessions{state="starting"')).toBeNull();
  expect(await numberAt('charging_sessions{state="charging"')).toBe(1);
  expect(await numberAt('charging_meter_messages_together_count')).toBe(1);

  bay.pass(120);
  await bay.settle();
  bay.pass(13 * 60 + 29);
  expect(await numberAt('charging_sessions_overdue')).toBe(0);
  bay.pass(2);
  expect(await numberAt('charging_sessions_overdue')).toBe(1);
  await bay.settle();
  expect(await numberAt('charging_sessions_overdue')).toBe(0);
});
