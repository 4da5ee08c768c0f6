import type { Provider } from '../../message/provider.ts';
import { callHttp } from '../http-call.ts';
import { readAnswer } from './answer.ts';
import type { HttpGatewaySettings } from './settings.ts';
import { fill, type Template, type Values, valuesOf } from './template.ts';

/** Any gateway that takes one request for one message. */
export function httpGateway(settings: HttpGatewaySettings): Provider {
  const { name, method, headers, from, atOnce, timeoutSeconds: patienceSeconds } = settings;
  return {
    name,
    atOnce,
    patienceSeconds,
    send: async (message, call) => {
      const values = valuesOf(message, call, from);
      const answer = await callHttp({
        url: urlOf(settings, values),
        method,
        headers: { ...contentType(settings), ...fill(headers, values) },
        body: bodyOf(settings, values),
        signal: call.signal,
      });
      return 'outcome' in answer ? answer : readAnswer(settings.answer, answer);
    },
    close: () => {},
  };
}

function urlOf({ url, query }: HttpGatewaySettings, values: Values): URL {
  const filled = new URL(url);
  for (const [name, value] of Object.entries(fill(query, values))) filled.searchParams.set(name, value);
  return filled;
}

const contentType = ({ body, format }: HttpGatewaySettings): Record<string, string> =>
  body === undefined
    ? {}
    : { 'content-type': format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded' };

function bodyOf({ body, format }: HttpGatewaySettings, values: Values): string | null {
  if (body === undefined) return null;
  const filled = fill<Template>(body, values);
  // That a form is an object of texts was seen to at the start.
  return format === 'json' ? JSON.stringify(filled) : new URLSearchParams(filled as Record<string, string>).toString();
}
