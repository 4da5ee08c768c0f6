// DATABASE_URL=… node infra/prisma/migrate.ts <service>: applies the service's outstanding migrations, for operators.
import { join } from 'node:path';
import { applyMigrations } from './src/apply-migrations.ts';
import { apps, servicesWithTables } from './src/services.ts';

const service = process.argv[2] ?? '';
const connectionString = process.env.DATABASE_URL;
if (!servicesWithTables().includes(service) || !connectionString) {
  console.error(
    `usage: DATABASE_URL=postgres://owner-of-the-schema@… node infra/prisma/migrate.ts <${servicesWithTables().join('|')}>`,
  );
  process.exit(2);
}

try {
  const applied = await applyMigrations({
    connectionString,
    schema: service,
    directory: join(apps, service, 'prisma/migrations'),
  });
  console.log(applied.length === 0 ? `${service}: up to date` : `${service}: applied ${applied.join(', ')}`);
} catch (error) {
  console.error(`${service}: ${(error as Error).message}`);
  process.exitCode = 1;
}
