import { readFile } from 'node:fs/promises';
import type { Check, Verdict } from './evidence.ts';

/** What nats-server writes: `… - Publish Violation - User "orders", Subject "…"`. */
const refusal = /Violation|authentication error/i;

/**
 * A service may answer whoever asked it over the connection that the question came by. What is ready only after that one
 * broke goes to an inbox that means nothing to the next, and who asked has given up by then.
 */
const lateAnswer = /Publish Violation - User "[^"]*", Subject "_INBOX\./;

export const rights = (brokerLog: string): Check => ({
  name: 'rights',
  what: 'The broker refuses nobody what they need: services have the rights that their contracts take.',
  run: async () => judgeRights(await readFile(brokerLog, 'utf8')),
});

export function judgeRights(log: string): Verdict {
  const lines = log.split('\n').filter((line) => line !== '');
  const refusals = lines.filter((line) => refusal.test(line));
  const late = refusals.filter((line) => lateAnswer.test(line));
  const wrong = refusals.filter((line) => !late.includes(line));
  return {
    checked: lines.length,
    looked: { lines: lines.length, 'answers that came too late': late.length },
    violations: wrong.slice(0, 20).map((line) => line.slice(0, 300)),
  };
}
