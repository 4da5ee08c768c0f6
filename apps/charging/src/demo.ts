import { createHmac } from 'node:crypto';
import { readFile as readBytes } from 'node:fs/promises';
import { createLog, loadConfig, openDatabase, systemClock } from '@forecourt/service-kit';
import { z } from 'zod';
import { configShape } from './config.ts';
import { deviceSettingsOf } from './device/settings.ts';
import { readFile } from './import/file.ts';
import { importDevices } from './import/service.ts';
import { stationSettingsOf } from './station/settings.ts';

/* Thirty devices around Ulaanbaatar. What is there already stays as it is, so this may run any number of times. */

const config = loadConfig({
  ...configShape,
  /** The demo's stations show, each, a keyed hash of their identity as their password. */
  DEMO_STATION_SECRET: z.string().min(16),
});
const passwordOf = (identity: string) =>
  createHmac('sha256', config.DEMO_STATION_SECRET).update(identity).digest('hex').slice(0, 40);

const log = createLog({ service: 'charging', level: 'warn' });
const database = openDatabase({ url: config.DATABASE_URL, applicationName: 'charging-demo', log });
try {
  const deps = {
    clock: systemClock,
    database,
    currency: config.CURRENCY,
    deviceSettings: deviceSettingsOf(config),
    stationSettings: stationSettingsOf(config),
    // The service's relay looks by itself, soon enough for a demo.
    wrote: () => {},
  };
  const known = await database.$queryRaw<{ number: string }[]>`SELECT number FROM device`;
  const rows = (await readFile(await readBytes(new URL('../demo/devices.csv', import.meta.url))))
    // Prices and places that somebody has changed since are theirs.
    .filter(({ number }) => !known.some((device) => device.number === number))
    .map((row) => ({ ...row, station_password: passwordOf(row.station ?? '') }));
  const { created, stations, rows: lines } = await importDevices(deps, rows, { dryRun: false, operatorId: 'demo' });
  const refused = lines.filter(({ errors }) => errors).map(({ number, errors }) => `${number}: ${errors?.join('; ')}`);
  if (refused.length > 0) throw new Error(refused.join('\n'));
  process.stdout.write(`${created} new devices on ${stations} new stations\n`);
} finally {
  await database.close();
}
