import type { LiftVersions } from '@forecourt/messaging';
import { beginAnew } from './change-log/epoch.ts';

/** Far above what a shop changes between two backups. */
const lift = 1_000_000;

/** For a database that went back in time: consumers drop versions that they have seen. */
export const liftVersions: LiftVersions = async (tx) => {
  await tx.$executeRaw`UPDATE product SET version = version + ${lift}::int`;
  await tx.$executeRaw`UPDATE discount SET version = version + ${lift}::int`;
  await beginAnew(tx);
};
