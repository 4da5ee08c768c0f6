import {
  discountChanged,
  getProducts,
  listDiscounts,
  productChanged,
  productRemoved,
  stockImported,
} from './catalog.ts';
import type { EventContract, RequestContract, Service } from './define.ts';
import { customerErased, customerRegistered, exchangeCredential, exchangeToken, sessionRevoked } from './identity.ts';
import { claimGuestOrders, exportOrdersOfCustomer, orderChanged, orderPlaced, stockChanged } from './orders.ts';
import { exportPaymentsOfCustomer, readWallet, replenishmentSettled, walletChanged } from './payments.ts';
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

export type ParticipantName = Exclude<Service, 'charging'> | 'gateway';

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
      'identity-keeps-wallet-on-wallet-changed': walletChanged,
      'identity-disconnect-on-session-revoked': sessionRevoked,
      'identity-push-on-replenishment-settled': replenishmentSettled,
    },
    follows: [sessionRevoked],
    asks: [claimGuestOrders, exportOrdersOfCustomer, exportPaymentsOfCustomer, readWallet],
  },
  catalog: {
    hears: { 'catalog-notes-stock-on-stock-changed': stockChanged },
    follows: [sessionRevoked],
    asks: [],
  },
  orders: {
    hears: {
      'orders-forget-on-customer-erased': customerErased,
      'orders-claims-on-customer-registered': customerRegistered,
      'orders-keeps-offer-on-product-changed': productChanged,
      'orders-drops-offer-on-product-removed': productRemoved,
      'orders-keeps-discount-on-discount-changed': discountChanged,
      'orders-counts-on-stock-imported': stockImported,
    },
    follows: [sessionRevoked],
    asks: [getProducts, listDiscounts],
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
