import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const apps = join(import.meta.dirname, '../../../apps');

/** Those that keep tables. */
export const servicesWithTables = () =>
  readdirSync(apps).filter((service) => existsSync(join(apps, service, 'prisma/schema.prisma')));
