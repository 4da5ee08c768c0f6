import type { Sabotage } from './saboteur.ts';

const settling = 'apps/payments/src/replenishment/settling.ts';

/** Each breaks one of the promises that money stands on. */
export const moneySabotages = {
  'charged-each-time': {
    breaks: 'The same key is the same charge, however often it comes.',
    caughtBy: 'ledger',
    edits: [
      {
        file: 'apps/payments/src/wallet/service.ts',
        from: 'record(books, {\n      key,',
        to: 'record(books, {\n      key: key + Math.random(),',
      },
    ],
  },
  'credited-each-time': {
    breaks: 'A payment is credited once, by whatever way and however often it is found.',
    caughtBy: 'replenishments',
    edits: [
      {
        file: settling,
        from: 'await listKnownPayments(tx, { provider: before.provider, payments: findings.payments })',
        to: 'new Set<string>()',
      },
      { file: settling, from: 'payment.paymentId}`', to: 'payment.paymentId + Math.random()}`' },
    ],
    sql: 'ALTER TABLE payments.provider_payment DROP CONSTRAINT provider_payment_pkey',
  },
  'settlement-untold': {
    breaks: 'Who paid is told.',
    caughtBy: 'replenishments',
    edits: [
      {
        file: settling,
        from: "if (news && before.status !== 'requested') await",
        to: 'if (news && Date.now() === 0) await',
      },
    ],
  },
  'push-unsaid': {
    breaks: 'Who paid hears of it on their topic.',
    caughtBy: 'replenishments',
    edits: [
      {
        file: 'apps/identity/src/push/service.ts',
        from: "if (topic === null || isStale) return 'dropped';",
        to: "if (topic !== null || isStale) return 'dropped';",
      },
    ],
  },
  'refunded-beyond-payment': {
    breaks: 'Nobody gets back more than they paid.',
    caughtBy: 'ledger',
    edits: [
      {
        file: 'apps/payments/src/ledger/refund.ts',
        from: 'assertRefundable(original, await refundedOf(tx, original.id), amount)',
        to: 'await refundedOf(tx, original.id)',
      },
    ],
  },
  'balance-drifts': {
    breaks: 'The balance of an account is what was posted to it.',
    caughtBy: 'ledger',
    sql: `
      CREATE FUNCTION payments.drift() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.posted := NEW.posted - 1; NEW.available := NEW.available - 1; RETURN NEW; END';
      CREATE TRIGGER drift BEFORE INSERT OR UPDATE ON payments.account FOR EACH ROW WHEN (NEW.kind = 'revenue')
        EXECUTE FUNCTION payments.drift()`,
  },
  'hold-for-ever': {
    breaks: 'What is held and not captured is free again by its deadline.',
    caughtBy: 'ledger',
    edits: [
      {
        file: 'apps/payments/src/hold/hold.ts',
        from: 'hold.expiresAt !== null && hold.expiresAt <= now',
        to: 'hold.expiresAt !== null && now.getTime() === 0',
      },
    ],
  },
} satisfies Record<string, Sabotage>;
