import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/*
 * Prints what is told of products as a line of JSON each, from the beginning or after a place in the stream.
 *
 *   NATS_URL=nats://user:password@localhost:4222 node src/hear.ts [after]
 *
 * The place is to be stored with what is done because of a message: the next start goes on behind it. The stream keeps a
 * number of days; whoever was away for longer follows /products/sync instead.
 */

const { NATS_URL = 'nats://localhost:4222', STREAM_PREFIX = '' } = process.env;
const { host, username, password } = new URL(NATS_URL);
const after = Number(process.argv[2] ?? 0);

const connection = await connect({
  servers: host,
  name: 'a partner',
  maxReconnectAttempts: -1,
  // Each user hears its own inbox alone.
  ...(username !== '' && { user: username, pass: decodeURIComponent(password), inboxPrefix: `_INBOX.${username}` }),
});
const named = (name: string, between: string) => (STREAM_PREFIX === '' ? name : `${STREAM_PREFIX}${between}${name}`);

const consumer = await jetstream(connection).consumers.getPushConsumer(named('CATALOG', '_'), {
  filter_subjects: named('catalog.product.>', '.'),
  deliver_policy: DeliverPolicy.StartSequence,
  opt_start_seq: after + 1,
});
for await (const message of await consumer.consume()) {
  const said = {
    place: message.seq,
    // Twice the same id is twice the same message.
    id: message.headers?.get('ce-id'),
    type: message.headers?.get('ce-type'),
    data: message.json(),
  };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
