import fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify';
import { type Merchant, serveApi } from './api.ts';
import { type Book, openBook, paidOf, type Refusal, type SandboxInvoice, type SandboxPayment } from './book.ts';
import { type CallbackRecord, createCallbacks } from './callbacks.ts';
import { createFaults, type HeardRequest } from './faults.ts';
import { moneyOf } from './money.ts';
import { overviewPage, paymentPage, switchesOfForm } from './pages.ts';
import { Fault, Switches } from './switches.ts';
import { createTokens } from './tokens.ts';

export interface QpaySandboxOptions extends Partial<Merchant> {
  /** Of this machine; any free one unless told. */
  port?: number;
  /** `MNT` unless told; QPay itself knows no other. */
  currency?: string;
  /** Remembers invoices and payments there, also through a kill. In memory unless told. */
  file?: string | undefined;
  now?: () => Date;
  switches?: Partial<Switches>;
}

export interface PayWish {
  /** Major units; what is left to pay unless told. */
  amount?: number;
  status?: SandboxPayment['status'];
  /** Although it is closed or canceled: money that was on its way. */
  anyway?: boolean;
  /** Nobody is called; `callBack` does, when a test wants it. */
  silently?: boolean;
}

export interface QpaySandbox extends Merchant {
  /** Of the API: `http://127.0.0.1:3090/v2`. */
  readonly url: string;
  /** Of the page for a browser. */
  readonly origin: string;
  /** May be changed at any time. */
  readonly switches: Switches;
  readonly requests: readonly HeardRequest[];
  readonly callbacks: readonly CallbackRecord[];
  invoices(): SandboxInvoice[];
  fail(fault: Fault): void;
  /** As if every token had ended. */
  forgetTokens(): void;
  /** As a customer's bank does it. `ref` is the invoice's id. */
  pay(ref: string, wish?: PayWish): SandboxPayment;
  /** As a customer does it on the page. */
  cancel(ref: string): void;
  refund(paymentId: string): void;
  /** One call of the callback, with the last payment's id unless told. */
  callBack(ref: string, wish?: { paymentId?: string; method?: 'GET' | 'POST' }): Promise<CallbackRecord>;
  close(): Promise<void>;
}

/** A server that speaks QPay's merchant API, version 2, with a page to pay on, and goes wrong in the ways that it may. */
export async function startQpaySandbox(options: QpaySandboxOptions = {}): Promise<QpaySandbox> {
  const { port = 0, currency = 'MNT', file, now = () => new Date() } = options;
  const merchant = {
    username: options.username ?? 'SANDBOX',
    password: options.password ?? 'sandbox-password',
    invoiceCode: options.invoiceCode ?? 'SANDBOX_INVOICE',
  };
  const switches = Switches.parse(options.switches ?? {});
  const money = moneyOf(currency);
  const book = openBook({ currency, now, file });
  const tokens = createTokens(now);
  const callbacks = createCallbacks(now);
  const faults = createFaults(switches);
  const app = fastify({ forceCloseConnections: true, bodyLimit: 65_536 });
  let origin = '';
  const pageOf = ({ code }: SandboxInvoice) => `${origin}/pay/${code}`;

  const mustBe = <T>(answer: T | Refusal): Exclude<T, Refusal> => {
    if (typeof answer === 'string') throw new Error(`the sandbox refuses: ${answer}`);
    return answer as Exclude<T, Refusal>;
  };
  const invoiceOf = (ref: string) => mustBe(book.invoices.get(ref) ?? 'INVOICE_NOTFOUND');
  const pay = (ref: string, { amount, status = switches.payment, anyway, silently }: PayWish = {}) => {
    const invoice = invoiceOf(ref);
    const minor = amount === undefined ? leftOf(invoice) : money.toMinor(amount);
    if (minor === undefined || minor <= 0) throw new Error(`${amount} ${currency} cannot be paid`);
    const payment = mustBe(book.pay(ref, { amount: minor, status }, anyway));
    if (!silently) callbacks.announce(invoice, payment.id, switches);
    return payment;
  };

  readBodies(app);
  app.get('/health', () => ({ status: 'ok' }));
  const api: FastifyPluginCallback = (scope, _options, done) => {
    faults.guard(scope);
    serveApi(scope, { book, tokens, merchant, switches, money, pageOf });
    done();
  };
  app.register(api, { prefix: '/v2' });
  servePages(app, { book, now, switches, pay, money, callbacks: callbacks.made, pageOf });
  app.get('/sandbox/switches', () => switches);
  app.put('/sandbox/switches', (request, reply) => {
    const { data, error } = Switches.safeParse({ ...switches, ...(request.body as object) });
    return data ? reply.send(Object.assign(switches, data)) : reply.code(400).send({ message: error.message });
  });
  app.post('/sandbox/faults', (request, reply) => {
    const { data, error } = Fault.safeParse(request.body);
    if (!data) return reply.code(400).send({ message: error.message });
    faults.fail(data);
    return reply.code(204).send();
  });

  origin = await app.listen({ host: '127.0.0.1', port });
  return {
    ...merchant,
    origin,
    url: `${origin}/v2`,
    switches,
    requests: faults.requests,
    callbacks: callbacks.made,
    invoices: () => [...book.invoices.values()],
    fail: faults.fail,
    forgetTokens: tokens.forget,
    pay,
    cancel: (ref) => void mustBe(book.cancel(ref)),
    refund: (paymentId) => void mustBe(book.giveBack(paymentId)),
    callBack: (ref, { paymentId, method = switches.callbackMethod } = {}) => {
      const invoice = invoiceOf(ref);
      return callbacks.call(invoice, paymentId ?? invoice.payments.at(-1)?.id ?? 'none', method);
    },
    close: async () => {
      callbacks.close();
      await app.close();
    },
  };
}

const leftOf = ({ amount, payments }: SandboxInvoice) => Math.max(0, amount - paidOf(payments)) || amount;

/** A body may be missing although it is announced, as clients of QPay do it. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('no JSON'), { statusCode: 400 }));
    }
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
}

interface PageParts {
  readonly book: Book;
  readonly now: () => Date;
  readonly switches: Switches;
  readonly money: ReturnType<typeof moneyOf>;
  readonly callbacks: readonly CallbackRecord[];
  readonly pay: (ref: string, wish: PayWish) => SandboxPayment;
  readonly pageOf: (invoice: SandboxInvoice) => string;
}

function servePages(app: FastifyInstance, parts: PageParts): void {
  const { book, now, switches, money, callbacks, pageOf } = parts;
  const html = 'text/html; charset=utf-8';
  const find = (params: unknown) => book.byCode((params as { code: string }).code);

  app.get('/', (_request, reply) =>
    reply.type(html).send(overviewPage({ invoices: [...book.invoices.values()], callbacks, switches, money, pageOf })),
  );
  app.post('/', (request, reply) => {
    const { data } = Switches.safeParse(switchesOfForm((request.body ?? {}) as Record<string, string>));
    if (!data) return reply.code(400).type('text/plain').send('No such behaviour.');
    Object.assign(switches, data);
    return reply.redirect('/', 303);
  });
  app.get('/pay/:code', ({ params }, reply) => {
    const invoice = find(params);
    return invoice
      ? reply.type(html).send(paymentPage(invoice, money, now()))
      : reply.code(404).type('text/plain').send('There is no such invoice.');
  });
  app.post('/pay/:code', ({ params, body }, reply) => {
    const invoice = find(params);
    if (!invoice) return reply.code(404).type('text/plain').send('There is no such invoice.');
    const { action } = (body ?? {}) as { action?: string };
    if (action === 'cancel') book.cancel(invoice.id);
    else if (action === 'pay') payAs(switches.pay, invoice, parts);
    else if (action === 'partly' || action === 'twice' || action === 'too-much') payAs(action, invoice, parts);
    else return reply.code(400).type('text/plain').send('Say what to do: pay, or cancel.');
    return reply.redirect(`/pay/${invoice.code}`, 303);
  });
}

/** What a button does; of an invoice that is closed by now, nothing: the page says so. */
function payAs(how: Switches['pay'], invoice: SandboxInvoice, { book, money, pay }: PageParts): void {
  const left = leftOf(invoice);
  const half = Math.max(1, Math.floor(left / 2));
  const amount = money.toMajor({ whole: left, partly: half, twice: left, 'too-much': left + half }[how]);
  if (book.invoices.get(invoice.id)?.status !== 'OPEN') return;
  try {
    pay(invoice.id, { amount });
  } catch {
    return; // it has expired
  }
  if (how === 'twice') pay(invoice.id, { amount, anyway: true });
}
