/** How the shop charges for bringing the goods. */
export interface DeliverySettings {
  readonly fee: bigint;
  /** From this total of items on, delivery costs nothing; null: it always costs the fee. */
  readonly freeFrom: bigint | null;
}

export const deliveryFeeFor = ({ fee, freeFrom }: DeliverySettings, itemsTotal: bigint): bigint =>
  freeFrom !== null && itemsTotal >= freeFrom ? 0n : fee;
