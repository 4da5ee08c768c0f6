import {
  discountChanged,
  findProduct,
  getProducts,
  listDiscounts,
  productChanged,
  productRemoved,
  stockImported,
} from './catalog.ts';
import {
  deviceChanged,
  exportChargingOfCustomer,
  readRunningSession,
  sessionFinished,
  sessionMetered,
  sessionStarted,
} from './charging.ts';
import type { EventContract, RequestContract, Service } from './define.ts';
import {
  codeAccepted,
  customerErased,
  customerRegistered,
  enrolCustomer,
  exchangeCredential,
  exchangeToken,
  findCustomer,
  issueCode,
  resolveCustomer,
  sessionRevoked,
} from './identity.ts';
import {
  claimGuestOrders,
  exportOrdersOfCustomer,
  orderChanged,
  orderPlaced,
  pendingOrderRefused,
  stockChanged,
  subscriptionChanged,
  subscriptionRenewalDue,
} from './orders.ts';
import {
  captureHold,
  chargeWallet,
  exportPaymentsOfCustomer,
  placeHold,
  readWallet,
  refundTransfer,
  releaseHold,
  replenishmentSettled,
  walletChanged,
} from './payments.ts';
import { events, requests } from './registry.ts';

/**
 * Who takes part in the talk over the broker, and what they may say and hear there: the broker's permissions are
 * rendered from it, and a test holds it against the code. What somebody tells and answers follows from the subjects,
 * which begin with their name.
 */
export interface Participant {
  /** Durable consumers, each with the type of event that it hears. */
  readonly hears: Readonly<Record<string, EventContract>>;
  /** What each process hears for itself, from a while ago on. */
  readonly follows: readonly EventContract[];
  readonly asks: readonly RequestContract[];
}

export type ParticipantName = Service | 'gateway';

export const participants: Readonly<Record<ParticipantName, Participant>> = {
  gateway: {
    hears: {},
    follows: [],
    asks: [exchangeCredential, exchangeToken],
  },
  identity: {
    hears: {
      'identity-write-on-order-placed': orderPlaced,
      'identity-write-on-order-changed': orderChanged,
      'identity-write-on-renewal-due': subscriptionRenewalDue,
      'identity-write-on-subscription-changed': subscriptionChanged,
      'identity-write-on-pending-order-refused': pendingOrderRefused,
      'identity-keeps-wallet-on-wallet-changed': walletChanged,
      'identity-disconnect-on-session-revoked': sessionRevoked,
      'identity-push-on-replenishment-settled': replenishmentSettled,
      'identity-push-on-device-changed': deviceChanged,
      'identity-push-on-session-started': sessionStarted,
      'identity-push-on-session-metered': sessionMetered,
      'identity-push-on-session-finished': sessionFinished,
    },
    follows: [sessionRevoked],
    asks: [
      claimGuestOrders,
      exportChargingOfCustomer,
      exportOrdersOfCustomer,
      exportPaymentsOfCustomer,
      readRunningSession,
      readWallet,
    ],
  },
  catalog: {
    hears: { 'catalog-notes-stock-on-stock-changed': stockChanged },
    follows: [sessionRevoked],
    asks: [],
  },
  orders: {
    hears: {
      'orders-forget-on-customer-erased': customerErased,
      'orders-end-subscriptions-on-customer-erased': customerErased,
      'orders-confirm-on-code-accepted': codeAccepted,
      'orders-renew-on-wallet-changed': walletChanged,
      'orders-claims-on-customer-registered': customerRegistered,
      'orders-keeps-offer-on-product-changed': productChanged,
      'orders-drops-offer-on-product-removed': productRemoved,
      'orders-keeps-discount-on-discount-changed': discountChanged,
      'orders-counts-on-stock-imported': stockImported,
    },
    follows: [sessionRevoked],
    asks: [
      chargeWallet,
      enrolCustomer,
      findCustomer,
      findProduct,
      getProducts,
      issueCode,
      listDiscounts,
      readWallet,
      refundTransfer,
    ],
  },
  charging: {
    hears: { 'charging-forget-on-customer-erased': customerErased },
    follows: [sessionRevoked],
    asks: [captureHold, chargeWallet, placeHold, readWallet, refundTransfer, releaseHold, resolveCustomer],
  },
  payments: {
    hears: { 'payments-forget-on-customer-erased': customerErased },
    follows: [sessionRevoked],
    asks: [],
  },
};

export const participantNames = Object.keys(participants) as ParticipantName[];

const speaker = ({ subject }: EventContract | RequestContract): string => subject.split('.', 1)[0] as string;

export const toldBy = (name: string): EventContract[] => events.filter((event) => speaker(event) === name);

export const answeredBy = (name: string): RequestContract[] => requests.filter((request) => speaker(request) === name);
