export { type App, type AppOptions, createApp, type Routes } from './app.ts';
export { type Background, type Round, repeat } from './background.ts';
export { maxHeaderBytes, refuseBytes } from './bytes.ts';
export { type Clock, systemClock } from './clock.ts';
export { type CommonConfig, type CoreConfig, commonConfig, coreConfig, developmentOnly, loadConfig } from './config.ts';
export { clearCookie, readCookie, withoutCookie, writeCookie } from './cookies.ts';
export { type Database, openDatabase } from './database.ts';
export { databaseRefusal } from './database-refusals.ts';
export { door } from './door.ts';
export { createHealth, type Health, type HealthReport, type Probe } from './health.ts';
export { newObjectId, newUuid } from './ids.ts';
export { createLog, type Logger } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export type { OpenApiDocument } from './openapi.ts';
export { type Principal, principalOf } from './principal.ts';
export {
  aboutHeader,
  Changes,
  goodForHeader,
  nameOfRevision,
  type Revision,
  type RevisionNews,
  type RevisionQuestion,
  readRevision,
  revisionHeader,
  revisionPath,
  tellRevision,
} from './revision.ts';
export { followRevocations, type Revocations } from './revocations.ts';
export { type RunOptions, run } from './run.ts';
export {
  type CoreRuntime,
  createClosing,
  type Runtime,
  type RuntimeOptions,
  startCoreRuntime,
  startRuntime,
} from './runtime.ts';
export { serializerOf } from './serialisation.ts';
export { type TextRule, text } from './text.ts';
export { createTokenVerifier, type TokenRules, type TokenVerifier } from './tokens.ts';
export { traceRequests } from './tracing.ts';
export { type Caller, callerBy, trustProxyOf } from './trusted-proxies.ts';
export { wholeNumber } from './whole-number.ts';
export { createWrites, type Writes } from './writes.ts';
