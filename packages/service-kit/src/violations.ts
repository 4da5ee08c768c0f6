import type { Violation } from '@forecourt/errors';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = Violation['path'];

/** zod's issues in no dialect's words, one for each broken rule; `input` tells what is missing from what is wrong. */
export const toViolations = (issues: readonly Issue[], input: unknown): Violation[] =>
  issues.flatMap((issue) => toViolation(issue, issue.path.map(asStep), input));

const asStep = (step: PropertyKey) => (typeof step === 'symbol' ? String(step) : step);

function toViolation(issue: Issue, path: Path, input: unknown): Violation[] {
  switch (issue.code) {
    case 'invalid_type':
      if (valueAt(input, path) === undefined && path.length > 0)
        return [{ path, rule: 'required', expected: issue.expected }];
      if (issue.expected === 'int') return [{ path, rule: 'integer' }];
      return [{ path, rule: 'type', expected: issue.expected }];
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], rule: 'unknown_field' }));
    case 'too_small':
      return [{ path, rule: lowerBounds.get(issue.origin) ?? 'min', expected: Number(issue.minimum) }];
    case 'too_big':
      return [{ path, rule: upperBounds.get(issue.origin) ?? 'max', expected: Number(issue.maximum) }];
    case 'invalid_format':
      return [{ path, rule: 'format', ...(issue.format !== 'regex' && { expected: issue.format }) }];
    case 'invalid_value':
      return [ruleOfMissing(path, input) ?? { path, rule: 'one_of', expected: issue.values.map(asExpected) }];
    case 'invalid_union':
      return closestBranch(issue, path, input);
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => toViolation(inner, path, input));
    case 'custom':
      return [customRule(issue.params, path)];
    default:
      return [{ path, rule: 'not_acceptable' }];
  }
}

const lowerBounds = new Map<string, Violation['rule']>([
  ['string', 'min_length'],
  ['array', 'min_items'],
  ['set', 'min_items'],
]);
const upperBounds = new Map<string, Violation['rule']>([
  ['string', 'max_length'],
  ['array', 'max_items'],
  ['set', 'max_items'],
]);

const ruleOfMissing = (path: Path, input: unknown): Violation | undefined =>
  path.length > 0 && valueAt(input, path) === undefined ? { path, rule: 'required' } : undefined;

/** What the caller most likely meant: the alternative that got furthest before it broke. */
function closestBranch(issue: z.core.$ZodIssueInvalidUnion, path: Path, input: unknown): Violation[] {
  const missing = ruleOfMissing(path, input);
  if (missing) return [missing];
  const depth = (branch: readonly Issue[]) => Math.max(0, ...branch.map((inner) => inner.path.length));
  const [best, next] = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  if (!best || (next && depth(best) === 0)) return [{ path, rule: 'not_acceptable' }];
  return best.flatMap((inner) => toViolation(inner, [...path, ...inner.path.map(asStep)], input));
}

/** A refinement may name its rule: `.refine(isPhone, { params: { rule: 'format', expected: 'phone' } })`. */
function customRule(params: z.core.$ZodIssueCustom['params'], path: Path): Violation {
  const { rule = 'not_acceptable', expected } = (params ?? {}) as Partial<Violation>;
  return { path, rule, ...(expected !== undefined && { expected }) };
}

const asExpected = (value: z.core.util.Primitive) => (typeof value === 'number' ? value : String(value));

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
