import { toMajorUnits } from '@forecourt/dialects';
import type { Clock } from '@forecourt/service-kit';
import type { z } from 'zod';
import {
  type InDoubt,
  type InvoiceWish,
  type ListedPayment,
  type Made,
  type PaymentProvider,
  ProviderFault,
  type Refused,
  type SeenPayment,
} from '../../provider/provider.ts';
import { CheckedPayment, DatedPayment, MadeInvoice, pageOf, ReadInvoice } from './answers.ts';
import { type LineAnswer, type LineRequest, openLine } from './line.ts';
import type { QpaySettings } from './settings.ts';
import { createTokens } from './tokens.ts';
import { describe, wordOf } from './words.ts';

/** QPay's merchant API, version 2: what it is told, and what it answers in which words. ADR 0029 has its quirks. */
export function qpay(settings: QpaySettings, clock: Clock): PaymentProvider {
  const line = openLine(settings.url);
  const tokens = createTokens(line, settings, clock);

  /** A token that ended before its time, or that they have forgotten, is replaced once. */
  async function ask(request: Omit<LineRequest, 'authorization'>): Promise<LineAnswer> {
    const token = await tokens.get(request.signal);
    const answer = await line.ask({ ...request, authorization: `Bearer ${token}` });
    if (answer.status !== 401) return answer;
    const another = tokens.renounce(token) ? await tokens.get(request.signal) : null;
    if (another === null) return answer;
    return line.ask({ ...request, authorization: `Bearer ${another}` });
  }

  async function askForPage<S extends z.ZodType>(path: string, body: object, row: S, signal: AbortSignal) {
    const answer = await ask({ method: 'POST', path, body, signal });
    if (isUnknown(answer)) return { count: 0, rows: [] as z.output<S>[] };
    return read(answer, pageOf(row));
  }

  async function* walk<S extends z.ZodType>(path: string, body: object, row: S, limit: number, signal: AbortSignal) {
    let met = 0;
    for (let page = 1; page <= mostPages; page++) {
      const offset = { page_number: page, page_limit: limit };
      const { count, rows } = await askForPage(path, { ...body, offset }, row, signal);
      yield* rows;
      met += rows.length;
      // A full page may have another behind it, whatever they count; one that is not may be all that they give at once.
      if (rows.length === 0 || (rows.length < limit && met >= count)) return;
    }
    throw new ProviderFault(`lists more than ${mostPages * limit} payments`, { inDoubt: false });
  }

  return {
    name: 'qpay',

    async makeInvoice(wish, signal) {
      const body = wishBody(wish, settings);
      if ('outcome' in body) return body;
      try {
        return outcomeOf(await ask({ method: 'POST', path: '/invoice', body, signal }));
      } catch (error) {
        if (!(error instanceof ProviderFault)) throw error;
        const { reason, inDoubt, retryAfterSeconds } = error;
        return inDoubt ? { outcome: 'in_doubt', reason } : passing(reason, retryAfterSeconds);
      }
    },

    async findPayments(ref, signal) {
      const answer = await ask({ method: 'GET', path: `/invoice/${encodeURIComponent(ref)}`, signal });
      const invoice = isUnknown(answer) ? unknownInvoice : read(answer, ReadInvoice);
      const payments = new Map<string, SeenPayment>();
      const object = { object_type: 'INVOICE', object_id: ref };
      for await (const payment of walk('/payment/check', object, CheckedPayment, rowsOfAnInvoice, signal)) {
        payments.set(payment.paymentId, payment);
      }
      return {
        payments: [...payments.values()],
        invoice: invoice.invoice_status,
        number: invoice.sender_invoice_no ?? null,
      };
    },

    async findPayment(paymentId, signal) {
      const answer = await ask({ method: 'GET', path: `/payment/${encodeURIComponent(paymentId)}`, signal });
      return isUnknown(answer) ? null : read(answer, DatedPayment);
    },

    async cancelInvoice(ref, signal) {
      const answer = await ask({ method: 'DELETE', path: `/invoice/${encodeURIComponent(ref)}`, signal });
      const word = wordOf(answer) ?? '';
      const done = isOk(answer) && answer.json !== undefined; // a web page of somebody in between says nothing
      if (done || /^INVOICE_ALREADY_CANCEL+ED$/.test(word)) return 'canceled';
      if (word === 'INVOICE_PAID') return 'paid';
      if (isUnknown(answer)) return 'unknown';
      throw faultOf(answer);
    },

    /** Nobody has written down in which zone QPay reads a date: it is asked for a day more on both sides. */
    async *listPayments({ from, to }, signal) {
      const met = new Set<string>();
      const body = {
        object_type: 'MERCHANT',
        object_id: settings.merchantId,
        start_date: new Date(from.getTime() - day).toISOString(),
        end_date: new Date(to.getTime() + day).toISOString(),
      };
      for await (const payment of walk('/payment/list', body, DatedPayment, rowsOfAList, signal)) {
        // Pages move under our feet when somebody pays.
        if (met.has(payment.paymentId) || !isIn(payment, from, to)) continue;
        met.add(payment.paymentId);
        yield payment;
      }
    },

    paymentIdIn({ qpay_payment_id, payment_id }) {
      const id = String(qpay_payment_id ?? payment_id ?? '');
      return /^[\w-]{1,64}$/.test(id) ? id : null;
    },

    close: line.close,
  };
}

const rowsOfAnInvoice = 100;
const rowsOfAList = 500;
const mostPages = 1_000;
const day = 86_400_000;

const unknownInvoice = { invoice_status: 'unknown', sender_invoice_no: null } as const;

/** What is told without a date may be of any day. */
const isIn = ({ paidAt }: ListedPayment, from: Date, to: Date) => paidAt === null || (paidAt >= from && paidAt < to);

const isOk = ({ status }: LineAnswer) => status >= 200 && status < 300;

const isUnknown = (answer: LineAnswer) =>
  !isOk(answer) && (answer.status === 404 || /^(INVOICE|PAYMENT)_NOT_?FOUND$/.test(wordOf(answer) ?? ''));

const longestText = 255;
const longestCode = 45;

/** Cut to what QPay takes, or refused before it is asked. It is not told when the invoice expires: we call it off. */
function wishBody(wish: InvoiceWish, { invoiceCode, currency }: QpaySettings): object | Refused {
  const refuse = (reason: string): Refused => ({ outcome: 'refused', reason, passing: false });
  if (wish.currency !== currency) return refuse(`the wish is in ${wish.currency}, and invoices are in ${currency}`);
  if (wish.callbackUrl.length > longestText)
    return refuse(`a callback’s address has at most ${longestText} characters`);
  if (wish.number.length > longestCode) return refuse(`a number has at most ${longestCode} characters`);
  return {
    invoice_code: invoiceCode,
    sender_invoice_no: wish.number,
    invoice_receiver_code: wish.payer.slice(0, longestCode),
    invoice_description: wish.description.slice(0, longestText),
    amount: toMajorUnits(wish.amount, currency),
    callback_url: wish.callbackUrl,
    allow_partial: false,
    allow_exceed: false,
  };
}

function outcomeOf(answer: LineAnswer): Made | Refused | InDoubt {
  const { status, retryAfterSeconds } = answer;
  const reason = describe(answer);
  if (isOk(answer)) {
    const { data } = MadeInvoice.safeParse(answer.json);
    if (data) return { outcome: 'made', ref: data.invoice_id, url: data.qPay_shortUrl };
    return { outcome: 'in_doubt', reason: `${reason} unreadably` };
  }
  // Whoever stands before QPay may say this after QPay has done it.
  if (status < 400 || status === 408 || status >= 500) return { outcome: 'in_doubt', reason };
  // About us, or about the number alone: the same wish may go well under another one.
  if ([401, 403, 409, 429].includes(status)) return passing(reason, retryAfterSeconds);
  return { outcome: 'refused', reason, passing: false };
}

const passing = (reason: string, retryAfterSeconds: number | undefined): Refused => ({
  outcome: 'refused',
  reason,
  passing: true,
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});

function read<S extends z.ZodType>(answer: LineAnswer, schema: S): z.output<S> {
  if (!isOk(answer)) throw faultOf(answer);
  const { data, success } = schema.safeParse(answer.json);
  if (success) return data;
  throw new ProviderFault(`${describe(answer)} unreadably`, { inDoubt: true });
}

const faultOf = (answer: LineAnswer): ProviderFault =>
  new ProviderFault(describe(answer), {
    inDoubt: answer.status >= 500 || answer.status < 400,
    retryAfterSeconds: answer.retryAfterSeconds,
  });
