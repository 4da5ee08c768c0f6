import { randomUUID } from 'node:crypto';

// Node keeps randomness for UUIDs in stock: to draw bytes for each id would cost several times as much.

/** 24 lower-case hex digits, ordered by time to the second (ObjectId form), the rest random. */
export function newObjectId(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000) % 2 ** 32;
  const random = randomUUID();
  return hex(seconds, 8) + random.slice(0, 4) + random.slice(24);
}

/** UUIDv7 (RFC 9562): ordered by time to the millisecond. */
export function newUuid(now: Date = new Date()): string {
  const time = hex(now.getTime(), 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
