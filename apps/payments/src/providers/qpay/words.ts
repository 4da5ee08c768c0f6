import type { LineAnswer } from './line.ts';

const word = /^[A-Z][A-Z0-9_]{2,59}$/;

/** What QPay calls an error, at whichever of the three places it is said. null: it says nothing of the kind. */
export function wordOf({ json }: Pick<LineAnswer, 'json'>): string | null {
  if (typeof json !== 'object' || json === null) return null;
  const { error_code, error, message } = json as Record<string, unknown>;
  return (
    [error_code, error, message].find((text): text is string => typeof text === 'string' && word.test(text)) ?? null
  );
}

/** For operators: a status, and a word of QPay's where there is one. Never its texts, which may repeat what we sent. */
export function describe(answer: Pick<LineAnswer, 'status' | 'json'>): string {
  const said = wordOf(answer);
  return `answered ${answer.status}${said === null ? '' : ` ${said}`}`;
}
