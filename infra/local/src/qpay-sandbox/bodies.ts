import type { SandboxInvoice, SandboxPayment } from './book.ts';
import type { Money } from './money.ts';
import type { Switches } from './switches.ts';

/** What is answered about invoices and payments: amounts are texts in one place and numbers in the next, as QPay has them. */
export function bodiesOf(money: Money, switches: Pick<Switches, 'canceled'>) {
  const invoiceBody = ({
    id,
    status,
    number,
    description,
    amount,
    callbackUrl,
    expiresAt,
    createdAt,
  }: SandboxInvoice) => ({
    invoice_id: id,
    invoice_status: status === 'CANCELED' ? switches.canceled : status,
    sender_invoice_no: number,
    invoice_description: description,
    invoice_due_date: null,
    enable_expiry: expiresAt !== null,
    expiry_date: expiresAt ?? createdAt,
    allow_partial: false,
    minimum_amount: '0.00',
    allow_exceed: false,
    maximum_amount: '0.00',
    total_amount: money.toText(amount),
    gross_amount: money.toMajor(amount),
    tax_amount: 0,
    surcharge_amount: 0,
    discount_amount: 0,
    callback_url: callbackUrl,
    lines: [{ line_description: description, line_quantity: '1.00', line_unit_price: money.toText(amount) }],
    transactions: [],
  });
  const checkRow = ({ id, status, amount, currency, type }: SandboxPayment) => ({
    // Those of banks are digits, and have been seen as a number.
    payment_id: type === 'P2P' ? Number(id) : id,
    payment_status: status,
    payment_amount: money.toText(amount),
    trx_fee: '0.00',
    payment_currency: currency,
    payment_wallet: 'qPay wallet',
    payment_type: type,
    next_payment_date: null,
    next_payment_datetime: null,
    card_transactions: [],
    p2p_transactions: [],
  });
  const paymentBody = (payment: SandboxPayment, invoice: SandboxInvoice) => ({
    payment_id: payment.id,
    payment_status: payment.status,
    payment_fee: '0.00',
    payment_amount: money.toText(payment.amount),
    payment_currency: payment.currency,
    payment_date: payment.at,
    payment_wallet: 'qPay wallet',
    object_type: 'INVOICE',
    object_id: invoice.id,
    transaction_type: payment.type,
    paid_by: payment.type,
    next_payment_date: null,
    card_transactions: [],
    p2p_transactions: [],
  });
  return { invoiceBody, checkRow, paymentBody };
}
