import { z } from 'zod';
import { placeholders, placeholdersIn, type Template } from './template.ts';

const Body: z.ZodType<Template> = z.json();
const Flat = z.record(z.string(), z.string());

/** RFC 6901; empty is the whole answer. */
const Pointer = z.string().regex(/^(\/([^~/]|~[01])*)*$/, 'is no JSON pointer like /0/Result');
const Verdict = z.union([z.string().max(100), z.number(), z.boolean()]);

const Pattern = z.string().transform((source, context) => {
  try {
    return new RegExp(source);
  } catch {
    context.addIssue({ code: 'custom', message: 'is no regular expression' });
    return z.NEVER;
  }
});

/** How the gateway says that it has taken a message on. Many answer 200 to everything, and tell in the body. */
const AnswerSettings = z
  .strictObject({
    statuses: z.array(z.int().min(200).max(299)).min(1).default([200, 201, 202, 204]),
    /** Where the verdict stands in a JSON answer… */
    verdictAt: Pointer.optional(),
    /** …and where the gateway's own name for the message. */
    referenceAt: Pointer.optional(),
    /** Both in an answer of plain text: groups named `verdict` and `reference`. */
    pattern: Pattern.optional(),
    taken: z.array(Verdict).min(1).optional(),
    /** Verdicts about this one number or text; whatever is in no list is worth another try. */
    refused: z.array(Verdict).default([]),
    unwanted: z.array(Verdict).default([]),
  })
  .refine(({ verdictAt, pattern }) => verdictAt === undefined || pattern === undefined, {
    message: 'has either verdictAt or pattern',
  })
  .refine(({ verdictAt, pattern, taken }) => (verdictAt ?? pattern) === undefined || taken !== undefined, {
    message: 'needs taken: the verdicts that say success',
  })
  .refine(({ verdictAt, pattern, taken }) => (verdictAt ?? pattern) !== undefined || taken === undefined, {
    message: 'needs verdictAt or pattern, to find the verdict by',
  })
  .refine(({ pattern }) => !pattern || pattern.source.includes('(?<verdict>'), {
    message: 'pattern needs a group (?<verdict>…)',
  });
export type AnswerSettings = z.output<typeof AnswerSettings>;

export const providerName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'is no name like my-gateway');

export const HttpGatewaySettings = z
  .strictObject({
    kind: z.literal('http'),
    name: providerName,
    channels: z.array(z.enum(['sms', 'voice'])).min(1),
    url: z.url({ protocol: /^https?$/, abort: true }).refine((url) => {
      const { username, password, hash } = new URL(url);
      return username === '' && password === '' && hash === '';
    }, 'holds no user, password or fragment; a header Authorization does'),
    method: z.enum(['POST', 'PUT', 'GET']).default('POST'),
    headers: z
      .record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no header'), z.string().regex(/^[ -~]*$/, 'is not ASCII'))
      .default({}),
    /** Put after the question mark of the URL. */
    query: Flat.default({}),
    format: z.enum(['json', 'form']).default('json'),
    body: Body.optional(),
    from: z.string().max(32).default(''),
    answer: AnswerSettings.prefault({}),
    timeoutSeconds: z.number().min(1).max(30).default(10),
    atOnce: z.int().min(1).max(50).default(4),
  })
  .superRefine(({ method, format, query, body, headers, from }, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (method === 'GET' && body !== undefined) complain('body', 'does not go with GET; use query');
    if (format === 'form' && body !== undefined && !Flat.safeParse(body).success) {
      complain('body', 'of a form is an object of texts');
    }
    const named = [...placeholdersIn(query), ...placeholdersIn(body)];
    const unknown = named.find((name) => !placeholders.some((known) => known === name));
    if (unknown !== undefined) complain('body', `{{${unknown}}} is none of ${placeholders.join(', ')}`);
    if (!named.includes('text')) complain('body', 'the {{text}} is nowhere');
    if (!named.some((name) => name.startsWith('to'))) complain('body', 'the number, such as {{to}}, is nowhere');
    if (named.includes('from') && from === '') complain('from', 'is missing, and {{from}} asks for it');
    if (placeholdersIn(headers).some((name) => name !== 'id')) complain('headers', 'may only hold {{id}}');
  });
export type HttpGatewaySettings = z.output<typeof HttpGatewaySettings>;
