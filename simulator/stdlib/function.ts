import { typeError } from '../engine/errors.ts'
import { typeName } from '../engine/value.ts'
import type { CallContext, EngineHost } from '../engine/host.ts'
import type { Random } from '../engine/random.ts'
import type { Readings } from '../engine/readings.ts'
import type { RuntimeList, RuntimeMap, RuntimeValue, TypeName } from '../engine/value.ts'

/** What standard functions may use of the execution that calls them. */
export interface FunctionContext {
  readonly host: EngineHost
  readonly readings: Readings
  readonly call: CallContext
  /** Of this execution alone, from its seed. */
  readonly random: Random
}

export type StandardFunction = PlainFunction | BlockingFunction

/** Computes; can be called within expressions. */
export interface PlainFunction {
  readonly kind: 'plain'
  readonly parameters: readonly Parameter[]
  readonly run: (args: readonly RuntimeValue[], context: FunctionContext) => RuntimeValue
}

/** Waits; can only be called by a `call` step. */
export interface BlockingFunction {
  readonly kind: 'blocking'
  readonly parameters: readonly Parameter[]
  readonly run: (args: readonly RuntimeValue[], context: FunctionContext) => Promise<RuntimeValue>
}

export interface Parameter<T extends RuntimeValue = RuntimeValue> {
  readonly name: string
  /** Empty: any. */
  readonly types: readonly TypeName[]
  /** Undefined: has to be given. */
  readonly default: T | undefined
}

interface Types {
  null: null
  boolean: boolean
  integer: bigint
  double: number
  string: string
  bytes: Uint8Array
  list: RuntimeList
  map: RuntimeMap
  function: never
}

/** A parameter that accepts values of the given types. */
export function param<T extends TypeName>(name: string, ...types: readonly T[]): Parameter<Types[T]> {
  return { name, types, default: undefined }
}

/** A parameter that accepts anything. */
export function anything(name: string): Parameter {
  return { name, types: [], default: undefined }
}

/** The same parameter with a value for when it is not given. */
export function optional<T extends RuntimeValue, D extends RuntimeValue>(
  parameter: Parameter<T>,
  value: D,
): Parameter<T | D> {
  return { ...parameter, default: value }
}

type Values<P extends readonly Parameter[]> = {
  readonly [Index in keyof P]: P[Index] extends Parameter<infer T> ? T : never
}

/** A function that computes at once. */
export function plain<const P extends readonly Parameter[]>(
  parameters: P,
  run: (args: Values<P>, context: FunctionContext) => RuntimeValue,
): PlainFunction {
  return { kind: 'plain', parameters, run: run as unknown as PlainFunction['run'] }
}

/** A function that makes its step wait. */
export function blocking<const P extends readonly Parameter[]>(
  parameters: P,
  run: (args: Values<P>, context: FunctionContext) => Promise<RuntimeValue>,
): BlockingFunction {
  return { kind: 'blocking', parameters, run: run as unknown as BlockingFunction['run'] }
}

/** Fills in defaults and checks types; raises TypeError. `undefined` stands for an argument that was not given. */
export function checkArguments(
  name: string,
  parameters: readonly Parameter[],
  given: readonly (RuntimeValue | undefined)[],
): RuntimeValue[] {
  if (given.length > parameters.length) {
    throw typeError(`${name}: takes at most ${parameters.length} arguments, got ${given.length}`)
  }
  return parameters.map((parameter, index) => {
    const value = given[index]
    if (value === undefined) {
      if (parameter.default === undefined) throw typeError(`${name}: missing argument '${parameter.name}'`)
      return parameter.default
    }
    if (
      parameter.types.length > 0 &&
      !parameter.types.includes(typeName(value)) &&
      value !== parameter.default
    ) {
      const expected = parameter.types.join(' or ')
      throw typeError(`${name}: argument '${parameter.name}' must be ${expected}, got ${typeName(value)}`)
    }
    return value
  })
}

/** Puts named arguments into the order of the parameters; raises TypeError for one that does not exist. */
export function orderArguments(
  name: string,
  parameters: readonly { readonly name: string }[],
  named: RuntimeMap,
): (RuntimeValue | undefined)[] {
  for (const key of named.keys()) {
    if (!parameters.some((parameter) => parameter.name === key)) {
      throw typeError(`${name}: unknown argument '${key}'`)
    }
  }
  return parameters.map((parameter) => named.get(parameter.name))
}
