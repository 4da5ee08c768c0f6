export type { SandboxInvoice, SandboxPayment } from './book.ts';
export type { CallbackRecord } from './callbacks.ts';
export type { HeardRequest } from './faults.ts';
export { type PayWish, type QpaySandbox, type QpaySandboxOptions, startQpaySandbox } from './sandbox.ts';
export type { Fault, Switches } from './switches.ts';
