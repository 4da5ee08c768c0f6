export { type BrokerKeys, newBrokerKeys, type PublicKeys, publicKeysOf } from './keys.ts';
export { type AccessOptions, brokerUsers, renderAccess } from './render.ts';
