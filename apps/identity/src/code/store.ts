import type { SqlTx } from '@forecourt/messaging';
import type { Db } from '../customer/store.ts';
import { type CodeRequest, type Drawn, greatestShortId, type Purpose } from './code.ts';

/** How a request is named by whoever answers it. */
export type Which = { readonly requestId: string } | { readonly shortId: number };

/** How it is named by the service that had it made. */
export interface Confirmation {
  readonly owner: string;
  readonly reference: string;
}

type Named = Partial<Record<'requestId' | 'owner' | 'reference', string | null> & Record<'shortId', number | null>>;

/** Gives false when another request has this short id. */
export async function insertRequest(tx: Pick<SqlTx, '$executeRaw'>, request: CodeRequest): Promise<boolean> {
  const r = request;
  const inserted = await tx.$executeRaw`
    INSERT INTO code_request (id, short_id, purpose, channel, recipient, language, customer_id, owner, reference, facts,
                              nonce, digits, delivers, tries, max_tries, sends, created_at, expires_at, resend_at,
                              network, lapses_at)
    VALUES (${r.id}::uuid, ${r.shortId}::int, ${r.purpose}::text, ${r.channel}::text, ${r.recipient}::text,
            ${r.language}::text, ${r.customerId}::text, ${r.owner}::text, ${r.reference}::text,
            ${JSON.stringify(r.facts)}::jsonb, ${r.nonce}::bytea, ${r.digits}::int, ${r.delivers}::boolean,
            ${r.tries}::int, ${r.maxTries}::int, ${r.sends}::int, ${r.createdAt}::timestamptz,
            ${r.expiresAt}::timestamptz, ${r.resendAt}::timestamptz, ${r.network}::text,
            ${r.lapsesAt}::timestamptz)
    ON CONFLICT (short_id) DO NOTHING`;
  return inserted === 1;
}

/** What a further send changes. */
export async function saveSend(tx: Pick<SqlTx, '$executeRaw'>, request: CodeRequest): Promise<void> {
  const r = request;
  await tx.$executeRaw`
    UPDATE code_request
    SET channel = ${r.channel}::text, recipient = ${r.recipient}::text, language = ${r.language}::text,
        tries = ${r.tries}::int, sends = ${r.sends}::int, created_at = ${r.createdAt}::timestamptz,
        expires_at = ${r.expiresAt}::timestamptz, resend_at = ${r.resendAt}::timestamptz,
        nonce = ${r.nonce}::bytea, network = ${r.network}::text,
        lapses_at = ${r.lapsesAt}::timestamptz
    WHERE id = ${r.id}::uuid`;
}

/** Nobody sends, guesses or accepts meanwhile. */
export async function lockRequest(tx: SqlTx, which: Which | Confirmation): Promise<CodeRequest | null> {
  const { requestId = null, shortId = null, owner = null, reference = null }: Named = which;
  const [request] = await tx.$queryRaw<CodeRequest[]>`
    SELECT id, short_id AS "shortId", purpose, channel, recipient, language, customer_id AS "customerId", owner,
           reference, facts, nonce, digits, delivers, tries, max_tries AS "maxTries", sends,
           created_at AS "createdAt", expires_at AS "expiresAt", resend_at AS "resendAt", accepted_at AS "acceptedAt",
           network, lapses_at AS "lapsesAt"
    FROM code_request
    WHERE id = ${requestId}::uuid OR short_id = ${shortId}::bigint
       OR (owner = ${owner}::text AND reference = ${reference}::text)
    FOR UPDATE`;
  return request ?? null;
}

export interface Guess {
  readonly which: Which;
  readonly purposes: readonly Purpose[];
  readonly now: Date;
  /** Requests that were made before are over. */
  readonly openSince: Date;
}

/** Takes a try, if there is one: parallel guesses each find the others counted. Committed before anything is compared. */
export async function takeTry(db: SqlTx, { which, purposes, now, openSince }: Guess): Promise<CodeRequest | null> {
  const { requestId = null, shortId = null }: Named = which;
  const [request] = await db.$queryRaw<CodeRequest[]>`
    UPDATE code_request SET tries = tries + 1
    WHERE (id = ${requestId}::uuid OR short_id = ${shortId}::bigint) AND purpose = ANY (${purposes}::text[])
      AND tries < max_tries AND accepted_at IS NULL
      AND expires_at > ${now}::timestamptz AND created_at > ${openSince}::timestamptz
    RETURNING id, short_id AS "shortId", purpose, channel, recipient, language, customer_id AS "customerId", owner,
              reference, facts, nonce, digits, delivers, tries, max_tries AS "maxTries", sends,
              created_at AS "createdAt", expires_at AS "expiresAt", resend_at AS "resendAt",
              accepted_at AS "acceptedAt", network, lapses_at AS "lapsesAt"`;
  return request ?? null;
}

export async function findRequest(db: Db, which: Which): Promise<CodeRequest | null> {
  if ('shortId' in which && which.shortId > greatestShortId) return null;
  const where = 'requestId' in which ? { id: which.requestId } : { shortId: which.shortId };
  return (await db.codeRequest.findUnique({ where })) as CodeRequest | null;
}

/** Where no request is named, the one that was made last for somebody and something; open or not. */
export const findNewestRequest = (
  db: Db,
  where: Pick<CodeRequest, 'recipient' | 'purpose'>,
): PromiseLike<{ id: string } | null> =>
  db.codeRequest.findFirst({ where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], select: { id: true } });

/** Of those that were asked for from a network, the ones whose code could still be the right one. */
export const listLive = (db: SqlTx, network: string, now: Date): PromiseLike<Drawn[]> =>
  db.$queryRaw<Drawn[]>`
    SELECT id, nonce, digits, sends FROM code_request
    WHERE network = ${network}::text AND expires_at > ${now}::timestamptz AND accepted_at IS NULL AND tries < max_tries
      AND delivers`;

export interface WhoseOpen {
  readonly customerId: string;
  readonly recipient: string;
  /** Of those that may be found alone: this one, or else the newest one of this network. */
  readonly requestId: string | null;
  readonly network: string;
  readonly openSince: Date;
}

/** What is asked of a request before another code of it is. */
export type OpenRequest = Pick<
  CodeRequest,
  'id' | 'purpose' | 'tries' | 'maxTries' | 'createdAt' | 'acceptedAt' | 'lapsesAt'
>;

export async function findOpenOf(db: SqlTx, whose: WhoseOpen): Promise<OpenRequest | null> {
  const { customerId, recipient, requestId, network, openSince } = whose;
  const [request] = await db.$queryRaw<OpenRequest[]>`
    SELECT id, purpose, tries, max_tries AS "maxTries", created_at AS "createdAt", accepted_at AS "acceptedAt",
           lapses_at AS "lapsesAt"
    FROM code_request
    WHERE customer_id = ${customerId}::text AND recipient = ${recipient}::text AND network IS NOT NULL
      AND (id = ${requestId}::uuid OR network = ${network}::text)
      AND created_at > ${openSince}::timestamptz AND accepted_at IS NULL
    ORDER BY id = ${requestId}::uuid DESC NULLS LAST, created_at DESC, id DESC LIMIT 1`;
  return request ?? null;
}

/** Only for the code of this very send, and only once: false for whoever comes second. */
export async function markAccepted(
  tx: Pick<SqlTx, '$executeRaw'>,
  { id, sends }: CodeRequest,
  now: Date,
): Promise<boolean> {
  const marked = await tx.$executeRaw`
    UPDATE code_request SET accepted_at = ${now}::timestamptz
    WHERE id = ${id}::uuid AND sends = ${sends}::int AND accepted_at IS NULL`;
  return marked === 1;
}

export const deleteOldCodeRequests = async (
  db: Pick<SqlTx, '$executeRaw'>,
  before: Date,
  limit: number,
): Promise<number> =>
  db.$executeRaw`
    DELETE FROM code_request WHERE id IN (
      SELECT id FROM code_request WHERE created_at < ${before}::timestamptz
      LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;
