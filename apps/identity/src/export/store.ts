import type { Customer } from '../customer/customer.ts';
import type { Db } from '../customer/store.ts';

const pageRows = 500;

/** All rows of a list that is in the order of their ids. */
async function* pagesOf<Row extends { readonly id: string }>(
  list: (after: string) => PromiseLike<Row[]>,
): AsyncGenerator<Row[]> {
  for (let after = ''; ; ) {
    const rows = await list(after);
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return;
    after = last.id;
  }
}

/** Everywhere that they were signed in, as far as it is remembered; without tokens and keys. */
export const sessionsOf = (db: Db, { id }: Pick<Customer, 'id'>) =>
  pagesOf(
    (after) => db.$queryRaw<{ id: string }[]>`
      SELECT s.id,
             CASE WHEN k.session_id IS NOT NULL OR s.expires_at IS NULL THEN 'device'
                  WHEN EXISTS (SELECT FROM app_token WHERE session_id = s.id) THEN 'app'
                  ELSE 'browser' END AS kind,
             s.client_id AS "clientId", k.profile_id AS "app", k.push_token_at AS "receivesPushesSince",
             s.created_at AS "createdAt", s.last_used_at AS "lastUsedAt", s.expires_at AS "expiresAt",
             s.ended_at AS "endedAt", s.end_reason AS "endReason", s.user_agent AS "userAgent", s.address
      FROM session AS s LEFT JOIN device_key AS k ON k.session_id = s.id
      WHERE s.customer_id = ${id} AND s.id > ${after} ORDER BY s.id LIMIT ${pageRows}::int`,
  );

type Reached = Pick<Customer, 'id' | 'phone' | 'phoneVerifiedAt' | 'email'>;

/** What goes to a phone that was never proved may be somebody else's. */
const recipientsOf = ({ phone, phoneVerifiedAt, email }: Reached): string[] =>
  [email, phoneVerifiedAt && phone].filter((recipient) => recipient !== null);

export const codeRequestsOf = (db: Db, customer: Reached) =>
  pagesOf(
    (after) => db.$queryRaw<{ id: string }[]>`
      SELECT id::text, purpose, channel, recipient, language, tries, sends, created_at AS "createdAt",
             accepted_at AS "acceptedAt"
      FROM code_request
      WHERE (customer_id = ${customer.id} OR recipient = ANY (${recipientsOf(customer)}::text[])) AND id::text > ${after}
      ORDER BY id::text LIMIT ${pageRows}::int`,
  );

/** That something was written to them and when; not what. */
export const messagesOf = (db: Db, customer: Reached) =>
  pagesOf(
    (after) => db.$queryRaw<{ id: string }[]>`
      SELECT id, kind, channel, recipient, language, status, created_at AS "createdAt", sent_at AS "sentAt"
      FROM message
      WHERE recipient = ANY (${recipientsOf(customer)}::text[]) AND id > ${after} ORDER BY id LIMIT ${pageRows}::int`,
  );

/** What was done to their account; who else did it, and from where, is about somebody else. */
export const actsOf = (db: Db, { id }: Pick<Customer, 'id'>) =>
  pagesOf(
    (after) => db.$queryRaw<{ id: string }[]>`
      SELECT id::text, at, act, CASE WHEN actor_id = ${id} THEN 'yourself' ELSE actor_role END AS "by",
             CASE WHEN actor_id = ${id} THEN address END AS address, facts
      FROM audit_entry WHERE subject_id = ${id} AND id > ${after === '' ? 0n : BigInt(after)}
      ORDER BY id LIMIT ${pageRows}::int`,
  );
