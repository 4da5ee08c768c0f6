import { type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { escapeHtml } from '../message/message.ts';
import { listDevelopmentMessages } from '../providers/development/provider.ts';

const Query = z.strictObject({ to: text({ max: 254 }).optional() });
const Body = z.strictObject({
  items: z.array(
    z.strictObject({
      id: z.string(),
      channel: z.enum(['sms', 'voice', 'email']),
      to: z.string(),
      subject: z.string().optional(),
      text: z.string(),
      createdAt: z.iso.datetime(),
    }),
  ),
});
type Item = z.output<typeof Body>['items'][number];

/** Every SMS, voice call and e-mail that would have gone out, newest first. Whoever reads this reads everybody's mail. */
export const developmentApi =
  ({ db }: Deps): Routes =>
  async (app) => {
    app.get('/dev/messages', {
      schema: { operationId: 'listMessages', summary: 'What would have gone out', querystring: Query },
      handler: async (request, reply) => {
        const rows = await listDevelopmentMessages(db, toRecipient(request.query.to));
        const items = rows.map(
          ({ id, channel, recipient, subject, text: words, createdAt }): Item => ({
            id,
            channel: channel as Item['channel'],
            to: recipient,
            ...(subject !== null && { subject }),
            text: words,
            createdAt: createdAt.toISOString(),
          }),
        );
        reply.header('cache-control', 'no-store').header('vary', 'Accept');
        if (!request.headers.accept?.includes('text/html')) return Body.parse({ items });
        return reply
          .type('text/html; charset=utf-8')
          .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
          .send(page(items));
      },
    });
  };

/** `?to=+380…` arrives with a space where the plus was. */
function toRecipient(to: string | undefined): string | null {
  if (!to) return null;
  return to.includes('@') ? to.toLowerCase() : to.replace(/^\+?(?=\d)/, '+');
}

const style =
  'body{font:16px/1.5 system-ui;max-width:48rem;margin:2rem auto;padding:0 1rem}article{border-top:1px solid;padding:1rem 0}pre{white-space:pre-wrap;font:inherit}';

const page = (items: readonly Item[]) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Messages</title><style>${style}</style></head><body><h1>Messages that would have gone out</h1>${items.map(article).join('') || '<p>None yet.</p>'}</body></html>`;

const article = ({ channel, to, subject, text: words, createdAt }: Item) =>
  `<article><p><b>${channel}</b> to <b>${escapeHtml(to)}</b>, <time>${createdAt}</time></p>${subject ? `<h2>${escapeHtml(subject)}</h2>` : ''}<pre>${linked(words)}</pre></article>`;

const linked = (words: string) => escapeHtml(words).replaceAll(/https?:\/\/[^\s<]+/g, '<a href="$&">$&</a>');
