import type { AppError } from '@forecourt/errors';
import type { z } from 'zod';
import type { Language } from './language.ts';

/** Where and to whom a refusal is said. */
export interface RefusalContext {
  readonly language: Language;
  readonly requestId: string;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined: none at all. */
  readonly body: unknown;
}

/** Something to begin with: it succeeds in the demo as it stands, or says that it needs a token. */
export interface FirstRequest {
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** POSTed as JSON. */
  readonly body?: Readonly<Record<string, string | number>>;
}

/** The manners of one public API: how it says no, which language it speaks and where its phone numbers are local. */
export interface Dialect {
  readonly name: string;
  readonly title: string;
  /** For people who read the documents. */
  readonly firstRequest: FirstRequest;
  readonly defaultLanguage: Language;
  /** ISO 3166-1 alpha-2; the country of phone numbers written without a country code. */
  readonly defaultRegion: string;
  /** The shape of every refusal, for the OpenAPI document. */
  readonly errorBody: z.ZodType;
  refuse(error: AppError, context: RefusalContext): Refusal;
}
