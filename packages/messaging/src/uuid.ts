import { randomUUID } from 'node:crypto';

/** A UUIDv7: grows with time, so that the ids of an index's newest rows lie side by side. */
export function newMessageId(now = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
