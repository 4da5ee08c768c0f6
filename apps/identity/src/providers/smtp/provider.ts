import { createTransport } from 'nodemailer';
import type { Answer, Provider } from '../../message/provider.ts';

const patienceSeconds = 20;
const patienceMs = patienceSeconds * 1000;
const connections = 4;

export interface SmtpOptions {
  url: string;
  from: string;
}

export function smtpProvider({ url, from }: SmtpOptions): Provider {
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
    name: 'smtp',
    atOnce: connections,
    patienceSeconds,
    send: async ({ id, recipient, subject, text, html }) => {
      try {
        const { response } = await mailer.sendMail({
          from,
          to: { name: '', address: recipient },
          subject: subject ?? '',
          text,
          ...(html !== null && { html }),
          // The same for every call, so that a mailbox can tell a repeated mail from a second one.
          messageId: `<${id}@${host}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { outcome: 'taken', reference: queueIdIn(response) };
      } catch (error) {
        return answerOf(error as MailError);
      }
    },
    close: () => mailer.close(),
  };
}

/** As most servers say it: `250 2.0.0 Ok: queued as 4F1C22A0`. */
const queueIdIn = (response: string): string | null => /queued as ([\w.-]{1,64})/i.exec(response)?.[1] ?? null;

interface MailError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  /** What the server said; a socket's error has none. */
  readonly response?: string;
  readonly originalCode?: string;
}

/** No connection was there, so nothing was sent. Once there is one, nodemailer does not say how far it came. */
const unreached = new Set(['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH']);
const unreachedBySocket = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

function answerOf({ code = 'unknown', responseCode, response, originalCode }: MailError): Answer {
  if (responseCode !== undefined && code !== 'EAUTH' && code !== 'ECONNECTION' && code !== 'EPROTOCOL') {
    const reason = response ?? String(responseCode);
    return responseCode >= 500
      ? { outcome: 'refused', reason }
      : { outcome: 'later', reason, ...(code === 'EENVELOPE' && { healthy: true }) };
  }
  const reason = [code, originalCode, responseCode].filter(Boolean).join(' ');
  if (responseCode !== undefined || unreached.has(code) || unreachedBySocket.has(originalCode ?? '')) {
    return { outcome: 'later', reason };
  }
  return { outcome: 'in_doubt', reason };
}
