export { AppError, type AppErrorOptions, type ErrorParams, type Violation, type ViolationRule } from './app-error.ts';
export { type Category, catalogue, type ErrorCode, isErrorCode } from './catalogue.ts';
