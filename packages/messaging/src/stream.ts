import type { Service } from '@forecourt/contracts';
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { eventSubjectsOf, streamOfService } from './names.ts';
import type { Nats } from './nats.ts';

export interface StreamLimits {
  /** A full stream refuses events, and the relay waits, rather than dropping old ones that nobody has read. */
  maxBytes: number;
  maxAgeDays: number;
  replicas: number;
}

export const dayMs = 86_400_000;
const duplicateWindowMs = 600_000;
const maxMessageBytes = 1_048_576;

const desired = (prefix: string, service: Service, limits: StreamLimits) =>
  ({
    name: streamOfService(prefix, service),
    subjects: [eventSubjectsOf(prefix, service)],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_bytes: limits.maxBytes,
    max_age: nanos(limits.maxAgeDays * dayMs),
    max_msg_size: maxMessageBytes,
    max_msgs: -1,
    max_consumers: -1,
    duplicate_window: nanos(duplicateWindowMs),
    num_replicas: limits.replicas,
    allow_direct: true,
  }) satisfies Partial<StreamConfig>;

/** Makes the service's stream, or brings an existing one to the wanted limits; changes nothing when it is as wanted. */
export async function ensureStream(nats: Nats, service: Service, limits: StreamLimits): Promise<StreamInfo> {
  const config = desired(nats.streamPrefix, service, limits);
  const existing = await findStream(nats, config.name);
  if (existing === null) return nats.manager.streams.add(config);
  if (agrees(existing.config, config)) return existing;
  return nats.manager.streams.update(config.name, config);
}

async function findStream(nats: Nats, name: string): Promise<StreamInfo | null> {
  try {
    return await nats.manager.streams.info(name);
  } catch (error) {
    if (isStreamMissing(error)) return null;
    throw error;
  }
}

export const isStreamMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

const agrees = (existing: StreamConfig, wanted: Partial<StreamConfig>) =>
  Object.entries(wanted).every(
    ([key, value]) => JSON.stringify(existing[key as keyof StreamConfig]) === JSON.stringify(value),
  );
