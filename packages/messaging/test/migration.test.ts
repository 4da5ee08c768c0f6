import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const own = join(import.meta.dirname, '../sql');
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

const services = readdirSync(join(root, 'apps')).filter((app) => existsSync(join(root, 'apps', app, 'prisma')));

test('somebody uses the tables', () => {
  expect(services).not.toEqual([]);
});

test.each(
  services.flatMap((service) => [
    [service, '00000000000000_messaging', 'messaging.sql'],
    [service, '20260221010000_messaging_sequence', 'sequence.sql'],
  ]),
)('%s has our migration %s, to the letter', (service, migration, file) => {
  expect(read(root, 'apps', service, 'prisma/migrations', migration, 'migration.sql')).toBe(read(own, file));
});

test.each(services)('the models of %s say the same as ours', (service) => {
  const words = (text: string) => text.split(/\s+/).join(' ');
  const schema = words(read(root, 'apps', service, 'prisma/schema.prisma'));
  for (const model of read(own, 'messaging.prisma').match(/^model .*?^\}/gms) ?? []) {
    expect(schema).toContain(words(model));
  }
});
