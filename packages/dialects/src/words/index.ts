import type { AppError, ErrorCode } from '@forecourt/errors';
import type { RefusalContext } from '../dialect.ts';
import { say } from '../facts.ts';
import { account } from './account.ts';
import { caller } from './caller.ts';
import { charging } from './charging.ts';
import { money } from './money.ts';
import { request } from './request.ts';
import { shop } from './shop.ts';
import { system } from './system.ts';
import type { OwnWords, Words } from './words.ts';

/** Plain words for every refusal, for dialects whose documents quote none of their own. The compiler asks for each new code. */
const words: { readonly [Code in ErrorCode]: Words<Code> } = {
  ...request,
  ...system,
  ...caller,
  ...account,
  ...shop,
  ...money,
  ...charging,
};

/**
 * The sentence for a person, in their language: the dialect's own where its document quotes one. A fault of ours is named
 * by nothing but the id under which we can look it up.
 */
export function sentenceFor(error: AppError, { language, requestId }: RefusalContext, own: OwnWords = {}): string {
  const text = say(own[error.code]?.[language] ?? words[error.code][language], error);
  return error.code === 'internal' ? `${text}: ${requestId}` : text;
}

export type { OwnWords };
