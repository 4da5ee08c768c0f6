// The sandbox as a process of its own, as `npm start` runs it.
import { startQpaySandbox } from './sandbox.ts';

const {
  NODE_ENV,
  QPAY_SANDBOX_PORT = '3090',
  QPAY_SANDBOX_FILE,
  QPAY_USERNAME,
  QPAY_PASSWORD,
  QPAY_INVOICE_CODE,
  CURRENCY,
} = process.env;
if (NODE_ENV === 'production') {
  console.error('The QPay sandbox is for development: it takes no real money.');
  process.exit(1);
}

const sandbox = await startQpaySandbox({
  port: Number(QPAY_SANDBOX_PORT),
  file: QPAY_SANDBOX_FILE,
  ...(CURRENCY && { currency: CURRENCY }),
  ...(QPAY_USERNAME && { username: QPAY_USERNAME }),
  ...(QPAY_PASSWORD && { password: QPAY_PASSWORD }),
  ...(QPAY_INVOICE_CODE && { invoiceCode: QPAY_INVOICE_CODE }),
});
console.log(`the QPay sandbox listens at ${sandbox.origin}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sandbox.close());
