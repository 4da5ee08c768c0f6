import { createTransport } from 'nodemailer';
import type { Transport } from '../../message/service.ts';

const patienceMs = 20_000;
const connections = 4;

export interface SmtpOptions {
  url: string;
  from: string;
}

export function smtpTransport({ url, from }: SmtpOptions): Transport {
  const mailer = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    // A text of ours never names a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const host = new URL(url).hostname;
  return {
    atOnce: connections,
    send: async ({ id, recipient, subject, text, html }) => {
      await mailer.sendMail({
        from,
        to: { name: '', address: recipient },
        subject: subject ?? '',
        text,
        ...(html !== null && { html }),
        // The same for every attempt, so that a mailbox can tell a repeated mail from a second one.
        messageId: `<${id}@${host}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    },
    close: () => mailer.close(),
  };
}
