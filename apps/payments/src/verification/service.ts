import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { countAll, findDifferences, findLastVerification, insertVerification } from './store.ts';
import { isDue, type Verification } from './verification.ts';

/** As one look at everything sees it, however long it takes and whatever moves meanwhile. */
export async function verify({ database, clock }: Pick<Deps, 'database' | 'clock'>): Promise<Verification> {
  const begunAt = clock();
  const began = performance.now();
  const found = await database.transaction(async (tx) => {
    await tx.$executeRaw`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`;
    await tx.$executeRaw`SET LOCAL statement_timeout = '1h'`;
    // It joins all with all: row by row that takes minutes, which is what statistics of a table that has just grown advise.
    await tx.$executeRaw`SET LOCAL enable_nestloop = off`;
    return { ...(await countAll(tx)), differences: await findDifferences(tx) };
  });
  const verification = { begunAt, tookMs: Math.round(performance.now() - began), ...found };
  await insertVerification(database, verification);
  return verification;
}

/** Of several instances one does it: the others find its row, or its lock. */
export async function verifyNightly(deps: Pick<Deps, 'database' | 'clock' | 'log'>): Promise<void> {
  const { database, clock, log } = deps;
  if (!isDue(await findLastVerification(database), clock())) return;
  await database.transaction(async (tx) => {
    if (!(await lockForVerifying(tx)) || !isDue(await findLastVerification(tx), clock())) return;
    const { differences, ...counted } = await verify(deps);
    const facts = { ...counted, differences: differences.slice(0, 20) };
    if (differences.length === 0) log.info(facts, 'the ledger adds up');
    else log.error(facts, `the ledger differs in ${differences.length} places`);
  });
}

async function lockForVerifying(tx: SqlTx): Promise<boolean> {
  const [row] = await tx.$queryRaw<[{ locked: boolean }]>`
    SELECT pg_try_advisory_xact_lock(hashtext(current_schema() || '.verification')) AS locked`;
  return row.locked;
}
