import type { Operation } from '../api/document.ts';
import type { Breakage } from './breakage.ts';
import { documentBreakages, unwantedBodies } from './document.ts';
import { fieldBreakages } from './field.ts';
import { headerBreakages } from './header.ts';
import { targetBreakages } from './target.ts';

/** Every way in which a request of this call can be broken in one place. */
export const breakagesOf = (operation: Operation): readonly Breakage[] => [
  ...fieldBreakages(operation),
  ...(operation.body || operation.bodyType ? documentBreakages : unwantedBodies),
  ...headerBreakages,
  ...targetBreakages,
];
