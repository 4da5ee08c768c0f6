import { type Category, catalogue, type ErrorCode } from './catalogue.ts';

/** A fact that a dialect may put into its sentence: `{ title: 'Bur 801', price: '350.00' }`. */
export type ErrorParams = Readonly<Record<string, string | number>>;

/**
 * One broken rule of a request, in no dialect's words.
 * `path` leads to the field (`['items', 0, 'quantity']`); `rule` and `limit` say what it should have been.
 */
export interface Violation {
  readonly path: readonly (string | number)[];
  readonly rule: ViolationRule;
  /** The type, format, bound or list of allowed values that `rule` speaks of. */
  readonly expected?: string | number | readonly (string | number)[];
}

export type ViolationRule =
  | 'required'
  | 'unknown_field'
  | 'type'
  | 'format'
  | 'min_length'
  | 'max_length'
  | 'min_items'
  | 'max_items'
  | 'min'
  | 'max'
  | 'integer'
  | 'one_of'
  | 'unsafe_text'
  | 'not_acceptable';

export interface AppErrorOptions {
  /** For us, never for the caller. */
  cause?: unknown;
  params?: ErrorParams;
  violations?: readonly Violation[];
  /** When trying again makes sense; becomes the Retry-After header. */
  retryAfterSeconds?: number;
}

/** A refusal: `code` is stable and from the catalogue, `message` may be shown to a caller. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.params = options.params ?? {};
    this.violations = options.violations ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get category(): Category {
    return catalogue[this.code];
  }
}
