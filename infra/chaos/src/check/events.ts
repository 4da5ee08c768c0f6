import { defineCheck, type Tally } from './check.ts';
import { tellingServices, toldEvents } from './event-log.ts';

/** An outbox row, or what the stream holds of it. */
export interface ToldEvent {
  readonly id: string;
  readonly subject: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
}

export interface EventMaterial {
  /** Of every service, in any order. */
  readonly outbox: readonly ToldEvent[];
  /** Of every service, each stream from its first message to its last. What is there twice was published twice. */
  readonly streams: readonly ToldEvent[];
  /** What each consumer that keeps an inbox has noted. */
  readonly inbox: readonly { readonly consumer: string; readonly messageId: string }[];
  readonly deadLetters: readonly { readonly consumer: string; readonly reason: string; readonly error: string }[];
  /** Things as their owners' rows have them: of each, every version was told. */
  readonly things: readonly Thing[];
}

interface Thing {
  readonly kind: string;
  readonly id: string;
  readonly version: number;
}

/** Who notes in an inbox what they heard; the others compare versions, and their copies are compared as a whole. */
export const inboxConsumers: ReadonlyMap<string, string> = new Map([
  ['identity-write-on-order-placed', 'orders.order.placed.v1'],
  ['identity-write-on-order-changed', 'orders.order.changed.v1'],
  ['orders-claims-on-customer-registered', 'identity.customer.registered.v1'],
  ['identity-disconnect-on-session-revoked', 'identity.session.revoked.v1'],
  ['identity-push-on-replenishment-settled', 'payments.replenishment.settled.v1'],
  ['orders-forget-on-customer-erased', 'identity.customer.erased.v1'],
  ['payments-forget-on-customer-erased', 'identity.customer.erased.v1'],
  ['charging-forget-on-customer-erased', 'identity.customer.erased.v1'],
]);

/** `orders.order.placed.v1` and `orders.order.changed.v1` both tell of an `orders.order`, and share its versions. */
const kindOf = (subject: string) => subject.split('.').slice(0, 2).join('.');

/** Carry the version of a product, an invoice, a session or a subscription that they tell of now and then: they have gaps by design. */
const borrowsVersions = new Set([
  'catalog.stock',
  'payments.replenishment',
  'charging.session',
  'orders.subscription',
  'orders.pending-order',
]);

type Kind =
  | 'events told'
  | 'events published'
  | 'events applied'
  | 'things told of'
  | 'pairs in order'
  | 'dead letters';

export const events = defineCheck<EventMaterial, Kind>({
  name: 'events',
  what: 'What was told was published and applied; of each thing every version once and in order; no dead letters.',
  kinds: ['events told', 'events published', 'events applied', 'things told of', 'pairs in order', 'dead letters'],
  optional: ['pairs in order', 'dead letters'],
  // Consumers ask again for what a stream lost, once they have waited ten seconds for it.
  patienceMs: 30_000,

  async gather({ database, nats, system }) {
    const [inbox, deadLetters, things] = await Promise.all([
      database.query<EventMaterial['inbox'][number]>(fromEach('inbox', 'consumer, message_id AS "messageId"')),
      database.query<EventMaterial['deadLetters'][number]>(fromEach('dead_letter', 'consumer, reason, error')),
      database.query<Thing>(thingsAsOwned),
    ]);
    return {
      ...(await toldEvents(database, nats, system.streamPrefix)),
      inbox: inbox.rows,
      deadLetters: deadLetters.rows,
      things: things.rows,
    };
  },

  judge(tally, { outbox, streams, inbox, deadLetters, things }) {
    const told = new Map(outbox.map((event) => [event.id, event]));
    const published = new Set(streams.map(({ id }) => id));
    for (const event of outbox) {
      tally.demand('events told', published.has(event.id), () => `never published: ${named(event)}`);
      tally.demand('events told', told.get(event.id) === event, () => `told twice under one id: ${named(event)}`);
    }
    for (const event of streams) {
      tally.demand('events published', told.has(event.id), () => `published but never told: ${named(event)}`);
    }
    demandApplied(tally, outbox, inbox);
    demandEveryVersion(tally, outbox, things);
    demandOrder(tally, streams);
    for (const { consumer, reason, error } of deadLetters) {
      tally.demand('dead letters', false, () => `dead letter of ${consumer}: ${reason}, ${error}`);
    }
  },
});

const fromEach = (table: string, columns: string) =>
  tellingServices.map((service) => `SELECT ${columns} FROM ${service}.${table}`).join(' UNION ALL ');

const thingsAsOwned = `
  SELECT 'orders.order' AS kind, id, version FROM orders.orders
  UNION ALL SELECT 'orders.stock', product_id, version FROM orders.stock
  UNION ALL SELECT 'catalog.product', id, version FROM catalog.product
  UNION ALL SELECT 'catalog.discount', id, version FROM catalog.discount
  UNION ALL SELECT 'charging.device', id, version FROM charging.device
  UNION ALL SELECT 'payments.wallet', owner, version FROM payments.account WHERE kind = 'wallet'
  UNION ALL SELECT 'identity.customer', id, version FROM identity.customer
  UNION ALL SELECT 'identity.session', id, 1 FROM identity.session WHERE ended_at IS NOT NULL`;

function demandApplied(
  tally: Tally<'events applied'>,
  outbox: readonly ToldEvent[],
  inbox: EventMaterial['inbox'],
): void {
  const applied = new Set(inbox.map(({ consumer, messageId }) => `${consumer} ${messageId}`));
  for (const [consumer, subject] of inboxConsumers) {
    for (const event of outbox.filter((told) => told.subject === subject)) {
      const wasApplied = applied.has(`${consumer} ${event.id}`);
      tally.demand('events applied', wasApplied, () => `${consumer} never applied ${named(event)}`);
    }
  }
}

/** From 1 to the version in the row, each once. */
function demandEveryVersion(
  tally: Tally<'things told of'>,
  outbox: readonly ToldEvent[],
  things: readonly Thing[],
): void {
  const versioned = outbox.filter(({ subject }) => !borrowsVersions.has(kindOf(subject)));
  const toldOf = Map.groupBy(versioned, ({ subject, aggregateId }) => `${kindOf(subject)} ${aggregateId}`);
  const owned = new Map(things.map(({ kind, id, version }) => [`${kind} ${id}`, version]));
  for (const name of new Set([...owned.keys(), ...toldOf.keys()])) {
    const version = owned.get(name);
    const told = (toldOf.get(name) ?? []).map((event) => event.aggregateVersion).sort((a, b) => a - b);
    const isWhole = told.length === (version ?? told.length) && told.every((each, index) => each === index + 1);
    const says = told.length > 0 ? told.join(' ') : 'no versions';
    tally.demand('things told of', isWhole, () => `${name} is at version ${version ?? 'unknown'}; told were ${says}`);
  }
}

/** When each was published first: copies that repair a stream, or that a fault delivers again, may come at any time. */
function demandOrder(tally: Tally<'pairs in order'>, streams: readonly ToldEvent[]): void {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  for (const event of streams) {
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    const name = `${kindOf(event.subject)} ${event.aggregateId}`;
    const before = last.get(name);
    last.set(name, event.aggregateVersion);
    if (before === undefined) continue;
    tally.demand('pairs in order', event.aggregateVersion > before, () => `after version ${before}: ${named(event)}`);
  }
}

const named = ({ id, subject, aggregateId, aggregateVersion }: ToldEvent) =>
  `${subject} ${aggregateId} version ${aggregateVersion} (${id})`;
