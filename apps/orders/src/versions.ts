import type { LiftVersions } from '@forecourt/messaging';
import { liftLevels } from './stock/store.ts';

/** Far above what a shop tells of one thing between two backups. */
const lift = 1_000_000;

/** For a database that went back in time: consumers drop versions that they have seen. */
export const liftVersions: LiftVersions = async (tx) => {
  await liftLevels(tx, lift);
  await tx.$executeRaw`UPDATE subscription SET version = version + ${lift}::int`;
  await tx.$executeRaw`UPDATE pending_order SET version = version + ${lift}::int`;
};
