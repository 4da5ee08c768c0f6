import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { bodiesOf } from './bodies.ts';
import { type Book, type NewInvoice, paidOf, type SandboxInvoice } from './book.ts';
import type { Money } from './money.ts';
import { refuse, statusOf } from './refusals.ts';
import type { Switches } from './switches.ts';
import type { Tokens } from './tokens.ts';

export interface Merchant {
  readonly username: string;
  readonly password: string;
  readonly invoiceCode: string;
}

export interface ApiParts {
  readonly book: Book;
  readonly tokens: Tokens;
  readonly merchant: Merchant;
  readonly switches: Switches;
  readonly money: Money;
  /** Where an invoice is paid. */
  readonly pageOf: (invoice: SandboxInvoice) => string;
}

const InvoiceBody = z.object({
  invoice_code: z.string().min(1).max(45),
  sender_invoice_no: z.string().min(1).max(45),
  invoice_receiver_code: z.string().min(1).max(45),
  invoice_description: z.string().min(1).max(255),
  amount: z.number().positive(),
  callback_url: z.url({ protocol: /^https?$/ }).max(255),
  enable_expiry: z.union([z.boolean(), z.literal(['true', 'false'])]).optional(),
  expiry_date: z.string().optional(),
});
const Offset = z.object({ page_number: z.int().min(1), page_limit: z.int().min(1).max(1000) });
const CheckBody = z.object({ object_type: z.literal('INVOICE'), object_id: z.string(), offset: Offset.optional() });
const ListBody = z.object({
  object_type: z.enum(['MERCHANT', 'INVOICE']),
  object_id: z.string(),
  start_date: z.coerce.date().optional(),
  end_date: z.coerce.date().optional(),
  offset: Offset.optional(),
});

/** The merchant API, version 2, in its own words and with its own habits. */
export function serveApi(api: FastifyInstance, { book, tokens, merchant, switches, money, pageOf }: ApiParts): void {
  const refuseWith = (reply: FastifyReply, word: string, status = statusOf(word)) =>
    refuse(reply, status, word, switches);
  const { invoiceBody, checkRow, paymentBody } = bodiesOf(money, switches);
  const isBasic = ({ headers }: FastifyRequest) =>
    headers.authorization === `Basic ${btoa(`${merchant.username}:${merchant.password}`)}`;
  const idOf = ({ params }: FastifyRequest) => (params as { id: string }).id;

  api.post('/auth/token', (request, reply) =>
    isBasic(request) ? reply.send(tokens.issue(switches)) : refuseWith(reply, 'AUTHENTICATION_FAILED', 401),
  );
  api.post('/auth/refresh', (request, reply) =>
    tokens.isRefresh(bearerOf(request)) ? reply.send(tokens.issue(switches)) : refuseWith(reply, 'NO_CREDENDIALS', 401),
  );

  const signedInOnly: FastifyPluginCallback = (signedIn, _options, done) => {
    signedIn.addHook('preHandler', async (request, reply) => {
      if (!tokens.isAccess(bearerOf(request))) return refuseWith(reply, 'NO_CREDENDIALS', 401);
    });

    signedIn.post('/invoice', (request, reply) => {
      const { data } = InvoiceBody.safeParse(request.body);
      const amount = data && money.toMinor(data.amount);
      if (!data || amount === undefined) return refuseWith(reply, 'INVALID_REQUEST');
      if (data.invoice_code !== merchant.invoiceCode) return refuseWith(reply, 'INVOICE_CODE_INVALID');
      const number = data.sender_invoice_no;
      const known = [...book.invoices.values()].some((invoice) => invoice.number === number);
      if (known && switches.repeatedNumber === 'refused') return refuseWith(reply, 'SENDER_INVOICE_NO_DUPLICATED', 409);
      const wish: NewInvoice = {
        number,
        amount,
        description: data.invoice_description,
        receiver: data.invoice_receiver_code,
        callbackUrl: data.callback_url,
        expiresAt: String(data.enable_expiry) === 'true' ? (data.expiry_date ?? null) : null,
      };
      const invoice = book.make(wish);
      const qr = `0002010102121531279404962794049600${invoice.id.replaceAll('-', '')}6304AE86`;
      const link = (scheme: string) => `${scheme}://q?qPay_QRcode=${qr}`;
      return reply.send({
        invoice_id: invoice.id,
        qr_text: qr,
        qr_image: emptyPng,
        qPay_shortUrl: pageOf(invoice),
        urls: [
          {
            name: 'qPay wallet',
            description: 'qPay хэтэвч',
            logo: 'https://qpay.mn/q/logo/qpay.png',
            link: link('qpaywallet'),
          },
          {
            name: 'Khan bank',
            description: 'Хаан банк',
            logo: 'https://qpay.mn/q/logo/khanbank.png',
            link: link('khanbank'),
          },
        ],
      });
    });

    signedIn.get('/invoice/:id', (request, reply) => {
      const invoice = book.invoices.get(idOf(request));
      return invoice ? reply.send(invoiceBody(invoice)) : refuseWith(reply, 'INVOICE_NOTFOUND');
    });
    signedIn.delete('/invoice/:id', (request, reply) => {
      const canceled = book.cancel(idOf(request));
      return typeof canceled === 'string' ? refuseWith(reply, canceled) : reply.send({});
    });

    signedIn.post('/payment/check', (request, reply) => {
      const { data } = CheckBody.safeParse(request.body);
      if (!data) return refuseWith(reply, 'INVALID_REQUEST');
      const payments = book.invoices.get(data.object_id)?.payments ?? [];
      const rows = pageIn(payments, data.offset).map(checkRow);
      const paid = payments.length > 0 && { paid_amount: money.toMajor(paidOf(payments)) };
      return reply.send({ count: payments.length, ...paid, rows });
    });
    signedIn.get('/payment/:id', (request, reply) => {
      const found = book.payment(idOf(request));
      return found ? reply.send(paymentBody(found.payment, found.invoice)) : refuseWith(reply, 'PAYMENT_NOTFOUND');
    });
    signedIn.post('/payment/list', (request, reply) => {
      const { data } = ListBody.safeParse(request.body);
      if (!data) return refuseWith(reply, 'INVALID_REQUEST');
      const { object_type, object_id, start_date, end_date, offset } = data;
      const all = [...book.invoices.values()]
        .filter(({ id }) => object_type === 'MERCHANT' || id === object_id)
        .flatMap((invoice) => invoice.payments.map((payment) => ({ payment, invoice })))
        .filter(
          ({ payment: { at } }) => !(start_date && new Date(at) < start_date) && !(end_date && new Date(at) > end_date),
        )
        .sort((a, b) => a.payment.at.localeCompare(b.payment.at));
      return reply.send({
        count: all.length,
        rows: pageIn(all, offset).map((row) => paymentBody(row.payment, row.invoice)),
      });
    });
    for (const path of ['/payment/refund/:id', '/payment/cancel/:id']) {
      signedIn.delete(path, (request, reply) => {
        const refunded = book.giveBack(idOf(request));
        return typeof refunded === 'string' ? refuseWith(reply, refunded) : reply.send({});
      });
    }
    done();
  };
  api.register(signedInOnly);
}

const bearerOf = ({ headers }: FastifyRequest) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '';

const pageIn = <T>(rows: readonly T[], offset = { page_number: 1, page_limit: 100 }): T[] =>
  rows.slice((offset.page_number - 1) * offset.page_limit, offset.page_number * offset.page_limit);

/** One white dot: nobody here has a phone to read a real one with. */
const emptyPng = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==';
