export * from './catalog.ts';
export * from './charging.ts';
export * from './define.ts';
export * from './identity.ts';
export * from './orders.ts';
export * from './participants.ts';
export * from './payments.ts';
export * from './values.ts';
