import { replenishmentSettled } from '@forecourt/contracts';
import type { Deps } from '../src/deps.ts';
import { workOff } from '../src/replenishment/worker.ts';
import type { TestProvider } from './provider.ts';
import type { Till } from './till.ts';

/** Short enough for a test to wait for; leases and the provider's own time are as usual. */
export const hurry = {
  answerMs: 2_000,
  attemptMs: 500,
  betweenAttemptsMs: 1,
  callMs: 5_000,
  checkMs: 5_000,
  leaseMs: 60_000,
};

/** Turns the clock to whatever is due next, until nothing is; the processes take turns. */
export async function workOffAll({ runtime, deps }: Till, processes: readonly Deps[] = [deps]): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const [next] = await runtime.database.$queryRaw<
      { at: Date | null }[]
    >`SELECT min(GREATEST(due_at, taken_until)) AS at FROM invoice WHERE due_at IS NOT NULL`;
    if (!next?.at) return;
    if (turn > 1_000) throw new Error('there is no end to it');
    if (next.at > runtime.clock()) runtime.clock.set(next.at);
    const process = processes[turn % processes.length] ?? deps;
    while ((await workOff(process)) > 0);
  }
}

/** The ends of an invoice that were told. */
export const settledOf = async (till: Till, id: string) =>
  (await till.told(replenishmentSettled.subject)).filter(({ invoiceId }) => invoiceId === id);

/** Everything that is wrong between the provider, the invoices and the ledger, once all is worked off; each a sentence. */
export async function mistakes({ runtime }: Till, provider: TestProvider): Promise<string[]> {
  const rows = await runtime.database.$queryRaw<{ mistake: string }[]>`
    SELECT 'the ledger does not add up to zero' AS mistake FROM posting HAVING sum(amount) <> 0
    UNION ALL SELECT 'wallet ' || owner || ' is not what was posted' FROM account
      WHERE posted <> (SELECT coalesce(sum(amount), 0) FROM posting WHERE account_id = account.id)
    UNION ALL SELECT 'invoice ' || id || ' says that ' || paid || ' was paid' FROM invoice
      WHERE paid <> (SELECT coalesce(sum(amount), 0) FROM provider_payment
                     WHERE invoice_id = invoice.id AND transfer_id IS NOT NULL)
    UNION ALL SELECT 'invoice ' || id || ' hangs: ' || status FROM invoice
      WHERE status IN ('requested', 'pending') OR taken_until IS NOT NULL OR due_at IS NOT NULL
    UNION ALL SELECT 'attempt ' || number || ' hangs' FROM invoice_attempt WHERE ended_at IS NULL
    UNION ALL SELECT 'payment ' || payment_id || ' is credited to somebody else' FROM provider_payment
      JOIN invoice ON invoice.id = invoice_id
      WHERE NOT EXISTS (SELECT FROM transfer JOIN posting ON transfer_id = transfer.id JOIN account ON account.id = account_id
        WHERE transfer.id = provider_payment.transfer_id AND transfer.kind = 'replenishment' AND account.kind = 'wallet'
          AND owner = customer_id AND posting.amount = provider_payment.amount)`;
  const credited = await runtime.database.$queryRaw<{ key: string }[]>`
    SELECT key FROM transfer WHERE kind = 'replenishment'`;
  const keys = new Set(credited.map(({ key }) => key));
  const doubtful = await runtime.database.$queryRaw<{ number: string }[]>`
    SELECT number FROM invoice_attempt WHERE outcome = 'in_doubt'`;
  const inDoubt = new Set(doubtful.map(({ number }) => number));
  const stillOpen = provider.invoices.filter(
    ({ state, payments, wish }) => state === 'open' && payments.length === 0 && !inDoubt.has(wish.number),
  );
  const paid = provider.invoices.flatMap(({ payments }) => payments).filter(({ status }) => status === 'paid');
  return [
    ...rows.map(({ mistake }) => mistake),
    ...stillOpen.map(({ wish }) => `invoice ${wish.number} can still be paid at the provider`),
    ...paid
      .filter(({ paymentId }) => !keys.has(`replenishment:${provider.name}:${paymentId}`))
      .map(({ paymentId }) => `payment ${paymentId} is lost`),
    ...(credited.length > paid.length ? [`${credited.length} credits for ${paid.length} payments`] : []),
  ];
}
