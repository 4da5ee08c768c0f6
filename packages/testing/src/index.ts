export { type Cable, layCable } from './cable.ts';
export { type TestClock, testClock } from './clock.ts';
export { createTestDatabase, type TestDatabase } from './database.ts';
export { type TestIssuer, type TokenWishes, testIssuer } from './issuer.ts';
export { aMessage, deliver, type MessageWishes } from './message.ts';
export { deathsAmong, type Mortality, mortality } from './mortality.ts';
export { createTestNats, type TestNats, type TestNatsOptions } from './nats.ts';
export { countStatements, createTestRuntime, type TestRuntime, type TestRuntimeOptions } from './runtime.ts';
export { type UntilOptions, until } from './until.ts';
