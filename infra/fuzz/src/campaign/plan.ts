import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Operation } from '../api/document.ts';
import type { Breakage } from '../breakage/breakage.ts';
import { breakagesOf } from '../breakage/index.ts';
import { requestsOf } from '../generate/request.ts';
import type { Case } from './examiner.ts';

/** Some cases of one call, from one seed: the same name and seed are the same cases in any system. */
export interface Item {
  /** `valid`, `pair`, or the place and the kind of the one breakage. */
  readonly sort: string;
  readonly operation: Operation;
  readonly seed: number;
  readonly runs: number;
  readonly cases: fc.Arbitrary<Case>;
}

/** For one call: what it can be asked, and how that can be broken. */
export class Repertoire {
  readonly operation: Operation;
  readonly breakages: readonly Breakage[];
  readonly #seed: number;
  readonly #requests: ReturnType<typeof requestsOf>;

  constructor(operation: Operation, seed: number) {
    this.operation = operation;
    this.breakages = breakagesOf(operation);
    this.#seed = seed;
    this.#requests = requestsOf(operation);
  }

  valid(round: number, runs: number): Item {
    return this.item('valid', this.#seedOf('valid', round), runs, []);
  }

  /** Each breakage by itself. */
  singles(round: number): Item[] {
    return this.breakages.map((breakage) => {
      const sort = sortOf(breakage);
      return this.item(sort, this.#seedOf(sort, round), 1, [breakage]);
    });
  }

  pairs(round: number, runs: number): Item {
    return this.item('pair', this.#seedOf('pair', round), runs);
  }

  /** As it was printed with a finding. */
  item(
    sort: string,
    seed: number,
    runs: number,
    chosen = this.breakages.filter((breakage) => sortOf(breakage) === sort),
  ): Item {
    if (chosen.length === 0 && !['valid', 'pair'].includes(sort)) {
      throw new Error(`${this.operation.name} cannot be broken as "${sort}"`);
    }
    const breakages: fc.Arbitrary<Breakage[]> =
      sort === 'pair'
        ? fc
            .uniqueArray(fc.nat(this.breakages.length - 1), { minLength: 1, maxLength: 2, size: 'max' })
            .map((indices) => indices.map((at) => this.breakages[at] as Breakage))
        : fc.constant(chosen);
    const cases = fc.record({ draft: this.#requests, breakages });
    return { sort, operation: this.operation, seed, runs, cases };
  }

  #seedOf(sort: string, round: number): number {
    return createHash('sha256').update(`${this.#seed} ${this.operation.name} ${sort} ${round}`).digest().readInt32BE();
  }
}

const sortOf = ({ place, kind }: Breakage): string => `${place} ${kind}`;

/** In an order that the seed decides, so that a run that is cut short has not always left out the same. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, index) => ({
    item,
    key: createHash('sha1').update(`${seed} ${index}`).digest().readUInt32BE(),
  }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
