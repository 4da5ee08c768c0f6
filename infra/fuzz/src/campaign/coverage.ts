/** Only where no provider takes money by itself does an operator confirm a payment. */
const beyondReach = new Set(['POST /admin/invoices/{invoiceId}/payments']);

interface Cell {
  count: number;
  readonly statuses: Map<number, number>;
}

export interface SlowReply {
  readonly route: string;
  readonly kind: string;
  readonly ms: number;
}

const slowestKept = 20;

/** What was asked how often, and how it was answered: each route by each kind of breakage. */
export class Coverage {
  /** Those that the campaign set out to ask; what else is asked, past the gateway, is counted beside them. */
  readonly #documented: readonly string[];
  readonly #routes = new Map<string, Map<string, Cell>>();
  readonly #slowest: SlowReply[] = [];
  #total = 0;

  constructor(routes: readonly string[]) {
    this.#documented = routes;
    for (const route of routes) this.#routes.set(route, new Map());
  }

  get total(): number {
    return this.#total;
  }

  get slowest(): readonly SlowReply[] {
    return this.#slowest;
  }

  count(route: string, kind: string, status: number, ms: number): void {
    const kinds = this.#routes.get(route) ?? new Map<string, Cell>();
    this.#routes.set(route, kinds);
    const cell = kinds.get(kind) ?? { count: 0, statuses: new Map<number, number>() };
    kinds.set(kind, cell);
    cell.count += 1;
    cell.statuses.set(status, (cell.statuses.get(status) ?? 0) + 1);
    this.#total += 1;
    if (ms <= (this.#slowest.at(-1)?.ms ?? 0) && this.#slowest.length === slowestKept) return;
    this.#slowest.push({ route, kind, ms });
    this.#slowest.sort((a, b) => b.ms - a.ms);
    this.#slowest.splice(slowestKept);
  }

  get routes(): string[] {
    return [...this.#routes.keys()];
  }

  get kinds(): string[] {
    return [...new Set([...this.#routes.values()].flatMap((kinds) => [...kinds.keys()]))].sort();
  }

  countOf(route: string, kind: string): number {
    return this.#routes.get(route)?.get(kind)?.count ?? 0;
  }

  /** Of a route, how often it was answered with each status. */
  statusesOf(route: string): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { statuses } of this.#routes.get(route)?.values() ?? []) {
      for (const [status, count] of statuses) sums[status] = (sums[status] ?? 0) + count;
    }
    return sums;
  }

  /** Requests that their documents allow, and that were: the others only scratched at the door. */
  neverSucceeded(): string[] {
    return this.#documented.filter((route) => {
      if (beyondReach.has(route)) return false;
      const statuses = this.#routes.get(route)?.get('valid')?.statuses ?? new Map<number, number>();
      return ![...statuses.keys()].some((status) => status >= 200 && status < 300);
    });
  }
}
