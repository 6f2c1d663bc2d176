import { base64 } from './base64.ts'
import { events } from './events.ts'
import { experimental } from './experimental.ts'
import { expressionHelpers } from './expression-helpers.ts'
import { hash } from './hash.ts'
import { http, httpObjects } from './http.ts'
import { json } from './json.ts'
import { list } from './list.ts'
import { map } from './map.ts'
import { math } from './math.ts'
import { retry, retryObjects } from './retry.ts'
import { sys } from './sys.ts'
import { text } from './text.ts'
import { time } from './time.ts'
import { uuid } from './uuid.ts'
import type { RuntimeValue } from '../engine/value.ts'
import type { StandardFunction } from './function.ts'

/** Functions of one module by their full names. */
type Module = Readonly<Record<string, StandardFunction>>

const functions = new Map<string, StandardFunction>(
  [
    base64,
    events,
    experimental,
    expressionHelpers,
    hash,
    http,
    json,
    list,
    map,
    math,
    retry,
    sys,
    text,
    time,
    uuid,
  ].flatMap((module: Module) => Object.entries(module)),
)

const objects = new Map<string, RuntimeValue>([
  ...Object.entries(httpObjects),
  ...Object.entries(retryObjects),
])

/** A function of the standard library. https://cloud.google.com/workflows/docs/reference/stdlib/overview */
export function standardFunction(name: string): StandardFunction | null {
  return functions.get(name) ?? null
}

/** A constant of the standard library, such as `http.default_retry`. */
export function standardObject(name: string): RuntimeValue | null {
  return objects.get(name) ?? null
}

/** Every function's name, for comparison with what the language knows. */
export function standardFunctionNames(): readonly string[] {
  return [...functions.keys()]
}
