import { setTimeout as pause } from 'node:timers/promises';
import { type Dialect, preferredLanguage } from '@forecourt/dialects';
import {
  aboutHeader,
  Changes,
  goodForHeader,
  nameOfRevision,
  type Revision,
  type RevisionNews,
  readRevision,
  revisionHeader,
  revisionPath,
} from '@forecourt/service-kit';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { hasBody } from './body.ts';
import { namedByConnection, toClient } from './headers.ts';
import type { Copy, Headers } from './send.ts';
import type { Upstream } from './upstreams.ts';

/** An answer that its service lets us give again for as long as nothing behind it changes. */
export interface Kept {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
  readonly upstream: Upstream;
  /** The last one of that process at which it was known to be right. */
  revision: Revision;
  /** The one thing that it is about; undefined when it depends on any. */
  readonly about: string | undefined;
  /** Wrong from this instant on, whatever happens. */
  readonly goodUntil: number;
}

/** What is known of the revisions of a process in its present life. */
interface Standing {
  readonly epoch: string;
  readonly changes: Changes;
}

/** A question to a process about its revision, asked at this instant; `undefined` when it does not answer. */
interface Look {
  readonly at: number;
  readonly standing: Promise<Standing | undefined>;
  /** The next one is on its way. */
  followed: boolean;
}

/** How long an answer may ignore a change that did not come through here. */
const staleMs = 250;
/** So long before that time the next look begins, so that nobody has to wait for it. */
const lookAgainMs = 150;
const askForMs = 1000;
/** How long a reader may wait for processes to look after a change. */
const patienceMs = 250;
const maxBytes = 32 * 1024 * 1024;
const maxBytesOfOne = 256 * 1024;

/** With any of these a request asks for more than what is public. */
const personal = ['authorization', 'cookie', 'cache-control', 'pragma', 'range'] as const;

/** Answers of one service, for rows that are marked `kept`. */
export class KeptAnswers {
  readonly #answers = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }, key) => body.length + 2 * key.length + 1000,
  });
  readonly #looks = new Map<Upstream, Look>();
  readonly #standings = new Map<Upstream, Standing>();
  readonly #now: () => number;
  #changedAt = Number.NEGATIVE_INFINITY;
  #settling: { readonly at: number; readonly done: Promise<unknown> } = { at: 0, done: Promise.resolve() };

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Undefined: it must be asked. The address as it was written and the language are all that a kept answer depends on. */
  keyOf(request: Pick<FastifyRequest, 'method' | 'headers' | 'raw'>, { defaultLanguage }: Dialect): string | undefined {
    const { method, headers, raw } = request;
    // A header that is named there stays here: its service would answer without it, and others would be given that answer.
    if (namedByConnection(headers.connection)) return undefined;
    if (method !== 'GET' || hasBody(raw) || personal.some((name) => headers[name] !== undefined)) return undefined;
    return `${preferredLanguage(headers['accept-language'], defaultLanguage)} ${raw.url}`;
  }

  /**
   * After a change that came through here, until every process has looked what changed: the one that is asked next may be
   * another than the one that changed it. One that hangs is not waited for.
   */
  settled(upstreams: readonly Upstream[]): Promise<unknown> {
    if (this.#settling.at <= this.#changedAt) {
      const at = this.#now();
      const looks = upstreams.map((upstream) => this.#lookNow(upstream, at, { anew: true }));
      this.#settling = { at, done: Promise.race([Promise.all(looks), pause(patienceMs, undefined, { ref: false })]) };
    }
    return this.#settling.done;
  }

  async find(key: string): Promise<Kept | undefined> {
    const kept = this.#answers.get(key);
    if (!kept) return undefined;
    const standing = await this.#standingOf(kept.upstream);
    if (standing && isRight(kept, standing) && this.#now() < kept.goodUntil) {
      kept.revision = { epoch: standing.epoch, count: Math.max(kept.revision.count, standing.changes.count) };
      return kept;
    }
    this.#answers.delete(key);
    return undefined;
  }

  /** Takes a copy of an answer on its way to the client, where its service allows it. */
  copy(key: string, upstream: Upstream, status: number, headers: Headers): Copy | undefined {
    const revision = readRevision(headers[revisionHeader]);
    if (status !== 200 || !revision || headers.vary !== 'Accept-Language') return undefined;
    if (headers['set-cookie'] !== undefined) return undefined;
    const about = headers[aboutHeader]?.toString();
    const goodUntil = this.#now() + Number(headers[goodForHeader] ?? Number.POSITIVE_INFINITY);
    const chunks: Buffer[] = [];
    let length = 0;
    return {
      add: (chunk) => {
        length += chunk.length;
        if (length <= maxBytesOfOne) chunks.push(chunk);
      },
      end: () => {
        if (length > maxBytesOfOne) return;
        this.#answers.set(key, {
          headers: toClient(headers),
          body: Buffer.concat(chunks),
          upstream,
          revision,
          about,
          goodUntil,
        });
      },
    };
  }

  /** Something was changed through here: whoever did it sees it in the next answer. */
  changed(): void {
    this.#changedAt = this.#now();
  }

  /** Asked a few times a second however many requests come; what was asked before a change is no answer after it. */
  #standingOf(upstream: Upstream): Promise<Standing | undefined> {
    const now = this.#now();
    const last = this.#looks.get(upstream);
    const age = last && last.at > this.#changedAt ? now - last.at : Number.POSITIVE_INFINITY;
    if (last && age < staleMs) {
      if (age >= lookAgainMs && !last.followed) {
        last.followed = true;
        const next = this.#look(upstream, now);
        void next.standing.then(() => {
          if (this.#looks.get(upstream) === last) this.#looks.set(upstream, next);
        });
      }
      return last.standing;
    }
    return this.#lookNow(upstream, now);
  }

  #lookNow(upstream: Upstream, at: number, how?: { anew: boolean }): Promise<Standing | undefined> {
    const look = this.#look(upstream, at, how);
    this.#looks.set(upstream, look);
    return look.standing;
  }

  #look(upstream: Upstream, at: number, { anew } = { anew: false }): Look {
    const standing = askNews(upstream, this.#standings.get(upstream), anew).then(
      (news) => this.#learn(upstream, news),
      () => undefined,
    );
    return { at, standing, followed: false };
  }

  #learn(upstream: Upstream, { revision, changed }: RevisionNews): Standing | undefined {
    const now = readRevision(revision);
    if (!now) return undefined;
    const known = this.#standings.get(upstream);
    if (known?.epoch === now.epoch) {
      known.changes.note(now.count, changed);
      return known;
    }
    const standing = { epoch: now.epoch, changes: new Changes(now.count) };
    this.#standings.set(upstream, standing);
    return standing;
  }
}

const isRight = ({ revision, about }: Kept, { epoch, changes }: Standing): boolean =>
  revision.epoch === epoch && changes.holds(revision.count, about);

async function askNews({ pool }: Upstream, known: Standing | undefined, anew: boolean): Promise<RevisionNews> {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path: revisionPath,
    query: {
      ...(known && { since: nameOfRevision({ epoch: known.epoch, count: known.changes.count }) }),
      ...(anew && { anew: '1' }),
    },
    headersTimeout: askForMs,
    bodyTimeout: askForMs,
  });
  if (statusCode === 200) return (await body.json()) as RevisionNews;
  await body.dump();
  throw new Error(`a service answered ${statusCode} when it was asked for its revision`);
}

/** RFC 9110, 13.1.2: weak comparison, a list, or anything at all. */
export const isKnown = (header: string | undefined, { headers: { etag } }: Kept): boolean =>
  typeof etag === 'string' &&
  (header?.split(',').some((known) => known.trim() === '*' || known.trim().replace(/^W\//, '') === etag) ?? false);
