import { inChild } from './child.ts';

/** infra/bench does the work; it starts a system of its own. `--slowloris` is a program beside the others. */
export const main = (parameters: string[]): Promise<number> =>
  inChild(`infra/bench/src/${parameters.includes('--slowloris') ? 'slowloris' : 'main'}.ts`)(parameters);
