export { clients } from './clients/index.ts';
export type { Dialect, Refusal, RefusalContext } from './dialect.ts';
export { driver } from './driver/index.ts';
export { type Language, languages, preferredLanguage } from './language.ts';
export { mobile } from './mobile/index.ts';
export { decimalsOf, toMajorUnits, toMinorUnits } from './money.ts';
export { operators } from './operators/index.ts';
export { toE164 } from './phone.ts';
export { storefront } from './storefront/index.ts';
