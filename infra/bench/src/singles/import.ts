import { residentMegabytes } from '../processes.ts';
import { importProducts, type SeededProduct } from '../seed/products.ts';
import type { SystemUnderTest } from '../system.ts';

export interface Importing {
  rows: number;
  changedSeconds: number;
  /** The same file once more. */
  unchangedSeconds: number;
  /** What is resident of catalog: before, and the most that was seen meanwhile. */
  memoryMb?: { before: number; most: number };
}

const importedAtOnce = 10_000;
const lookEveryMs = 20;

/** One file, each row of which changes its product: by its unit, which nothing else of a run looks at. Then it is sent again. */
export async function importing(system: SystemUnderTest, products: readonly SeededProduct[]): Promise<Importing> {
  const file = products
    .slice(0, importedAtOnce)
    .map(({ id: _, manufacturerId: __, ...product }) => ({ ...product, unit: 'уп' }));
  const resident = () => residentMegabytes(system.processes.find(({ name }) => name === 'catalog')?.pid ?? 0);
  const before = resident();
  let most = before ?? 0;
  const looking = setInterval(() => {
    most = Math.max(most, resident() ?? 0);
  }, lookEveryMs);
  const send = async (result: 'changed' | 'unchanged') => {
    const began = performance.now();
    const { summary } = await importProducts(system, file);
    if (summary[result] !== file.length) throw new Error(`an import ended with ${JSON.stringify(summary)}`);
    return (performance.now() - began) / 1000;
  };
  try {
    const changedSeconds = await send('changed');
    const unchangedSeconds = await send('unchanged');
    return {
      ...{ rows: file.length, changedSeconds, unchangedSeconds },
      ...(before !== undefined && { memoryMb: { before, most } }),
    };
  } finally {
    clearInterval(looking);
  }
}
