import type { Language } from '@forecourt/dialects';
import { codeLetter } from './code-words.ts';
import { contactWords } from './contact-words.ts';
import type { Letter, MessageFacts, MessageKind } from './message.ts';
import { orderWords } from './order-words.ts';
import { passwordWords } from './password-words.ts';
import { phoneProvedLetters } from './phone-proved-words.ts';
import { subscriptionWords } from './subscription-words.ts';

export type WordsOf<Kinds extends MessageKind> = {
  readonly [Kind in Kinds]: Readonly<Record<Language, (facts: MessageFacts[Kind]) => Letter>>;
};

/** The compiler asks for every message in every language. */
const words: WordsOf<MessageKind> = {
  ...passwordWords,
  ...contactWords,
  ...orderWords,
  ...subscriptionWords,
  phone_proved: phoneProvedLetters,
  code: {
    uk: codeLetter('uk'),
    ru: codeLetter('ru'),
    ka: codeLetter('ka'),
    mn: codeLetter('mn'),
    en: codeLetter('en'),
  },
};

export const write = <Kind extends MessageKind>(kind: Kind, language: Language, facts: MessageFacts[Kind]): Letter =>
  words[kind][language](facts);
