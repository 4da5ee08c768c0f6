import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isPassword } from './station/password.ts';

const secrets = {
  STATION_SECRET: 'stations of tests are known to all',
  DEMO_STATION_SECRET: 'so are those of the demo',
};
let runtime: TestRuntime;
beforeAll(async () => {
  runtime = await createTestRuntime('charging', { nats: false });
});
afterAll(() => runtime.close());

/** As `npm start` runs it; gives what it says. */
const load = async (): Promise<string> => {
  const { DATABASE_URL, NATS_URL } = runtime.config;
  const { stdout } = await promisify(execFile)(process.execPath, ['src/demo.ts'], {
    cwd: new URL('..', import.meta.url),
    env: { NODE_ENV: 'test', CURRENCY: 'MNT', DATABASE_URL, NATS_URL, ...secrets },
  });
  return stdout;
};
const devices = () =>
  runtime.database.$queryRaw<{ number: string; price: bigint; inRepair: boolean; longitude: number }[]>`
    SELECT number, price, in_repair AS "inRepair", longitude FROM device ORDER BY number`;

test('there are thirty devices, whose stations come in with the password of the demo; a second time changes nothing', async () => {
  expect(await load()).toBe('30 new devices on 15 new stations\n');
  const made = await devices();
  expect(made).toHaveLength(30);
  expect(made.every(({ longitude }) => longitude > 106 && longitude < 108)).toBe(true);
  expect(made.filter(({ inRepair }) => inRepair)).toHaveLength(1);

  const stations = await runtime.database.$queryRaw<{ id: string; identity: string; hash: string; status: string }[]>`
    SELECT id, identity, password_hash AS hash, status FROM station`;
  for (const { id, identity, hash, status } of stations) {
    const password = createHmac('sha256', secrets.DEMO_STATION_SECRET).update(identity).digest('hex').slice(0, 40);
    expect([identity, status, isPassword(secrets.STATION_SECRET, id, Buffer.from(password), hash)]).toEqual([
      identity,
      'accepted',
      true,
    ]);
  }

  await runtime.database.$executeRaw`UPDATE device SET price = 4200 WHERE number = 'UB-0101'`;
  expect(await load()).toBe('0 new devices on 0 new stations\n');
  expect((await devices())[0]).toMatchObject({ number: 'UB-0101', price: 4200n });
}, 60_000);
