import type { Deps } from '../deps.ts';
import { type Act, record } from '../ledger/service.ts';
import { type Money, moneyIn } from './wallet.ts';

export interface ChargeWish {
  readonly key: string;
  readonly customerId: string;
  readonly amount: bigint;
  readonly revenue: string;
  readonly reference: string;
}

export interface Charged extends Money {
  readonly transferId: string;
}

export const chargeWallet = ({ ledger }: Pick<Deps, 'ledger'>, wish: ChargeWish): Promise<Charged> =>
  ledger.act(charging(wish));

const charging = ({ key, customerId, amount, revenue, reference }: ChargeWish): Act<Charged> => ({
  name: 'charge',
  customers: [customerId],
  key,
  decide: (books) => {
    const { currency, at } = books;
    const { transferId } = record(books, {
      key,
      kind: 'charge',
      currency,
      at,
      reference,
      legs: [
        { account: { kind: 'wallet', owner: customerId }, amount: -amount },
        { account: { kind: 'revenue', owner: revenue }, amount },
      ],
    });
    return { transferId, ...moneyIn(books.wallet(customerId)) };
  },
});
