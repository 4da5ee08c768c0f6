import type { Sabotage } from './saboteur.ts';

const errands = 'apps/orders/src/subscription/errands.ts';

/** Each breaks one of the promises that subscribers are given. */
export const subscriptionSabotages = {
  'period-charged-each-time': {
    breaks: 'A period is charged once, however often payments is asked.',
    caughtBy: 'subscriptions',
    edits: [{ file: errands, from: 'const key = keyOf(id, n);', to: 'const key = keyOf(id, n) + Date.now();' }],
  },
  'active-without-money': {
    breaks: 'What a wallet refuses is not active.',
    caughtBy: 'subscriptions',
    edits: [{ file: errands, from: "if (answer === 'taken') return paid(", to: 'if (answer) return paid(' }],
  },
  'paid-for-nothing': {
    breaks: 'What was paid for is active.',
    caughtBy: 'subscriptions',
    edits: [
      {
        file: errands,
        from: "if (answer === 'taken') return paid(",
        to: "if (answer === 'taken' && n === 0) return paid(",
      },
    ],
  },
  'period-of-another-price': {
    breaks: 'What is taken for a period is what its row says.',
    caughtBy: 'subscriptions',
    edits: [{ file: errands, from: 'customerId,\n    amount: price,', to: 'customerId,\n    amount: price + 1n,' }],
  },
  'order-for-ever': {
    breaks: 'What a code confirmed comes to an end.',
    caughtBy: 'subscriptions',
    edits: [
      {
        file: 'apps/orders/src/pending/fulfilling.ts',
        from: "if (order?.status !== 'confirmed') return;",
        to: "if (order?.status !== 'done') return;",
      },
    ],
  },
} satisfies Record<string, Sabotage>;
