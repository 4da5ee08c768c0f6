import { type Dialect, preferredLanguage } from '@forecourt/dialects';
import { goodForHeader, revisionHeader, revisionPath } from '@forecourt/service-kit';
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
  readonly revision: string;
  /** Wrong from this instant on, whatever happens. */
  readonly goodUntil: number;
}

/** What a process of a service says of its revision, asked at this instant; `undefined` when it does not answer. */
interface Look {
  readonly at: number;
  readonly revision: Promise<string | undefined>;
}

/** How long an answer may ignore a change that did not come through here. */
const staleMs = 250;
const askForMs = 1000;
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
  readonly #now: () => number;
  #changedAt = Number.NEGATIVE_INFINITY;

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

  async find(key: string): Promise<Kept | undefined> {
    const kept = this.#answers.get(key);
    if (!kept) return undefined;
    const revision = await this.#revisionOf(kept.upstream);
    if (revision === kept.revision && this.#now() < kept.goodUntil) return kept;
    this.#answers.delete(key);
    return undefined;
  }

  /** Takes a copy of an answer on its way to the client, where its service allows it. */
  copy(key: string, upstream: Upstream, status: number, headers: Headers): Copy | undefined {
    const revision = headers[revisionHeader];
    if (status !== 200 || typeof revision !== 'string' || revision === '' || headers.vary !== 'Accept-Language')
      return undefined;
    if (headers['set-cookie'] !== undefined) return undefined;
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
          goodUntil,
        });
      },
    };
  }

  /** Something was changed through here: whoever did it sees it in the next answer. */
  changed(): void {
    this.#changedAt = this.#now();
  }

  /** Asked four times a second however many requests come; what was asked before a change is no answer after it. */
  #revisionOf(upstream: Upstream): Promise<string | undefined> {
    const now = this.#now();
    const last = this.#looks.get(upstream);
    if (last && last.at > this.#changedAt && now - last.at < staleMs) return last.revision;
    const revision = askRevision(upstream).catch(() => undefined);
    this.#looks.set(upstream, { at: now, revision });
    return revision;
  }
}

async function askRevision({ pool }: Upstream): Promise<string | undefined> {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path: revisionPath,
    headersTimeout: askForMs,
    bodyTimeout: askForMs,
  });
  const text = await body.text();
  return statusCode === 200 ? text : undefined;
}

/** RFC 9110, 13.1.2: weak comparison, a list, or anything at all. */
export const isKnown = (header: string | undefined, { headers: { etag } }: Kept): boolean =>
  typeof etag === 'string' &&
  (header?.split(',').some((known) => known.trim() === '*' || known.trim().replace(/^W\//, '') === etag) ?? false);
