import type { DueWork } from '../due-work.ts';
import { advance, type ErrandDeps } from './errands.ts';
import { handBack, takeDue } from './store.ts';

export const subscriptionWork = (deps: ErrandDeps): DueWork => ({
  name: 'subscriptions',
  take: (wish) => takeDue(deps.database, wish),
  advance: (id) => advance(deps, id),
  handBack: (taken) => handBack(deps.database, taken),
});
