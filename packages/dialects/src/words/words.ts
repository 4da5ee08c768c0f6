import type { ErrorCode } from '@forecourt/errors';
import type { Sentence } from '../facts.ts';
import type { Language } from '../language.ts';

/** A refusal in all our languages; where it has facts, each is a sentence around them. */
export type Words<Code extends ErrorCode = ErrorCode> = Readonly<Record<Language, Sentence<Code>>>;

/** Words for some of the codes. */
export type WordsFor = { readonly [Code in ErrorCode]?: Words<Code> };

/** What a dialect says in words of its own, language by language. */
export type OwnWords = { readonly [Code in ErrorCode]?: Partial<Words<Code>> };
