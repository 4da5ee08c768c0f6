import { stockImported } from '@forecourt/contracts';
import { consumer, lockAggregate } from '@forecourt/messaging';
import { saveImportedCount } from './store.ts';

export const countOnStockImported = consumer({
  event: stockImported,
  durable: 'orders-counts-on-stock-imported',
  guard: 'version',
  handle: async (tx, { productId, version, quantity, importedAt }) => {
    await lockAggregate(tx, 'stock', productId);
    await saveImportedCount(tx, { productId, quantity, productVersion: version, importedAt }, importedAt);
  },
});
