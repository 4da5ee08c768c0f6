import { walletChanged } from '@forecourt/contracts';
import type { LiftVersions } from '@forecourt/messaging';

/** Far above what changes of one thing between two backups. */
const lift = 1_000_000;

/**
 * For a database that went back in time: who listens drops versions that it has seen, so every wallet is told anew. What
 * customers paid since the backup is found again at their provider; what they spent since is not.
 */
export const liftVersions: LiftVersions = async (tx) => {
  await tx.$executeRaw`
    WITH lifted AS (
      UPDATE account SET version = version + ${lift}::int WHERE kind = 'wallet'
      RETURNING owner, version, currency, posted, available)
    INSERT INTO outbox (id, subject, aggregate_id, aggregate_version, data)
    SELECT gen_random_uuid(), ${walletChanged.subject}, owner, version, jsonb_build_object('customerId', owner,
      'version', version, 'currency', currency, 'balance', posted, 'available', available,
      'changedAt', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    FROM lifted`;
  await tx.$executeRaw`UPDATE invoice SET version = version + ${lift}::int`;
};
