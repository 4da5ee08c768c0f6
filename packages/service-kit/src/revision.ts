import type { App } from './app.ts';

/*
 * How a service lets the gateway keep an answer for as long as nothing behind it changes. The answer says at which
 * revision of this process it was right and, when it is about one thing alone, about which; the gateway asks every now and
 * then for the revision and for what has changed since the last one that it knows.
 */

/** On an answer: the revision at which it was right, of the process that gave it. */
export const revisionHeader = 'x-internal-revision';
/** On an answer: the id of the one thing that it is about; a change of any other leaves it right. */
export const aboutHeader = 'x-internal-about';
/** On an answer: milliseconds after which it is wrong whatever happens; no end when it is missing. */
export const goodForHeader = 'x-internal-good-for';
/** Where the gateway asks: `?since=` the revision that it knows, `&anew=1` when it knows that something has changed. */
export const revisionPath = '/internal/revision';

export interface Revision {
  /** Of one life of one process: no other has the same. */
  readonly epoch: string;
  /** Goes up by one whenever something has changed. */
  readonly count: number;
}

export const nameOfRevision = ({ epoch, count }: Revision): string => `${epoch}.${count}`;

export function readRevision(name: unknown): Revision | undefined {
  const [, epoch, count] = (typeof name === 'string' && /^([\w-]{1,64})\.(\d{1,15})$/.exec(name)) || [];
  return epoch === undefined ? undefined : { epoch, count: Number(count) };
}

export interface RevisionQuestion {
  readonly since: Revision | undefined;
  /** Another process may just have changed something: look again, whenever the last look was. */
  readonly anew: boolean;
}

/** What the gateway is told. */
export interface RevisionNews {
  readonly revision: string;
  /** Things that have changed since the revision it asked about; null: any may have. */
  readonly changed: readonly string[] | null;
}

export function tellRevision(app: App, news: (question: RevisionQuestion) => Promise<RevisionNews>): void {
  app.get<{ Querystring: { since?: unknown; anew?: unknown } }>(revisionPath, async ({ query: { since, anew } }) =>
    news({ since: readRevision(since), anew: anew === '1' }),
  );
}

const mostThings = 10_000;

/** Which thing changed last at which count, so that what is known of one outlives the changes of others. */
export class Changes {
  #count: number;
  /** At this count anything may have changed. */
  #all: number;
  readonly #things = new Map<string, number>();

  constructor(count: number) {
    this.#count = count;
    this.#all = count;
  }

  get count(): number {
    return this.#count;
  }

  /** These changed between what was known before and this count; null: perhaps everything. News may come twice and late. */
  note(count: number, things: readonly string[] | null): void {
    this.#count = Math.max(this.#count, count);
    for (const thing of things ?? []) this.#things.set(thing, Math.max(count, this.#things.get(thing) ?? 0));
    if (things !== null && this.#things.size <= mostThings) return;
    this.#all = this.#count;
    this.#things.clear();
  }

  /** Null: any may have changed since. */
  since(count: number): string[] | null {
    if (count < this.#all || count > this.#count) return null;
    return [...this.#things].filter(([, at]) => at > count).map(([thing]) => thing);
  }

  /** Whether what was right at this count is right still; about one thing, or about anything when none is named. */
  holds(count: number, about: string | undefined): boolean {
    if (count >= this.#count) return true;
    return about !== undefined && count >= this.#all && (this.#things.get(about) ?? 0) <= count;
  }
}
