import { createHash } from 'node:crypto';

/** A caller's word for one intention, and what they meant by it. */
export interface Intention {
  readonly key: string;
  /** Equal for equal bodies, however they were spelt. */
  readonly fingerprint: Buffer;
}

/** Keys of one scope never meet those of another. */
export const scopeOf = (caller: { customerId: string | null; phone: string; clientId: string }): string =>
  caller.customerId === null ? `guest:${caller.phone}:${caller.clientId}` : `customer:${caller.customerId}`;

export const fingerprintOf = (body: unknown): Buffer => createHash('sha256').update(canonical(body)).digest();

/** JSON with sorted keys and no white space; fields without a value are left out. */
const canonical = (body: unknown): string => JSON.stringify(body, (_key, value: unknown) => sorted(value));

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
