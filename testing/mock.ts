import type { StepContract, StepInput, StepOutput } from '../dsl/index.ts'

/**
 * What stands for the service behind a task. An answer serves every try, a list one try after the other (the last
 * answer repeats), a function computes the answer from the input.
 *
 * | task     | answer                                                                                      |
 * | -------- | ------------------------------------------------------------------------------------------- |
 * | step     | the output that its contract promises                                                       |
 * | model    | `{}`                                                                                        |
 * | http     | `{ status, headers, body }`, status 200 by default                                          |
 * | sensor   | `{ ready: true }` or `{ ready: false }` for one look, of an HTTP sensor `{ status, body }`  |
 * | approval | `{ approved, by, note }`                                                                    |
 * | trigger  | `{ state }` of the other run: `success`, which is the default, or `failed`                     |
 *
 * All kinds take `{ error: { code, message, retryable } }`; `{ skip: reason }` fits steps. Where a step's own output
 * has a field of that name, write the output as `{ output: … }`.
 */
export type Mock = MockAnswer | readonly MockAnswer[] | MockFunction

export type MockAnswer = Readonly<Record<string, unknown>>

export type MockFunction = (input: never, call: MockCall) => MockAnswer | Promise<MockAnswer>

/** What a mock may want to know of the try that it answers. */
export interface MockCall {
  readonly task: string
  /** Position in the list that the task is mapped over; 0 where it is not. */
  readonly mapIndex: number
  /** 1 for the first. */
  readonly try: number
  /** The run argument. */
  readonly run: RunFacts
}

/** A run as its workflow knows it; times are RFC 3339. */
export interface RunFacts {
  readonly run_id: string
  readonly logical_date: string
  readonly interval_start: string
  readonly interval_end: string
  readonly params: Readonly<Record<string, unknown>>
}

/** An answer that is no output. */
export type MockEnding = { readonly skip: string } | { readonly error: MockError }

export interface MockError {
  /** Lower snake case for a step; of a model BigQuery's reason, e.g. `rateLimitExceeded`; of a request its HTTP status. */
  readonly code: string | number
  /** @default one that names the task */
  readonly message?: string
  /** Whether the task's retries apply. @default false; of a request its status decides */
  readonly retryable?: boolean
}

/**
 * A mock of a step that the compiler checks: a wrong output, or a handler that reads what the input lacks, is a type
 * error. As data it is the mock itself.
 *
 * @example
 * simulate(shop, { mocks: { fetch_orders: mock(fetchOrders, { orders: [] }) } })
 */
export function mock<C extends StepContract>(contract: C, answer: TypedMock<C>): Mock {
  contracts.set(answer, contract)
  return answer
}

export type TypedMock<C extends StepContract> =
  | TypedAnswer<C>
  | readonly TypedAnswer<C>[]
  | ((input: StepParsed<C>, call: MockCall) => TypedAnswer<C> | Promise<TypedAnswer<C>>)

type TypedAnswer<C extends StepContract> = StepOutput<C> | MockEnding

/** With the defaults of the schema filled in, as a handler gets it. */
type StepParsed<C extends StepContract> = C['input'] extends { readonly _zod: { readonly output: infer T } }
  ? T
  : StepInput<C>

const contracts = new WeakMap<object, StepContract>()

/** The contract that `mock` was given, or null for a mock that was written without it. */
export function contractOf(answer: Mock): StepContract | null {
  return contracts.get(answer) ?? null
}
