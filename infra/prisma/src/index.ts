export {
  type ApplyMigrationsOptions,
  applyMigrations,
  type Migration,
  MigrationError,
  readMigrations,
} from './apply-migrations.ts';
export { prismaConfig } from './prisma-config.ts';
