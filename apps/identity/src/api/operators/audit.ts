import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { acts } from '../../audit/audit.ts';
import { type AuditEntry, type AuditPlace, listEntries } from '../../audit/page.ts';
import type { Deps } from '../../deps.ts';
import { operatorRole } from '../../role/role.ts';
import { Id, Instant } from './common.ts';

const Moment = z.iso.datetime({ offset: true }).transform((instant) => new Date(instant));
const mostEntries = 200;

/** Where a page ended: opaque to clients, so that we may order otherwise one day. */
const Cursor = z
  .string()
  .max(64)
  .transform((cursor, context): AuditPlace => {
    const [, at, id] = /^(\d{1,14})\.(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
    if (at !== undefined && id !== undefined) return { at: new Date(Number(at)), id: BigInt(id) };
    context.addIssue({ code: 'custom', params: { rule: 'format', expected: 'cursor' } });
    return z.NEVER;
  });
const cursorOf = ({ at, id }: AuditPlace): string => Buffer.from(`${at.getTime()}.${id}`).toString('base64url');

const Query = z.strictObject({
  actor: Id.optional().meta({ description: 'Who did it: the id of a customer or operator.' }),
  subject: Id.optional().meta({ description: 'The customer that it was done to.' }),
  act: z.enum(acts).optional(),
  from: Moment.optional(),
  to: Moment.optional().meta({ description: 'Not included.' }),
  cursor: Cursor.optional().meta({ description: 'The `next` of the page before, with the same filters.' }),
  limit: z.coerce.number().int().min(1).max(mostEntries).default(50),
});

const EntryBody = z
  .strictObject({
    id: z.string(),
    at: Instant,
    act: z.string(),
    actor: z
      .strictObject({ role: z.enum(['customer', 'operator', 'system']), id: z.string().nullable() })
      .meta({ description: '`system`: nobody who was signed in; a process at its start, a command, a rule.' }),
    subjectId: z.string().nullable(),
    address: z.string().nullable(),
    facts: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
const PageBody = z.strictObject({
  items: z.array(EntryBody),
  next: z.string().nullable().meta({ description: 'The cursor of the next page; null after the last one.' }),
});

export const auditRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    app.get('/admin/audit', {
      onRequest: app.requireRole(operatorRole),
      schema: {
        operationId: 'listAuditEntries',
        summary: 'Who did what to whom, when and from where, newest first',
        description:
          'Entries are only ever added. A walk by cursors meets none twice, however many are added meanwhile; what is ' +
          'being written while a page is read is found from the top again.',
        tags: ['Audit'],
        querystring: Query,
        response: { 200: PageBody },
      },
      handler: async ({ query: { cursor, limit, actor, subject, act, from, to } }) => {
        const search = { actorId: actor, subjectId: subject, act, from, to };
        const found = await listEntries(deps.db, search, { below: cursor, limit: limit + 1 });
        const entries = found.slice(0, limit);
        const last = entries.at(-1);
        return { items: entries.map(toEntryBody), next: last && found.length > limit ? cursorOf(last) : null };
      },
    });
  };

const toEntryBody = (entry: AuditEntry): z.input<typeof EntryBody> => ({
  id: String(entry.id),
  at: entry.at.toISOString(),
  act: entry.act,
  actor: { role: entry.actorRole, id: entry.actorId },
  subjectId: entry.subjectId,
  address: entry.address,
  facts: entry.facts,
});
