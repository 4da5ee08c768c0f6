import type { Answer } from '../../message/provider.ts';
import { answerOfStatus, type HttpAnswer } from '../http-call.ts';
import type { AnswerSettings } from './settings.ts';

/** What a gateway's answer says, read as its operator has described it. */
export function readAnswer(settings: AnswerSettings, answer: HttpAnswer): Answer {
  const { statuses, taken, refused, unwanted } = settings;
  if (!statuses.includes(answer.status)) return answerOfStatus(answer);
  const found = find(settings, answer.body);
  if (taken === undefined) return { outcome: 'taken', reference: found?.reference ?? null };
  if (!found || found.verdict === null) return { outcome: 'in_doubt', reason: `answered ${answer.status} unreadably` };

  const { verdict, reference } = found;
  const isOneOf = (verdicts: AnswerSettings['refused']) => verdicts.some((one) => String(one) === verdict);
  if (isOneOf(taken)) return { outcome: 'taken', reference };
  // A verdict may be any text of theirs.
  const reason = `answered ${answer.status} with the verdict ${/^[\w .:-]{1,40}$/.test(verdict) ? verdict : 'unknown'}`;
  if (isOneOf(refused)) return { outcome: 'refused', reason };
  return isOneOf(unwanted) ? { outcome: 'unwanted', reason } : { outcome: 'later', reason };
}

interface Found {
  readonly verdict: string | null;
  readonly reference: string | null;
}

function find({ verdictAt, referenceAt, pattern }: AnswerSettings, body: string | null): Found | null {
  if (body === null) return null;
  if (pattern) {
    const groups = pattern.exec(body)?.groups;
    return groups ? { verdict: groups.verdict ?? null, reference: asReference(groups.reference) } : null;
  }
  const json = parsed(body);
  return { verdict: scalar(at(json, verdictAt)), reference: asReference(scalar(at(json, referenceAt))) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** RFC 6901. */
function at(json: unknown, pointer: string | undefined): unknown {
  if (pointer === undefined) return undefined;
  const names = pointer.split('/').slice(1);
  return names.reduce((thing: unknown, name) => {
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~');
    return typeof thing === 'object' && thing !== null && Object.hasOwn(thing, key)
      ? (thing as Record<string, unknown>)[key]
      : undefined;
  }, json);
}

const scalar = (thing: unknown): string | null =>
  typeof thing === 'string' || typeof thing === 'number' || typeof thing === 'boolean' ? String(thing) : null;

/** Kept for asking them about it; no more of it than a name needs. */
const asReference = (text: string | null | undefined): string | null =>
  typeof text === 'string' && /^[!-~]{1,100}$/.test(text) ? text : null;
