/** What all sessions at one station came to. */
export interface Bill {
  readonly n: number;
  readonly count: number;
  readonly energy: number;
  readonly amount: number;
  readonly state: string;
}

/** What is wrong with the bills for what stations say has flowed, by their number: each charge is one purchase, of that, at its price. */
export function wrongBills(
  bills: readonly Bill[],
  flowedWh: Readonly<Record<number, number>>,
  priceOfKwh: number,
): string[] {
  const billed = new Map(bills.map((bill) => [bill.n, bill]));
  return Object.entries(flowedWh).flatMap(([n, flowed]) => {
    const { count = 0, energy = 0, amount = 0, state = 'missing' } = billed.get(Number(n)) ?? {};
    const price = Math.round((flowed * priceOfKwh) / 1000);
    if (count === 1 && energy === flowed && amount === price && state === 'finished') return [];
    return [
      `station ${n} gave ${flowed} Wh for ${price}; ${count} sessions, ${state}, billed ${energy} Wh for ${amount}`,
    ];
  });
}
