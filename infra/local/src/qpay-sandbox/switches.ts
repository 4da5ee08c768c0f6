import { z } from 'zod';

/** How the sandbox behaves until told otherwise; by hand on its first page, by `PUT /sandbox/switches`, or in a test. */
export const Switches = z.strictObject({
  /** Every answer of the API waits for so long. */
  slowMs: z.int().min(0).max(600_000).default(0),
  /** The API answers 500 and does nothing. */
  down: z.boolean().default(false),
  /** How often a payment is called back; `late`: after `lateMs`. */
  callback: z.enum(['once', 'twice', 'late', 'never']).default('once'),
  lateMs: z.int().min(0).max(600_000).default(15_000),
  callbackMethod: z.enum(['GET', 'POST']).default('GET'),
  /** What the button Pay does. */
  pay: z.enum(['whole', 'partly', 'twice', 'too-much']).default('whole'),
  /** What becomes of a payment. */
  payment: z.enum(['PAID', 'NEW', 'FAILED', 'PARTIAL', 'REFUND']).default('PAID'),
  /** What becomes of a number that was used before: both have been seen. */
  repeatedNumber: z.enum(['another', 'refused']).default('another'),
  /** In which spelling an invoice is called off, and where an error has its word. */
  canceled: z.enum(['CANCELED', 'CANCELLED']).default('CANCELED'),
  errorAt: z.enum(['message', 'error_code', 'error']).default('message'),
  /** Tokens end at a second of the clock, as QPay's do, or after so many, as its documentation says. */
  expiresIn: z.enum(['absolute', 'seconds']).default('absolute'),
  tokenSeconds: z.int().min(1).max(31_536_000).default(86_400),
});
export type Switches = z.output<typeof Switches>;

/** One thing that goes wrong with the next request to one address, or with the next few. */
export const Fault = z.strictObject({
  /** `POST /invoice`, without the `/v2`; an id is `:id`. */
  on: z.string().max(100),
  /** A status, or: never answers, ends the connection, ends it in the middle of the answer, answers no JSON. */
  how: z.union([z.int().min(300).max(599), z.enum(['hang', 'cut', 'half', 'garbage'])]),
  /** It does what it was asked to, and only its answer is lost. */
  done: z.boolean().default(false),
  times: z.int().min(1).max(1000).default(1),
});
export type Fault = z.input<typeof Fault>;
