export { lockAggregate } from './aggregate-lock.ts';
export { type AnswerContext, type Answering, type AnswerOptions, answer } from './answer.ts';
export { createBell } from './bell.ts';
export {
  type Consumer,
  type ConsumerDefinition,
  consumer,
  type EventMeta,
  type Guard,
  type Heard,
} from './consumer.ts';
export { type ConsumersOptions, type Consuming, startConsumers } from './consuming.ts';
export { type DailyTable, dropDailyPartitions, makeDailyPartitions, oldestKept } from './daily-partition.ts';
export { type Deadline, deadlineAfter } from './deadline.ts';
export { type Delivery, dispatch, dispatchMany, type Outcome } from './dispatch.ts';
export { cloudEventHeaders, plainHeaders } from './headers.ts';
export { streamOfEvent, subjectOf } from './names.ts';
export { connectNats, type Nats, type NatsOptions } from './nats.ts';
export { enqueue, enqueueAll, type OutboxEntry, type OutboxRow, outboxRow } from './outbox.ts';
export { type Relay, type RelayOptions, type RelayStatus, startRelay } from './relay.ts';
export type { LiftVersions } from './relay-tenure.ts';
export { type AskOptions, ask } from './request.ts';
export type { SqlTx, Transact } from './sql-tx.ts';
