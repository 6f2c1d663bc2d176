export { systemClock } from './clock.ts'
export type { StepClock } from './clock.ts'
export { defineContract } from './contract.ts'
export type {
  AnyStepContract,
  Idempotency,
  StepContract,
  StepContractOptions,
  StepInput,
  StepOutput,
  StepParsedInput,
  StepResources,
} from './contract.ts'
export type { EnvironmentVariables, StepRun } from './environment.ts'
export { StepError } from './error.ts'
export type { Fetch, HttpClient, HttpExchange, HttpRequest } from './http.ts'
export type { LogFields, Logger } from './logger.ts'
export { runMain } from './main.ts'
export { createMemoryStorage } from './memory-storage.ts'
export { ObjectNotFound, objectUri, PreconditionFailed, parseObjectUri } from './object-store.ts'
export type { ObjectStore, OpenBucket, PutOptions, StoredObject } from './object-store.ts'
export { createRateLimiter, retryTime } from './rate-limiter.ts'
export type { RateLimiter } from './rate-limiter.ts'
export { runStep } from './run-step.ts'
export type { RunStepOptions } from './run-step.ts'
export { defineStep } from './step.ts'
export type { Step, StepContext, StepHandler } from './step.ts'
export type { Column, ExecuteJob, LoadJob, RowCounts, TableId, Warehouse } from './warehouse.ts'
