export type { Instance } from './network.ts';
export type { Program } from './program.ts';
export { type System, type SystemOptions, startSystem } from './system.ts';
export { startTestBroker, type TestBroker } from './testing/broker.ts';
export { startTestServers, type TestServers } from './testing/servers.ts';
