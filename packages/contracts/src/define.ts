import type { z } from 'zod';

export type Service = 'identity' | 'catalog' | 'orders' | 'charging' | 'payments';
export type EventSubject = `${Service}.${string}.${string}.v${number}`;
export type RequestSubject = `${Service}.${string}.${string}`;

/**
 * A fact that a service tells: subject `<service>.<thing>.<past tense>.v<n>`, kept in the stream named after the service.
 * `aggregate` names the field that holds the id of the thing it is about; `version` counts that thing's changes,
 * so that a consumer can tell older from newer whatever the order of arrival.
 */
export interface EventContract<Data extends EventData = EventData> {
  readonly kind: 'event';
  readonly subject: EventSubject;
  readonly stream: string;
  readonly aggregate: string;
  readonly summary: string;
  readonly data: Data;
}

/** A question with a deadline, answered by whichever instance of the service is free. */
export interface RequestContract<Request extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  readonly kind: 'request';
  readonly subject: RequestSubject;
  readonly summary: string;
  readonly request: Request;
  readonly reply: Reply;
}

export type EventData = z.ZodObject<{ version: z.ZodType<number> } & Record<string, z.ZodType>>;

const eventSubject = /^[a-z]+\.[a-z-]+\.[a-z-]+\.v[1-9]\d*$/;
const requestSubject = /^[a-z]+\.[a-z-]+\.[a-z-]+$/;

export function defineEvent<const Data extends EventData>(
  subject: EventSubject,
  contract: { summary: string; aggregate: keyof Data['shape'] & string; data: Data },
): EventContract<Data> {
  if (!eventSubject.test(subject)) throw new Error(`${subject} is not <service>.<thing>.<past tense>.v<n>`);
  return { kind: 'event', subject, stream: streamOf(subject), ...contract };
}

export function defineRequest<Request extends z.ZodType, Reply extends z.ZodType>(
  subject: RequestSubject,
  contract: { summary: string; request: Request; reply: Reply },
): RequestContract<Request, Reply> {
  if (!requestSubject.test(subject)) throw new Error(`${subject} is not <service>.<thing>.<verb>`);
  return { kind: 'request', subject, ...contract };
}

const streamOf = (subject: string) => (subject.split('.', 1)[0] as string).toUpperCase();
