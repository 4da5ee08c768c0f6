// node infra/prisma/check-drift.ts [postgres-url]: does each schema.prisma agree with its migrations? Exit code 1 if not.
import { join } from 'node:path';
import { findDrift } from './src/drift.ts';
import { apps, servicesWithTables } from './src/services.ts';

const server = process.argv[2] ?? process.env.TEST_POSTGRES_URL;
if (!server) {
  console.error('check-drift: give the URL of a Postgres server where I may make databases, or set TEST_POSTGRES_URL');
  process.exit(2);
}

for (const service of servicesWithTables()) {
  const drift = await findDrift({ directory: join(apps, service, 'prisma'), service, server });
  if (drift.length === 0) continue;
  process.exitCode = 1;
  console.error(`${service}: schema.prisma and its migrations disagree; to be what the schema says, the tables need\n`);
  console.error(`${drift.map((statement) => `  ${statement.replaceAll('\n', '\n  ')}`).join('\n')}\n`);
}
