import type { EventContract, RequestContract, Service } from '@forecourt/contracts';

/** Lets several systems share a nats-server: `t1` makes stream `t1_ORDERS` and subject `t1.orders.order.placed.v1`. */
const streamName = (prefix: string, stream: string): string => (prefix === '' ? stream : `${prefix}_${stream}`);

export const subjectName = (prefix: string, subject: string): string =>
  prefix === '' ? subject : `${prefix}.${subject}`;

export const streamOfService = (prefix: string, service: Service): string => streamName(prefix, service.toUpperCase());

/** Events have four words, questions three: the stream keeps the former and never sees the latter. */
export const eventSubjectsOf = (prefix: string, service: Service): string => subjectName(prefix, `${service}.*.*.*`);

/** Whether the stream of this service takes the subject (without prefix). */
export const isEventOf = (service: Service, subject: string): boolean =>
  subject.split('.').length === 4 && subject.startsWith(`${service}.`);

export const streamOfEvent = (prefix: string, event: EventContract): string => streamName(prefix, event.stream);

export const subjectOf = (prefix: string, contract: EventContract | RequestContract): string =>
  subjectName(prefix, contract.subject);

/** Core NATS, heard by whichever process holds the service's active relay. */
export const wakeSubject = (prefix: string, service: Service): string => subjectName(prefix, `outbox.wake.${service}`);

/** Core NATS: how many events of each type the active relay has told, for all who hear them. */
export const toldSubject = (prefix: string, service: Service): string => subjectName(prefix, `outbox.told.${service}`);

/** Core NATS: a wish for events that were told and did not arrive. */
export const replaySubject = (prefix: string, service: Service): string =>
  subjectName(prefix, `outbox.replay.${service}`);

export const serviceOfEvent = (event: EventContract): Service => event.subject.split('.', 1)[0] as Service;

const acceptablePrefix = /^[A-Za-z0-9-]*$/;

export function assertStreamPrefix(prefix: string): void {
  if (!acceptablePrefix.test(prefix))
    throw new Error(`stream prefix ${prefix} may hold letters, digits and hyphens only`);
}
