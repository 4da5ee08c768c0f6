import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxInvoice } from './book.ts';
import type { Switches } from './switches.ts';

export interface CallbackRecord {
  readonly invoiceId: string;
  readonly paymentId: string;
  /** null: nobody answered. */
  readonly status: number | null;
  readonly text: string;
  readonly at: string;
}

export interface Callbacks {
  readonly made: readonly CallbackRecord[];
  /** In the background, as often and as late as the switches say. */
  announce(invoice: SandboxInvoice, paymentId: string, switches: Switches): void;
  /** One call, now. */
  call(invoice: SandboxInvoice, paymentId: string, method: Switches['callbackMethod']): Promise<CallbackRecord>;
  close(): void;
}

const remembered = 200;

export function createCallbacks(now: () => Date): Callbacks {
  const made: CallbackRecord[] = [];
  const closing = new AbortController();

  const call: Callbacks['call'] = async (invoice, paymentId, method) => {
    const url = new URL(invoice.callbackUrl);
    url.searchParams.append('qpay_payment_id', paymentId);
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(10_000)]),
    })
      .then(async (response) => ({ status: response.status, text: (await response.text()).slice(0, 200) }))
      .catch((error: Error) => ({ status: null, text: error.message }));
    const record = { invoiceId: invoice.id, paymentId, ...answer, at: now().toISOString() };
    made.push(record);
    made.splice(0, made.length - remembered);
    return record;
  };

  const run = async (invoice: SandboxInvoice, paymentId: string, switches: Switches) => {
    const { callback, callbackMethod, lateMs } = switches;
    if (callback === 'never') return;
    if (callback === 'late') await pause(lateMs, undefined, { signal: closing.signal });
    await call(invoice, paymentId, callbackMethod);
    if (callback === 'twice') await call(invoice, paymentId, callbackMethod);
  };

  return {
    made,
    announce: (invoice, paymentId, switches) => {
      // Only the end of the sandbox comes between a late callback and its time.
      run(invoice, paymentId, { ...switches }).catch(() => {});
    },
    call,
    close: () => closing.abort(),
  };
}
