import { z } from 'zod';
import type { EventContract, RequestContract } from './define.ts';
import { events, requests } from './registry.ts';

type Json = { [key: string]: unknown };

/** The wire form of a schema: dates as text, money as integers. */
export const wireSchema = (schema: z.ZodType): Json =>
  z.toJSONSchema(schema, { target: 'draft-7', io: 'input', reused: 'inline', unrepresentable: 'any' }) as Json;

/** AsyncAPI 3.0 of everything that goes over NATS, for readers outside this repository. */
export function asyncApiDocument(): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Forecourt between its services',
      version: '1.0.0',
      description:
        'Facts are JetStream messages, kept in a stream named after the service that tells them, with a CloudEvents ' +
        'envelope in the headers. Questions are NATS request-reply with a deadline. Schemas only grow; a breaking ' +
        'change is a new subject beside the old one.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries([...events, ...requests].map((contract) => [contract.subject, channel(contract)])),
    operations: Object.fromEntries([...events.map(telling), ...requests.map(answering)]),
    components: { schemas: { eventHeaders }, messages: replies() },
  };
}

function channel(contract: EventContract | RequestContract): Json {
  const messages =
    contract.kind === 'event'
      ? { event: { headers: { $ref: '#/components/schemas/eventHeaders' }, payload: wireSchema(contract.data) } }
      : { request: { payload: wireSchema(contract.request) }, reply: { $ref: replyRef(contract) } };
  return { address: contract.subject, description: contract.summary, messages };
}

const telling = ({ subject, summary }: EventContract) =>
  [`tell ${subject}`, { action: 'send', summary, channel: { $ref: `#/channels/${subject}` } }] as const;

const answering = ({ subject, summary }: RequestContract) =>
  [
    `answer ${subject}`,
    {
      action: 'receive',
      summary,
      channel: { $ref: `#/channels/${subject}` },
      messages: [{ $ref: `#/channels/${subject}/messages/request` }],
      reply: {
        messages: [{ $ref: `#/channels/${subject}/messages/reply` }],
        channel: { $ref: `#/channels/${subject}` },
      },
    },
  ] as const;

const replies = () =>
  Object.fromEntries(requests.map((contract) => [replyName(contract), { payload: wireSchema(contract.reply) }]));

const replyName = ({ subject }: RequestContract) => `${subject}.reply`;
const replyRef = (contract: RequestContract) => `#/components/messages/${replyName(contract)}`;

/** CloudEvents 1.0, binary mode; `ce-id` is also the message id that the stream deduplicates by. */
const eventHeaders = {
  type: 'object',
  required: ['ce-specversion', 'ce-id', 'ce-type', 'ce-source', 'ce-time', 'ce-subject', 'ce-aggregateversion'],
  properties: {
    'ce-specversion': { type: 'string', const: '1.0' },
    'ce-id': { type: 'string', format: 'uuid' },
    'ce-type': { type: 'string', description: 'The subject of the contract.' },
    'ce-source': { type: 'string', description: 'The service that tells it.' },
    'ce-time': { type: 'string', format: 'date-time' },
    'ce-subject': { type: 'string', description: 'The id of the thing it is about.' },
    'ce-aggregateversion': { type: 'string', description: 'The version of that thing.' },
    traceparent: { type: 'string', description: 'W3C trace context of the change.' },
  },
};
