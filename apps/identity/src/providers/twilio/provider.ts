import type { Language } from '@forecourt/dialects';
import type { Clock } from '@forecourt/service-kit';
import type { Answer, OutgoingMessage, Provider } from '../../message/provider.ts';
import { answerOfStatus, callHttp, type HttpAnswer } from '../http-call.ts';
import type { TwilioSettings } from './settings.ts';

/** SMS and calls by Twilio's REST API, of which two requests are needed: their own SDK is some megabytes of the others. */
export function twilio(settings: TwilioSettings, clock: Clock): Provider {
  const { name, atOnce, timeoutSeconds: patienceSeconds, accountSid, apiUrl, voices } = settings;
  const account = new URL(`/2010-04-01/Accounts/${accountSid}/`, apiUrl);
  const headers = {
    authorization: `Basic ${Buffer.from(credentialsOf(settings)).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  return {
    name,
    atOnce,
    patienceSeconds,
    speaks: new Set(Object.keys(voices) as Language[]),
    send: async (message, { signal }) => {
      const voice = message.channel === 'voice';
      const form = voice ? callOf(settings, message) : smsOf(settings, message, clock());
      const answer = await callHttp({
        url: new URL(voice ? 'Calls.json' : 'Messages.json', account),
        method: 'POST',
        headers,
        body: new URLSearchParams(form).toString(),
        signal,
      });
      return 'outcome' in answer ? answer : readAnswer(answer);
    },
    close: () => {},
  };
}

const credentialsOf = ({ accountSid, authToken, apiKeySid, apiKeySecret }: TwilioSettings): string =>
  apiKeySid === undefined ? `${accountSid}:${authToken}` : `${apiKeySid}:${apiKeySecret}`;

const longestValiditySeconds = 36_000;

function smsOf(
  { from, messagingServiceSid }: TwilioSettings,
  { recipient, text, notAfter }: OutgoingMessage,
  now: Date,
): Record<string, string> {
  const left = notAfter && Math.max(1, Math.floor((notAfter.getTime() - now.getTime()) / 1000));
  return {
    To: recipient,
    ...(messagingServiceSid === undefined ? { From: from ?? '' } : { MessagingServiceSid: messagingServiceSid }),
    Body: text,
    // Neither does it lie in their queue for longer than it is worth something.
    ...(left !== null && { ValidityPeriod: String(Math.min(longestValiditySeconds, left)) }),
  };
}

const ringSeconds = '30';

function callOf({ from, voices }: TwilioSettings, { recipient, text, language }: OutgoingMessage) {
  const { language: spoken = 'en-US', voice } = voices[language] ?? {};
  const attributes = `language="${escapeXml(spoken)}"${voice === undefined ? '' : ` voice="${escapeXml(voice)}"`}`;
  return {
    To: recipient,
    From: from ?? '',
    Timeout: ringSeconds,
    Twiml: `<Response><Say ${attributes}>${escapeXml(text)}</Say></Response>`,
  };
}

const xmlEscapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeXml = (text: string) => text.replaceAll(/[&<>"]/g, (sign) => xmlEscapes[sign] as string);

/** The recipient has answered STOP to one of our numbers. */
const unsubscribed = 21610;
/** Nothing is wrong with the message: the sender or the account is not set up for it, which somebody will mend. */
const misconfigured = new Set([21212, 21603, 21606, 21659, 21660, 21210]);

/**
 * By status, as Twilio advises, since their codes go on splitting up: a 400 is about this number or text, whatever the
 * code. Those that are named here are what a status does not tell.
 */
function readAnswer(answer: HttpAnswer): Answer {
  const { status, body } = answer;
  const { code, sid } = fieldsOf(body);
  if (status === 200 || status === 201) {
    return sid === null
      ? { outcome: 'in_doubt', reason: `answered ${status} unreadably` }
      : { outcome: 'taken', reference: sid };
  }
  const said = answerOfStatus(answer);
  const reason = code === null ? said.reason : `${said.reason}, error ${code}`;
  if (code === unsubscribed) return { outcome: 'unwanted', reason };
  if (code !== null && misconfigured.has(code)) return { outcome: 'later', reason };
  return { ...said, reason };
}

function fieldsOf(body: string | null): { code: number | null; sid: string | null } {
  try {
    const { code, sid } = JSON.parse(body ?? '') as { code?: unknown; sid?: unknown };
    return {
      code: typeof code === 'number' ? code : null,
      sid: typeof sid === 'string' && /^\w{1,64}$/.test(sid) ? sid : null,
    };
  } catch {
    return { code: null, sid: null };
  }
}
