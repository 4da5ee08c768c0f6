import { AppError } from '@forecourt/errors';

/**
 * Somebody who takes customers' money for us. What they say is asked for and never believed unasked: a callback names a
 * payment, `findPayments` says whether there is one. Amounts are minor units.
 *
 * Every question that cannot be answered now throws a `ProviderFault`; `makeInvoice` answers instead, since what became of
 * it is what matters. A `signal` that aborts is a fault in doubt.
 */
export interface PaymentProvider {
  /** In rows, metrics and logs, and the owner of its clearing account. Never changes. */
  readonly name: string;
  makeInvoice(wish: InvoiceWish, signal: AbortSignal): Promise<Made | Refused | InDoubt>;
  /** All that was paid on an invoice, whatever has become of it. Asked sparingly. */
  findPayments(ref: string, signal: AbortSignal): Promise<InvoiceReport>;
  /** One payment by its own id, as a callback names it. null: there is none. */
  findPayment(paymentId: string, signal: AbortSignal): Promise<ListedPayment | null>;
  /** `paid`: too late, there is money to be looked for. `unknown`: there is no such invoice. Again changes nothing. */
  cancelInvoice(ref: string, signal: AbortSignal): Promise<'canceled' | 'paid' | 'unknown'>;
  /** Every payment of a time, page by page, as for the daily reconciliation; from `from` on, before `to`. */
  listPayments(time: { from: Date; to: Date }, signal: AbortSignal): AsyncIterable<ListedPayment>;
  /** The id of a payment that a callback's parameters (of its address and its body) name. A hint, and often none. */
  paymentIdIn(parameters: Readonly<Record<string, unknown>>): string | null;
  close(): Promise<void>;
}

export interface InvoiceWish {
  /** Ours. One wish, and no other, has this number: a provider may refuse it the second time, or make two invoices. */
  readonly number: string;
  readonly amount: bigint;
  readonly currency: string;
  /** What the customer reads when they pay. */
  readonly description: string;
  /** Who is to pay, by an id of ours that says nothing about them. */
  readonly payer: string;
  /** Called when something was paid. */
  readonly callbackUrl: string;
  /** From then on we cancel it, whether or not the provider would. */
  readonly expiresAt: Date;
}

/** It is there, under the provider's own name, and can be paid at this address. */
export interface Made {
  readonly outcome: 'made';
  readonly ref: string;
  readonly url: string;
}

/** There is certainly no invoice with this number. The reason is for operators: it holds no secret. */
export interface Refused {
  readonly outcome: 'refused';
  readonly reason: string;
  /** It was not about this wish: the same under another number may go well another time. */
  readonly passing: boolean;
  /** The provider has said when. */
  readonly retryAfterSeconds?: number;
}

/** Nobody knows whether there is one: it may be paid one day, as payments of its number then tell. */
export interface InDoubt {
  readonly outcome: 'in_doubt';
  readonly reason: string;
}

export interface SeenPayment {
  /** The provider's; the same payment always has the same one, and no other payment has it. */
  readonly paymentId: string;
  readonly amount: bigint;
  readonly currency: string;
  /** Only what is `paid` is money. `unclear`: the provider says something that a person should look at. */
  readonly status: 'paid' | 'pending' | 'failed' | 'refunded' | 'unclear';
  /** What they keep of it: the customer has all that they paid, and we are owed so much less. */
  readonly fee?: bigint;
}

export interface ListedPayment extends SeenPayment {
  /** The invoice that it is for. null: it is for something else. */
  readonly ref: string | null;
  readonly paidAt: Date | null;
}

export interface InvoiceReport {
  /** Read after `invoice` was: a closed invoice comes with its payments. Each payment is here once. */
  readonly payments: readonly SeenPayment[];
  readonly invoice: 'open' | 'closed' | 'canceled' | 'unknown';
  /** Ours, that it was made under, where the provider knows: whose an invoice is that was made in doubt. */
  readonly number: string | null;
}

export interface FaultFacts {
  /** It may have been done all the same. Where false it certainly was not. */
  readonly inDoubt: boolean;
  readonly retryAfterSeconds?: number | undefined;
}

/** The provider did not answer, or not so that it could be understood. `reason` is for operators: it holds no secret. */
export class ProviderFault extends AppError {
  readonly reason: string;
  readonly inDoubt: boolean;

  constructor(reason: string, { inDoubt, retryAfterSeconds }: FaultFacts) {
    super('provider_unavailable', 'The payment provider cannot be reached now.', {
      cause: new Error(reason),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
    this.reason = reason;
    this.inDoubt = inDoubt;
  }
}
