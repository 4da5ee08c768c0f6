import { aboutHeader, goodForHeader, revisionHeader } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import type { Made, Shared } from '../listing/shelf.ts';

/** Off the shelf when it is there, and nothing at all when the caller has it already. Callers ask each time: prices may change any time. */
export async function answerKept(
  { shelf, revisions, clock }: Pick<Deps, 'shelf' | 'revisions' | 'clock'>,
  request: FastifyRequest,
  reply: FastifyReply,
  key: string,
  make: (shared: Shared) => Promise<Made>,
): Promise<void> {
  const { body, etag, revision, about, goodUntil } = await shelf.take(key, make);
  reply.header('etag', etag).header('cache-control', 'public, no-cache');
  // Callers ask each time; the gateway may answer them for as long as this is so.
  reply.header(revisionHeader, revisions.nameOf(revision));
  if (about !== undefined) reply.header(aboutHeader, about);
  if (goodUntil) reply.header(goodForHeader, goodUntil.getTime() - clock().getTime());
  if (isKnown(request.headers['if-none-match'], etag)) {
    return reply.code(304).send() as never;
  }
  // An asynchronous handler gives back the reply that it has sent itself, which its type cannot say.
  return reply.header('content-type', 'application/json; charset=utf-8').send(body) as never;
}

/** RFC 9110, 13.1.2: weak comparison, a list, or anything at all. */
const isKnown = (header: string | undefined, etag: string) =>
  header?.split(',').some((known) => known.trim() === '*' || known.trim().replace(/^W\//, '') === etag) ?? false;
