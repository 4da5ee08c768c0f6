import { isUtf8 } from 'node:buffer';
import { AppError } from '@forecourt/errors';

const deepest = 20;
const poison = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * JSON from outside. Beyond what `JSON.parse` refuses: bytes that are not UTF-8, nesting deeper than 20 (recursive
 * validators would overflow), a name given twice (two readers would disagree about it) and names that reach into
 * prototypes.
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new AppError('malformed_body', 'The body is not UTF-8.');
  const text = bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0);
  assertShape(text);
  return parsed(text);
}

/** JSON.parse says what is wrong by quoting the text around it, which may be a password: no cause, so that no log has it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('malformed_body', 'The body is not JSON.');
  }
}

const hasByteOrderMark = (bytes: Buffer) => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

const token = /"(?:[^"\\]|\\.)*"|["{}[\]:,]/gs;

/** One pass over the strings and brackets; what is not JSON at all is left for `JSON.parse` to find. */
function assertShape(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [found] of text.matchAll(token)) {
    if (found === '{' || found === '[') {
      open.push(found === '{' ? new Set() : undefined);
      if (open.length > deepest) throw new AppError('malformed_body', `The body is nested deeper than ${deepest}.`);
    } else if (found === '}' || found === ']') {
      open.pop();
    } else if (found === ':') {
      addName(open.at(-1), last);
    } else if (found === '"') {
      // Going on would look for this string's end again from each quote within it.
      throw new AppError('malformed_body', 'The body is not JSON.');
    }
    last = found;
  }
}

function addName(names: Set<string> | undefined, literal: string): void {
  if (!names || !literal.startsWith('"')) return;
  const name = literal.includes('\\') ? String(parsed(literal)) : literal.slice(1, -1);
  if (poison.has(name)) throw new AppError('malformed_body', 'The body has a name that is not allowed.');
  if (names.has(name)) throw new AppError('malformed_body', 'The body has a name twice in one object.');
  names.add(name);
}
