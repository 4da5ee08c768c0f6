import { AppError } from '@forecourt/errors';
import type { NumberedProduct } from '../product/store.ts';

/** A place in the change log, up to which somebody has followed it. */
export interface Position {
  /** Of which life of the database. */
  readonly epoch: string;
  readonly xid: bigint;
  readonly seq: bigint;
  /** Where the change log ended when they began: what was removed before it they never had. */
  readonly since: bigint;
}

export type SyncedProduct = Omit<NumberedProduct, 'stockImported'>;

/** What somebody who keeps a copy of the products is to do. */
export type SyncItem = { readonly position: Position; readonly at: Date } & (
  | { readonly type: 'upsert'; readonly product: SyncedProduct }
  | { readonly type: 'delete'; readonly product: Pick<SyncedProduct, 'id' | 'number' | 'sku' | 'externalId'> }
);

const form = /^1\.([0-9a-f]{32})\.(\d{1,19})\.(\d{1,19})\.(\d{1,19})$/;
const largest = 2n ** 63n;

/** Opaque to others: it is ours to say something else in it. */
export const cursorOf = ({ epoch, xid, seq, since }: Position): string =>
  Buffer.from(['1', epoch, xid, seq, since].join('.')).toString('base64url');

/** Refuses `validation_failed` for what is no cursor of ours. */
export function readCursor(cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, epoch, ...numbers] = form.exec(text) ?? [];
  const [xid, seq, since] = numbers.map(BigInt);
  if (epoch === undefined || xid === undefined || seq === undefined || since === undefined) throw unknownCursor();
  if ([xid, seq, since].some((number) => number >= largest)) throw unknownCursor();
  const position = { epoch, xid, seq, since };
  if (cursorOf(position) !== cursor) throw unknownCursor();
  return position;
}

/** Also of a database that has gone back in time since: whoever has it begins again, without one. */
export const unknownCursor = (): AppError =>
  new AppError('validation_failed', 'This is no cursor that was given out, or one from before a restore: begin anew.', {
    violations: [{ path: ['cursor'], rule: 'not_acceptable' }],
  });
