import { chargingSabotages } from './charging.ts';
import { moneySabotages } from './money.ts';
import type { Sabotage } from './saboteur.ts';
import { subscriptionSabotages } from './subscriptions.ts';

const dispatch = 'packages/messaging/src/dispatch.ts';
const tenure = 'packages/messaging/src/relay-tenure.ts';
const placing = 'apps/orders/src/placement/store.ts';
const moving = 'apps/orders/src/order/service.ts';
const session = 'apps/identity/src/session';

/** Each breaks one mechanism that a promise of docs/reliability.md stands on. */
const all = {
  'no-inbox': {
    breaks: 'A consumer remembers which messages it has applied.',
    caughtBy: 'events',
    prefer: ['deliver-again'],
    edits: [
      {
        file: dispatch,
        from: "consumer.guard === 'inbox' ? await firstTimes(tx, consumer.durable, events) : events",
        to: 'events',
      },
      { file: dispatch, from: "if (consumer.guard === 'inbox' &&", to: 'if (false &&' },
    ],
  },
  'ack-before-commit': {
    breaks: 'A message is acknowledged only after its effect is committed.',
    caughtBy: 'events',
    prefer: ['service-kill', 'database-pause'],
    edits: [
      {
        file: 'packages/messaging/src/subscription.ts',
        from: 'const taken = performance.now();',
        to: "const taken = performance.now(); message.ack(); o.heard(durable, delivery.headers['ce-sequence']);",
      },
    ],
  },
  'errors-swallowed': {
    breaks: 'A message whose handler failed comes again.',
    caughtBy: 'events',
    prefer: ['database-kill', 'database-pause'],
    edits: [
      {
        file: dispatch,
        from: "return { kind: 'retry', delayMs: retryDelayMs(deliveryCount, error), error };",
        to: "return { kind: 'applied' };",
      },
    ],
  },
  'plain-sequence-cursor': {
    breaks: 'The relay passes nothing by that commits late.',
    caughtBy: 'events',
    edits: [
      {
        file: 'packages/messaging/src/outbox-batch.ts',
        from: 'WHERE (o.xid, o.seq) > ($1::xid8, $2::bigint) AND o.xid < pg_snapshot_xmin(pg_current_snapshot())\n  ORDER BY o.xid, o.seq',
        to: 'WHERE o.seq > $2::bigint AND $1::xid8 IS NOT NULL\n  ORDER BY o.seq',
      },
    ],
  },
  'cursor-before-acks': {
    breaks: 'The cursor moves only over events that the stream has acknowledged.',
    caughtBy: 'events',
    prefer: ['broker-kill', 'broker-pause'],
    edits: [
      {
        file: tenure,
        from: 'const { lastSeq, unpublishable } = await publishBatch(',
        to: 'cursor = await saveCursor(o.client, { ...cursor, xid: last.xid, seq: last.seq });\n    const { lastSeq, unpublishable } = await publishBatch(',
      },
    ],
  },
  'no-rebuild': {
    breaks: 'A stream that lost its events is filled again.',
    caughtBy: 'events',
    prefer: ['broker-loss'],
    edits: [
      {
        file: 'packages/messaging/src/relay-cursor.ts',
        from: 'cursor: { ...rewound(known), streamSeq: 0 }',
        to: 'cursor: { ...known, streamSeq: 0 }',
      },
    ],
  },
  'gaps-unnoticed': {
    breaks: 'What a stream lost from its midst is told again.',
    caughtBy: 'events',
    edits: [
      {
        file: 'packages/messaging/src/gaps.ts',
        from: 'lasts.length === 0 ? [] : transact((tx) => findHoles(tx, lasts))',
        to: '[]',
      },
    ],
  },
  'no-relay-lock': {
    breaks: 'One process publishes for a service, and the others stand by.',
    caughtBy: 'settled',
    edits: [
      {
        file: 'packages/messaging/src/relay.ts',
        from: "SELECT pg_try_advisory_lock(hashtext('forecourt relay'), hashtext(current_schema())) AS locked",
        to: 'SELECT true AS locked',
      },
    ],
  },
  'no-aggregate-lock': {
    breaks: 'The events of one thing leave in the order of its versions.',
    caughtBy: 'events',
    edits: [
      {
        file: placing,
        from: "SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.stock'), hashtext(product_id))",
        to: 'SELECT 1',
      },
    ],
  },
  'event-after-commit': {
    breaks: 'A change and its event are one transaction.',
    caughtBy: 'events',
    prefer: ['service-kill'],
    edits: [
      { file: moving, from: 'await enqueue(tx, orderChanged, {', to: 'const told = [orderChanged, {' },
      {
        file: moving,
        from: 'changedAt: now,\n    });',
        to: 'changedAt: now,\n    }];\n    setTimeout(() => enqueue(database, ...told), 3_000);',
      },
    ],
  },
  'no-version-guard': {
    breaks: 'An older event never overwrites a newer one.',
    caughtBy: 'projections',
    prefer: ['deliver-again', 'deliver-reordered'],
    edits: [
      {
        file: 'apps/orders/src/offer/store.ts',
        from: 'removed_at = NULL\n    WHERE excluded.version > known.version\n      OR excluded.version = known.version AND known.number IS NULL AND known.removed_at IS NULL`',
        to: 'removed_at = NULL`',
      },
    ],
  },
  'accepted-before-stored': {
    breaks: 'An order is acknowledged only when it is stored.',
    caughtBy: 'orders',
    prefer: ['service-kill', 'database-kill'],
    edits: [
      {
        file: 'apps/orders/src/placement/service.ts',
        from: 'if (await deps.storeOrder({ order, scope, intention: request.intention, basis, placedEvent })) {',
        to: 'if (deps.storeOrder({ order, scope, intention: request.intention, basis, placedEvent }).catch(() => {})) {',
      },
    ],
  },
  'move-not-stored': {
    breaks: 'What an operator was told became of an order did become of it.',
    caughtBy: 'orders',
    edits: [{ file: moving, from: 'await saveMove(tx, moved, { by, reason });', to: '' }],
  },
  'no-idempotency-key': {
    breaks: 'An order that is sent twice is placed once.',
    caughtBy: 'idempotency',
    edits: [{ file: placing, from: 'WHERE key IS NULL OR id IN (SELECT order_id FROM remembered)', to: '' }],
  },
  'any-body-replays': {
    breaks: 'A key that was used with another body is refused.',
    caughtBy: 'idempotency',
    edits: [
      {
        file: 'apps/orders/src/placement/service.ts',
        from: '!intention?.fingerprint.equals(earlier.fingerprint)',
        to: '!intention',
      },
    ],
  },
  'stock-checked-outside': {
    breaks: 'Nothing is sold that is not there, however many buy at once.',
    caughtBy: 'stock',
    sql: 'ALTER TABLE orders.stock DROP CONSTRAINT stock_not_negative',
  },
  'cancel-keeps-stock': {
    breaks: 'A cancelled order gives back what it took.',
    caughtBy: 'stock',
    edits: [{ file: moving, from: 'if (givesBack) await releaseReservations(tx, orderId, now);', to: '' }],
  },
  'revocation-ignored': {
    breaks: 'A token is worth nothing a second after its session ended.',
    caughtBy: 'sessions',
    edits: [
      {
        file: 'packages/service-kit/src/tokens.ts',
        from: 'if (revocations.isRevoked(verified.principal.sessionId)) {',
        to: 'if (revocations.isRevoked(verified.principal.sessionId) && false) {',
      },
    ],
  },
  'refresh-reuse-unnoticed': {
    breaks: 'A spent refresh token that comes again ends its session.',
    caughtBy: 'sessions',
    edits: [
      {
        file: `${session}/session.ts`,
        from: "<= graceSeconds * 1000 ? 'repeat' : 'stolen'",
        to: "> 0 ? 'repeat' : 'repeat'",
      },
    ],
  },
  'refresh-forks-family': {
    breaks: 'A family of refresh tokens has one that can still be spent.',
    caughtBy: 'sessions',
    edits: [
      {
        file: `${session}/store.ts`,
        from: 'UPDATE refresh_token AS t SET spent_at =',
        to: 'UPDATE refresh_token AS t SET spent_at = NULL, issued_at =',
      },
    ],
  },
  'database-away-is-our-bug': {
    breaks: 'Who cannot be served for want of the database hears 503, never 500.',
    caughtBy: 'availability',
    prefer: ['database-kill'],
    edits: [
      {
        file: 'packages/service-kit/src/database-refusals.ts',
        from: "['57P01', away],",
        to: '',
      },
      {
        file: 'packages/service-kit/src/database-refusals.ts',
        from: 'connectionLost.test(message) ? away : undefined',
        to: 'undefined',
      },
    ],
  },
  'messages-forgotten': {
    breaks: 'What is to be written to a customer goes out by its deadline.',
    caughtBy: 'settled',
    edits: [
      {
        file: 'apps/identity/src/message/store.ts',
        from: "kind IN ('code', 'password_reset')\n        AND next_attempt_at <=",
        to: "kind IN ('code', 'password_reset')\n        AND attempts > 0 AND next_attempt_at <=",
      },
      {
        file: 'apps/identity/src/message/store.ts',
        from: "kind NOT IN ('code', 'password_reset')\n        AND next_attempt_at <=",
        to: "kind NOT IN ('code', 'password_reset')\n        AND attempts > 0 AND next_attempt_at <=",
      },
    ],
  },
  ...moneySabotages,
  ...chargingSabotages,
  ...subscriptionSabotages,
} satisfies Record<string, Sabotage>;

export type SaboteurName = keyof typeof all;

export const sabotages: Readonly<Record<SaboteurName, Sabotage>> = all;

export const saboteurNames = Object.keys(all) as SaboteurName[];

export const isSaboteurName = (name: string): name is SaboteurName => Object.hasOwn(all, name);
