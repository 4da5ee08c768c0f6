/**
 * What the ledger should do, as plainly as it can be said: nothing is stored but what was agreed to, and every balance is
 * added up anew. Customers and keys are letters.
 */
export type Command =
  | { do: 'fund'; key: string; who: string; amount: bigint }
  | { do: 'charge'; key: string; who: string; amount: bigint }
  | { do: 'place'; key: string; who: string; amount: bigint; atLeast: bigint; overdue: boolean }
  | { do: 'capture'; key: string; amount: bigint }
  | { do: 'release'; key: string }
  | { do: 'expire'; key: string }
  | { do: 'refund'; key: string; of: string; amount: bigint };

/** What came of it: some facts, or the code of a refusal. */
export type Outcome = Readonly<Record<string, bigint | string | boolean>> | string;

interface Move {
  readonly what: 'fund' | 'charge' | 'capture' | 'refund';
  readonly key: string;
  readonly who: string;
  readonly amount: bigint;
  readonly of?: string;
}

interface Hold {
  readonly key: string;
  readonly who: string | null;
  readonly amount: bigint;
  readonly captured: bigint;
  readonly status: 'placed' | 'captured' | 'released' | 'expired';
  readonly overdue: boolean;
}

export interface Model {
  readonly moves: readonly Move[];
  readonly holds: readonly Hold[];
}

export const nothing: Model = { moves: [], holds: [] };

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

export function moneyOf({ moves, holds }: Model, who: string): { balance: bigint; available: bigint } {
  const balance = sum(moves.filter((move) => move.who === who).map(({ amount }) => amount));
  const held = sum(holds.filter((hold) => hold.who === who && hold.status === 'placed').map(({ amount }) => amount));
  return { balance, available: balance - held };
}

export function step(model: Model, command: Command): [Model, Outcome] {
  const move = model.moves.find(({ key }) => key === command.key);
  const hold = model.holds.find(({ key }) => key === command.key);
  const refused = (code: string): [Model, Outcome] => [model, code];
  const moved = (added: Move): [Model, Outcome] => {
    const next = { ...model, moves: [...model.moves, added] };
    return [next, moneyOf(next, added.who)];
  };
  const ended = (status: Hold['status'], captured = 0n): Model => ({
    ...model,
    holds: model.holds.map((other) => (other === hold ? { ...other, status, captured } : other)),
  });
  const placed = (kept: Hold): Model => ({ ...model, holds: [...model.holds, kept] });

  switch (command.do) {
    case 'fund':
    case 'charge': {
      const { key, who } = command;
      const amount = command.do === 'fund' ? command.amount : -command.amount;
      if (move?.what === command.do && move.who === who && move.amount === amount) return [model, moneyOf(model, who)];
      if (move || hold) return refused('transfer_key_reused');
      if (moneyOf(model, who).available + amount < 0n) return refused('insufficient_balance');
      return moved({ what: command.do, key, who, amount });
    }
    case 'place': {
      const { key, who, amount, atLeast, overdue } = command;
      if (hold) {
        const fits = hold.who === null || (hold.who === who && hold.amount >= atLeast && hold.amount <= amount);
        if (!fits) return refused('transfer_key_reused');
        return [model, { amount: hold.amount, status: hold.status, ...moneyOf(model, who) }];
      }
      if (move) return refused('transfer_key_reused');
      const { available } = moneyOf(model, who);
      if (available < atLeast) return refused('insufficient_balance');
      const kept = [amount, available].toSorted((a, b) => Number(a - b))[0] as bigint;
      const next = placed({ key, who, amount: kept, captured: 0n, status: 'placed', overdue });
      return [next, { amount: kept, status: 'placed', ...moneyOf(next, who) }];
    }
    case 'capture': {
      const { key, amount } = command;
      if (!hold) return refused('hold_not_found');
      if (hold.who === null) return refused('hold_ended');
      const repeated = hold.status === 'captured' && hold.captured === amount;
      if (!repeated && hold.status !== 'placed') return refused('hold_ended');
      if (!repeated && amount > hold.amount) return refused('capture_exceeds_hold');
      const taken: Move = { what: 'capture', key, who: hold.who, amount: -amount };
      const next = repeated
        ? model
        : { ...ended('captured', amount), moves: amount > 0n ? [...model.moves, taken] : model.moves };
      return [next, { captured: amount, released: hold.amount - amount, ...moneyOf(next, hold.who) }];
    }
    case 'release': {
      if (hold?.status === 'captured') return refused('hold_ended');
      if (hold) return [hold.status === 'placed' ? ended('released') : model, { released: hold.amount }];
      const tombstone: Hold = {
        key: command.key,
        who: null,
        amount: 0n,
        captured: 0n,
        status: 'released',
        overdue: false,
      };
      return [placed(tombstone), { released: 0n }];
    }
    case 'expire': {
      const expires = hold?.status === 'placed' && hold.overdue;
      return [expires ? ended('expired') : model, { expires }];
    }
    case 'refund': {
      const { key, of, amount } = command;
      const paid = model.moves.find((other) => other.key === of);
      if (paid?.what !== 'charge' && paid?.what !== 'capture') return refused('transfer_not_found');
      const { who } = paid;
      if (move?.what === 'refund' && move.of === of && move.amount === amount) return [model, moneyOf(model, who)];
      if (move) return refused('transfer_key_reused');
      const given = sum(model.moves.filter((other) => other.of === of).map((other) => other.amount));
      if (given + amount > -paid.amount) return refused('refund_exceeds_transfer');
      if (hold) return refused('transfer_key_reused');
      return moved({ what: 'refund', key, who, amount, of });
    }
  }
}

/** Whether some order of these threads' commands, each thread's own kept, gives exactly what was seen. */
export function isExplained(
  model: Model,
  threads: readonly (readonly { command: Command; seen: Outcome }[])[],
  isTheEnd: (model: Model) => boolean,
): boolean {
  if (threads.every((thread) => thread.length === 0)) return isTheEnd(model);
  return threads.some(([first, ...rest], index) => {
    if (!first) return false;
    const [next, outcome] = step(model, first.command);
    return isSame(outcome, first.seen) && isExplained(next, threads.with(index, rest), isTheEnd);
  });
}

export function isSame(one: Outcome, other: Outcome): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
