import { z } from 'zod';
import { closedFor, paidOf, type SandboxInvoice } from './book.ts';
import type { CallbackRecord } from './callbacks.ts';
import { type Html, html, page } from './html.ts';
import type { Money } from './money.ts';
import { Switches } from './switches.ts';

const money = ({ currency, toMajor }: Money, minor: number) =>
  new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' }).format(toMajor(minor));

/** Where a customer pays. Its buttons post to its own address. */
export function paymentPage(invoice: SandboxInvoice, currency: Money, now: Date): string {
  const paid = paidOf(invoice.payments);
  const open = closedFor(invoice, now) === null;
  return page(
    `Pay ${money(currency, invoice.amount)}`,
    html`<main class="card slip">
<h1>QPay sandbox <span class="soft">· no real money</span></h1>
<p class="amount">${money(currency, invoice.amount)}</p>
<p>${invoice.description}</p>
${open ? buttons : html`<p class="${invoice.status === 'CLOSED' ? 'good' : 'bad'}" role="status"><strong>${ending(invoice)}</strong></p>`}
<dl>
<dt>Invoice</dt><dd>${invoice.number}</dd>
<dt>Status</dt><dd id="status">${open ? 'OPEN' : invoice.status}</dd>
${paid > 0 ? html`<dt>Paid</dt><dd>${money(currency, paid)}</dd>` : ''}
</dl>
</main>`,
  );
}

const buttons: Html = html`<form method="post">
<div class="row">
<button class="go" name="action" value="pay">Pay</button>
<button name="action" value="cancel">Cancel</button>
</div>
<details><summary>Pay otherwise</summary>
<div class="row">
<button name="action" value="partly">Half of it</button>
<button name="action" value="twice">Twice</button>
<button name="action" value="too-much">Too much</button>
</div>
</details>
</form>`;

const ending = ({ status }: SandboxInvoice) =>
  ({
    CLOSED: 'Paid. You can close this page.',
    CANCELED: 'This invoice was canceled.',
    OPEN: 'This invoice has expired.',
  })[status];

export interface Overview {
  readonly invoices: readonly SandboxInvoice[];
  readonly callbacks: readonly CallbackRecord[];
  readonly switches: Switches;
  readonly money: Money;
  readonly pageOf: (invoice: SandboxInvoice) => string;
}

/** What the sandbox has seen, and how it is to behave. */
export function overviewPage({ invoices, callbacks, switches, money: currency, pageOf }: Overview): string {
  const invoiceRow = (invoice: SandboxInvoice) => html`<tr>
<td><a href="${pageOf(invoice)}">${invoice.number}</a></td><td class="number">${money(currency, invoice.amount)}</td>
<td>${invoice.status}</td><td class="number">${money(currency, paidOf(invoice.payments))}</td>
<td class="soft">${invoice.createdAt}</td></tr>`;
  const callbackRow = ({ paymentId, status, text, at }: CallbackRecord) => html`<tr>
<td>${paymentId}</td><td class="${status === 200 ? 'good' : 'bad'}">${status ?? 'no answer'}</td><td>${text}</td>
<td class="soft">${at}</td></tr>`;
  return page(
    'QPay sandbox',
    html`<h1>QPay sandbox</h1>
<section class="card"><h2>How it behaves</h2>
<form method="post"><div class="grid">${Object.entries(switchSchemas).map((field) => switchField(field, switches))}</div>
<div class="row"><button class="go">Behave so</button></div></form></section>
<section class="card"><h2>Invoices</h2><div class="scroll"><table>
<tr><th>Number</th><th>Amount</th><th>Status</th><th>Paid</th><th>Made</th></tr>
${[...invoices].reverse().slice(0, shown).map(invoiceRow)}</table></div></section>
<section class="card"><h2>Callbacks</h2><div class="scroll"><table>
<tr><th>Payment</th><th>Answer</th><th></th><th>At</th></tr>
${[...callbacks].reverse().slice(0, shown).map(callbackRow)}</table></div></section>`,
  );
}

const shown = 50;

interface FieldSchema {
  readonly type: 'boolean' | 'integer' | 'string';
  readonly enum?: readonly string[];
}
const switchSchemas = z.toJSONSchema(Switches).properties as Readonly<Record<string, FieldSchema>>;

function switchField([name, { type, enum: choices }]: [string, FieldSchema], switches: Switches): Html {
  const value = switches[name as keyof Switches];
  if (type === 'boolean') {
    return html`<label><input type="checkbox" name="${name}" ${value ? html`checked` : ''}> ${name}</label>`;
  }
  if (!choices) return html`<label>${name}<input type="number" name="${name}" value="${String(value)}"></label>`;
  const options = choices.map((choice) => html`<option ${choice === value ? html`selected` : ''}>${choice}</option>`);
  return html`<label>${name}<select name="${name}">${options}</select></label>`;
}

/** What the form of the overview says, as the switches are written. */
export const switchesOfForm = (form: Readonly<Record<string, string>>): unknown =>
  Object.fromEntries(
    Object.entries(switchSchemas).map(([name, { type }]) => {
      const text = form[name];
      if (type === 'boolean') return [name, text !== undefined];
      return [name, type === 'integer' ? Number(text) : text];
    }),
  );
