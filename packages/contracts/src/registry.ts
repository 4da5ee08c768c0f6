import * as catalog from './catalog.ts';
import * as charging from './charging.ts';
import type { EventContract, RequestContract } from './define.ts';
import * as identity from './identity.ts';
import * as orders from './orders.ts';
import * as payments from './payments.ts';

const isContract = (value: unknown): value is EventContract | RequestContract =>
  typeof value === 'object' && value !== null && 'kind' in value && 'subject' in value;

const contracts = [identity, catalog, orders, charging, payments].flatMap((module) =>
  Object.values(module).filter(isContract),
);

/** Every fact that a service tells. */
export const events = contracts.filter((contract) => contract.kind === 'event');

/** Every question that a service answers. */
export const requests = contracts.filter((contract) => contract.kind === 'request');
