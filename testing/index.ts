/** Testing DAGs without their services: `import { simulate, everyFailure, mock } from 'dagwright/testing'`. */
export { simulate } from './simulate.ts'
export { mock } from './mock.ts'
export type {
  Mock,
  MockAnswer,
  MockCall,
  MockEnding,
  MockError,
  MockFunction,
  RunFacts,
  TypedMock,
} from './mock.ts'
export type { Circumstances, SimulatedCloud, SimulateOptions } from './options.ts'
export type { Call } from './outcome.ts'
export type { ToldHook } from './services/hooks.ts'
export type { RunState, SimulatedInstance, SimulatedRun, SimulatedTask, TaskState } from './simulated-run.ts'
export { everyFailure, failuresOf, type FailureCase } from './every-failure.ts'
export { testModel, type ModelLoad, type ModelRun, type ModelTest, type TestedRule } from './model-test.ts'
