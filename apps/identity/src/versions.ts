import type { LiftVersions } from '@forecourt/messaging';
import type { EndReason } from './session/session.ts';

/** Far above what a customer changes between two backups. */
const lift = 1_000_000;
const reason: EndReason = 'ended_by_operator';

/**
 * For a database that went back in time. Who listens drops versions that it has seen. And every session ends: those that
 * were ended since the backup would be open again, and refresh tokens that were spent since could be spent once more; with keys it is the same. It
 * is told to nobody, since tokens that are out run out by themselves, and whose session had really ended is still heard.
 */
export const liftVersions: LiftVersions = async (tx) => {
  await tx.$executeRaw`UPDATE customer SET version = version + ${lift}::int`;
  await tx.$executeRaw`UPDATE session SET ended_at = now(), end_reason = ${reason} WHERE ended_at IS NULL`;
  await tx.$executeRaw`UPDATE service_key SET expires_at = now() WHERE expires_at IS NULL OR expires_at > now()`;
};
