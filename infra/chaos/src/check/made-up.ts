import type { Operation } from '../history.ts';

/** For tests of checks: an operation that succeeded, unless told. */
let last = 0;
export const anOperation = (wishes: Partial<Operation> & Pick<Operation, 'kind'>): Operation => {
  last += 1;
  const startedAt = wishes.startedAt ?? last * 100;
  return { id: last, startedAt, endedAt: startedAt + 10, outcome: 'ok', status: 200, about: {}, ...wishes };
};
