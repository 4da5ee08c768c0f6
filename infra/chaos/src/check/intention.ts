import type { Operation } from '../history.ts';

/** The body of `POST /orders`, as far as checks look at it. */
export interface OrderBody {
  readonly phone: string;
  readonly clientId: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

export type Placing = Operation & { readonly kind: 'place'; readonly request: OrderBody };

export const isPlacing = (operation: Operation): operation is Placing => operation.kind === 'place';

/** Whose key it is, in the words of orders' table. */
const scopeOf = ({ about, request }: Placing): string =>
  about.customerId === undefined ? `guest:${request.phone}:${request.clientId}` : `customer:${about.customerId}`;

/** What all attempts at one order have in common; one without a key is an intention by itself. */
export const intentionOf = (placing: Placing): string =>
  placing.about.idempotencyKey === undefined
    ? `attempt ${placing.id}`
    : `${scopeOf(placing)} ${placing.about.idempotencyKey}`;

/** The same for the same words, in whatever order they were said. */
export const fingerprintOf = (body: unknown): string => JSON.stringify(sorted(body));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, sorted(field)]));
}
