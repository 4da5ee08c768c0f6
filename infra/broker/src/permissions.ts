import {
  answeredBy,
  type EventContract,
  type Participant,
  type ParticipantName,
  participants,
  productChanged,
  toldBy,
} from '@forecourt/contracts';

/** What one user of the broker may do; everything else is refused. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May reply to what it is asked, once, wherever the asker wants the answer. */
  readonly responds: boolean;
}

const js = '$JS.API';

/** The least that its contract needs. */
export function permissionsOf(name: ParticipantName, prefix = ''): Permissions {
  const names = namesUnder(prefix);
  const participant = participants[name];
  const { hears, follows, asks } = participant;
  const own = name === 'gateway' ? [] : [ownStream(name, names)];
  const parts: Part[] = [
    { subscribe: [`_INBOX.${name}.>`] },
    ...own,
    ...Object.entries(hears).map(([durable, event]) => hearing(durable, event, names)),
    ...tellersOf(participant).map((teller) => missing(teller, names)),
    ...follows.map((event) => following(event, names)),
    { publish: asks.map(({ subject }) => names.subject(subject)) },
    // nobody but who answers may take a question away from who does
    { subscribe: answeredBy(name).map(({ subject }) => `${names.subject(subject)} answer`) },
    ...(name === 'identity' ? [pushing(names)] : []),
    ...(name === 'charging' ? [amongStations(names)] : []),
  ];
  return {
    publish: distinct(parts.flatMap(({ publish = [] }) => publish)),
    subscribe: distinct(parts.flatMap(({ subscribe = [] }) => subscribe)),
    responds: own.length > 0,
  };
}

type Part = Partial<Pick<Permissions, 'publish' | 'subscribe'>>;
type Names = ReturnType<typeof namesUnder>;

const namesUnder = (prefix: string) => ({
  subject: (subject: string) => (prefix === '' ? subject : `${prefix}.${subject}`),
  stream: (name: string) => (prefix === '' ? name : `${prefix}_${name}`),
});

/** The outbox's relay: makes the stream, looks at it, fills it, says how far it is and hears who misses something. */
function ownStream(name: string, { subject, stream }: Names): Part {
  const own = stream(name.toUpperCase());
  const wake = subject(`outbox.wake.${name}`);
  return {
    publish: [
      ...toldBy(name).map((event) => subject(event.subject)),
      ...['INFO', 'CREATE', 'UPDATE', 'MSG.GET'].map((verb) => `${js}.STREAM.${verb}.${own}`),
      wake,
      subject(`outbox.told.${name}`),
    ],
    subscribe: [wake, subject(`outbox.replay.${name}`)],
  };
}

/** A durable by its name and with its filter, so that nobody reads more of a stream, or takes what is another's. */
function hearing(durable: string, event: EventContract, { subject, stream }: Names): Part {
  const from = stream(event.stream);
  return {
    publish: [
      `${js}.CONSUMER.CREATE.${from}.${durable}.${subject(event.subject)}`,
      `${js}.CONSUMER.INFO.${from}.${durable}`,
      `${js}.CONSUMER.MSG.NEXT.${from}.${durable}`,
      `$JS.ACK.${from}.${durable}.>`,
    ],
  };
}

const tellersOf = ({ hears }: Participant): string[] =>
  distinct(Object.values(hears).map(({ stream }) => stream.toLowerCase()));

const missing = (teller: string, { subject }: Names): Part => ({
  publish: [subject(`outbox.replay.${teller}`)],
  subscribe: [subject(`outbox.told.${teller}`)],
});

/** Pushed into its own inbox: to pull would take a right over consumers of any name, and so over everybody's durables. */
function following(event: EventContract, { subject, stream }: Names): Part {
  const from = stream(event.stream);
  return {
    publish: [
      `${js}.STREAM.INFO.${from}`,
      `${js}.CONSUMER.CREATE.${from}.*.${subject(event.subject)}`,
      `${js}.DIRECT.GET.${from}.${subject(event.subject)}`,
      `$JS.FC.${from}.>`,
    ],
  };
}

/** A partner's system, in the deployment: hears what happens to products, and does nothing else. */
export function partnersPermissions(prefix = ''): Permissions {
  const { subject, stream } = namesUnder(prefix);
  const from = stream(productChanged.stream);
  return {
    publish: [
      `${js}.STREAM.INFO.${from}`,
      `${js}.CONSUMER.CREATE.${from}.*.${subject('catalog.product.>')}`,
      `$JS.FC.${from}.>`,
    ],
    subscribe: ['_INBOX.partner.>'],
    responds: false,
  };
}

/** What apps hear goes through a stream of its own, which hands each message on once. Their account sees `push.>`. */
const pushing = ({ subject, stream }: Names): Part => ({
  publish: [`${js}.STREAM.CREATE.${stream('PUSH')}`, subject('push-queue.>'), 'push.>'],
});

/** Each process answers for the stations whose sockets it has, under a subject of its own that the others ask. */
const amongStations = ({ subject }: Names): Part => ({
  publish: [subject('charging.station.*')],
  subscribe: [`${subject('charging.station.*')} answer`],
});

const distinct = (items: readonly string[]): string[] => [...new Set(items)];
