import { languages } from '@forecourt/dialects';
import { z } from 'zod';
import { type Customer, sexes } from '../../customer/customer.ts';
import type { CustomerRecord } from '../../customer/store.ts';
import { Instant, toInstant } from './common.ts';

const summary = {
  id: z.string(),
  uuid: z.string(),
  number: z.int(),
  phone: z.string().nullable(),
  phoneVerifiedAt: Instant.nullable(),
  email: z.string().nullable(),
  emailVerifiedAt: Instant.nullable(),
  name: z.string().nullable().meta({ description: 'What they call themselves in the shop.' }),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  marketingOptIn: z.boolean(),
  language: z.enum(languages),
  roles: z.array(z.string()),
  blockedAt: Instant.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
  lastLoginAt: Instant.nullable(),
  erasedAt: Instant.nullable().meta({ description: 'The person is gone; these identifiers are all that is left.' }),
};

export const CustomerSummaryBody = z.strictObject(summary).meta({ id: 'OperatorsCustomerSummary' });

export const CustomerBody = z
  .strictObject({
    ...summary,
    middleName: z.string().nullable(),
    birthday: z.iso.date().nullable(),
    sex: z.enum(sexes).nullable(),
    additionalInfo: z.string().nullable(),
    referralCode: z.string().nullable(),
  })
  .meta({ id: 'OperatorsCustomer' });

export const toCustomerSummary = (customer: CustomerRecord): z.input<typeof CustomerSummaryBody> => ({
  id: customer.id,
  uuid: customer.uuid,
  number: Number(customer.number),
  phone: customer.phone,
  phoneVerifiedAt: toInstant(customer.phoneVerifiedAt),
  email: customer.email,
  emailVerifiedAt: toInstant(customer.emailVerifiedAt),
  name: customer.name,
  firstName: customer.firstName,
  lastName: customer.lastName,
  marketingOptIn: customer.marketingOptIn,
  language: customer.language,
  roles: [...customer.roles],
  blockedAt: toInstant(customer.blockedAt),
  createdAt: customer.createdAt.toISOString(),
  updatedAt: customer.updatedAt.toISOString(),
  lastLoginAt: toInstant(customer.lastLoginAt),
  erasedAt: toInstant(customer.erasedAt),
});

export const toCustomerBody = (customer: CustomerRecord): z.input<typeof CustomerBody> => ({
  ...toCustomerSummary(customer),
  middleName: customer.middleName,
  birthday: customer.birthday,
  sex: customer.sex,
  additionalInfo: customer.additionalInfo,
  referralCode: customer.referralCode,
});

/** Of somebody who was just locked, and so is not erased. */
export const toPresentCustomerBody = (customer: Customer) => toCustomerBody({ ...customer, erasedAt: null });
