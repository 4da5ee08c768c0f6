import { catchSaboteur, onDuty, playAll, type SaboteurName } from '@forecourt/chaos';
import { startTestServers, type TestServers } from '@forecourt/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const day = Math.floor(Date.now() / 86_400_000);
const names = onDuty(day);

let servers: TestServers;
let soundly: Promise<readonly string[]>;
const caught = new Map<SaboteurName, Promise<readonly string[]>>();

/** The sound system beside the sabotaged ones, and of these one after the other: a process or two for each core. */
beforeAll(async () => {
  servers = await startTestServers((step, text) => console.log(`${step}: ${text}`));
  soundly = playAll(servers.postgresUrl);
  let before: Promise<unknown> = Promise.resolve();
  for (const name of names) {
    const turn = before.then(() => catchSaboteur(name, servers.postgresUrl));
    before = turn.catch(() => {});
    caught.set(name, turn);
    // Whether it was is for its own test to say.
    turn.catch(() => {});
  }
  soundly.catch(() => {});
});
afterAll(() => servers.stop());

describe('of those on duty today', () => {
  test.each(names)('%s is caught', async (name) => {
    expect(await caught.get(name)).not.toEqual([]);
  });
});

test('a system without a saboteur plays the same scenes, and no check has anything to say', async () => {
  expect(await soundly).toEqual([]);
});
