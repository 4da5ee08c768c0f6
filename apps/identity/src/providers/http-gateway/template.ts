import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Call, OutgoingMessage } from '../../message/provider.ts';

/** What a gateway may be told, and how a configuration names it. */
export const placeholders = ['to', 'toDigits', 'toNational', 'text', 'from', 'id'] as const;
export type Values = Readonly<Record<(typeof placeholders)[number], string>>;

/**
 * Anything that JSON can say, with placeholders in its strings. They are filled in before it is written as JSON or as a
 * form, so no text can break out of its place.
 */
export type Template = string | number | boolean | null | readonly Template[] | { readonly [name: string]: Template };

const placeholder = /\{\{\s*(\w*)\s*\}\}/g;

export function valuesOf({ recipient, text }: OutgoingMessage, { id }: Pick<Call, 'id'>, from: string): Values {
  const toDigits = recipient.replace('+', '');
  const toNational = parsePhoneNumberFromString(recipient)?.nationalNumber ?? toDigits;
  return { to: recipient, toDigits, toNational, text, from, id };
}

export function fill<T extends Template>(template: T, values: Values): T;
export function fill(template: Template, values: Values): Template {
  if (typeof template === 'string') return template.replaceAll(placeholder, (_, name) => values[name as keyof Values]);
  if (Array.isArray(template)) return template.map((part: Template) => fill(part, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, part]) => [name, fill(part, values)]));
}

/** The names between the braces, known or not. */
export function placeholdersIn(template: Template | undefined): string[] {
  if (typeof template === 'string') return [...template.matchAll(placeholder)].map(([, name]) => name ?? '');
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap((part: Template) => placeholdersIn(part));
}
