import { tally, type Verdict } from './check.ts';

/** An outbox row, or what the stream holds of it. */
export interface ToldEvent {
  readonly id: string;
  readonly subject: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
}

export interface EventEvidence {
  /** Of every service, in any order. */
  readonly outbox: readonly ToldEvent[];
  /** Of every service, each stream from its first message to its last. What is there twice was published twice. */
  readonly streams: readonly ToldEvent[];
  /** What each consumer that keeps an inbox has noted. */
  readonly inbox: readonly { readonly consumer: string; readonly messageId: string }[];
  readonly deadLetters: readonly { readonly consumer: string; readonly reason: string; readonly error: string }[];
  /** Things as their owners' rows have them: of each, every version was told. */
  readonly things: readonly { readonly kind: string; readonly id: string; readonly version: number }[];
}

/** Who notes in an inbox what they heard; the others compare versions, and their copies are compared as a whole. */
export const inboxConsumers: ReadonlyMap<string, string> = new Map([
  ['identity-write-on-order-placed', 'orders.order.placed.v1'],
  ['identity-write-on-order-changed', 'orders.order.changed.v1'],
  ['orders-claims-on-customer-registered', 'identity.customer.registered.v1'],
]);

/** `orders.order.placed.v1` and `orders.order.changed.v1` both tell of an `orders.order`, and share its versions. */
const kindOf = (subject: string) => subject.split('.').slice(0, 2).join('.');

/** Carries the version of a product that it tells of now and then: it has gaps by design. */
const borrowsVersions = new Set(['catalog.stock']);

/** What was told is what was published and what was applied; of each thing every version once, and in order. */
export function checkEvents({ outbox, streams, inbox, deadLetters, things }: EventEvidence): Verdict {
  const check = tally(
    'events',
    'outbox = stream = what consumers applied; versions without gaps, in order; no dead letters',
    ['events told', 'events published', 'events applied', 'things told of', 'pairs in order', 'dead letters'],
    ['pairs in order', 'dead letters'],
  );
  const told = new Map(outbox.map((event) => [event.id, event]));
  if (told.size < outbox.length) check.violation(() => `${outbox.length - told.size} event ids are in an outbox twice`);

  const published = new Set(streams.map(({ id }) => id));
  for (const event of told.values()) {
    check.demand('events told', published.has(event.id), () => `never published: ${named(event)}`);
  }
  for (const event of streams) {
    check.demand('events published', told.has(event.id), () => `published but never told: ${named(event)}`);
  }

  const applied = new Set(inbox.map(({ consumer, messageId }) => `${consumer} ${messageId}`));
  for (const [consumer, subject] of inboxConsumers) {
    for (const event of told.values()) {
      if (event.subject !== subject) continue;
      const wasApplied = applied.has(`${consumer} ${event.id}`);
      check.demand('events applied', wasApplied, () => `${consumer} never applied ${named(event)}`);
    }
  }

  demandEveryVersion(check, outbox, things);
  demandOrder(check, streams);
  for (const letter of deadLetters) {
    check.demand('dead letters', false, () => `dead letter of ${letter.consumer}: ${letter.reason}, ${letter.error}`);
  }
  return check.verdict();
}

type EventTally = ReturnType<typeof tally<'things told of' | 'pairs in order' | 'events told'>>;

/** From 1 to the version in the row, each once. */
function demandEveryVersion(
  check: Pick<EventTally, 'demand'>,
  outbox: readonly ToldEvent[],
  things: EventEvidence['things'],
): void {
  const versions = Map.groupBy(
    outbox.filter(({ subject }) => !borrowsVersions.has(kindOf(subject))),
    ({ subject, aggregateId }) => `${kindOf(subject)} ${aggregateId}`,
  );
  for (const { kind, id, version } of things) {
    const name = `${kind} ${id}`;
    const told = (versions.get(name) ?? []).map((event) => event.aggregateVersion).sort((a, b) => a - b);
    versions.delete(name);
    const isWhole = told.length === version && told.every((each, index) => each === index + 1);
    check.demand(
      'things told of',
      isWhole,
      () => `${name} is at version ${version}, told were ${told.join(' ') || 'none'}`,
    );
  }
  for (const [name, events] of versions) {
    const told = events.map((event) => event.aggregateVersion).sort((a, b) => a - b);
    const isWhole = told.every((each, index) => each === index + 1);
    check.demand('things told of', isWhole, () => `of ${name} were told ${told.join(' ')}`);
  }
}

/** When each was published first: copies that repair a stream or test a consumer may come at any time. */
function demandOrder(check: Pick<EventTally, 'demand'>, streams: readonly ToldEvent[]): void {
  const seen = new Set<string>();
  const last = new Map<string, ToldEvent>();
  for (const event of streams) {
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    const name = `${kindOf(event.subject)} ${event.aggregateId}`;
    const before = last.get(name);
    last.set(name, event);
    if (!before) continue;
    const isLater = event.aggregateVersion > before.aggregateVersion;
    check.demand(
      'pairs in order',
      isLater,
      () => `published after version ${before.aggregateVersion}: ${named(event)}`,
    );
  }
}

const named = ({ id, subject, aggregateId, aggregateVersion }: ToldEvent) =>
  `${subject} ${aggregateId} version ${aggregateVersion} (${id})`;
