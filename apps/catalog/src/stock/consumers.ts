import { stockChanged } from '@forecourt/contracts';
import { consumer, type SqlTx } from '@forecourt/messaging';
import type { Clock } from '@forecourt/service-kit';
import { noteStock } from './store.ts';

/** Orders counts; the shop only shows whether there is any. */
export const notesStockOnStockChanged = (clock: Clock) =>
  consumer({
    event: stockChanged,
    durable: 'catalog-notes-stock-on-stock-changed',
    guard: 'version',
    handleMany: (tx: SqlTx, events) =>
      noteStock(
        tx,
        events.map(({ data }) => data),
        clock(),
      ),
  });
