export { type AppliedDiscount, type Discount, inForce, type PricedItem, priceNow } from './pricing.ts';
