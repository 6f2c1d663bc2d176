import type { StepContract } from './contract.ts'
import type { Location } from './location.ts'
import type { Problems } from './problems.ts'
import { refOf, refText, type RefPath } from './ref.ts'
import { fieldNames, fields, isOptional } from './schema.ts'
import { didYouMean } from './suggest.ts'

/** A task's input as data: JSON with references in it. */
export type InputValue =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string }
  | { readonly kind: 'list'; readonly items: readonly InputValue[] }
  | { readonly kind: 'map'; readonly entries: readonly InputEntry[] }
  | { readonly kind: 'ref'; readonly ref: RefPath }

export interface InputEntry {
  readonly key: string
  readonly value: InputValue
}

/** What a declaration of inputs is checked against. */
export interface InputPlace {
  readonly task: string
  /** Identity of the DAG under construction. */
  readonly owner: object
  readonly problems: Problems
  readonly at: Location | null
}

/** Reads the inputs of a task; a field left undefined is left out. */
export function readInputs(inputs: unknown, contract: StepContract, place: InputPlace): InputValue {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs) || refOf(inputs)) {
    place.problems.add(
      'DAG207',
      `inputs of task ${place.task} are not an object of named inputs`,
      namedInputs(contract),
    )
    return { kind: 'map', entries: [] }
  }
  const value = readValue(inputs, place, [])
  if (value.kind === 'map')
    checkFields(value.entries, inputs as Readonly<Record<string, unknown>>, contract, place)
  return value
}

/** Every reference in a value, in order. */
export function refsIn(value: InputValue): readonly RefPath[] {
  if (value.kind === 'ref') return [value.ref]
  if (value.kind === 'list') return value.items.flatMap(refsIn)
  return value.kind === 'map' ? value.entries.flatMap((entry) => refsIn(entry.value)) : []
}

function readValue(value: unknown, place: InputPlace, path: readonly string[]): InputValue {
  const reference = refOf(value)
  if (reference) {
    if (reference.owner !== place.owner) {
      place.problems.add(
        'DAG209',
        `input ${path.join('.')} of task ${place.task} refers to ${refText(reference)} of another DAG`,
        'a DAG sees its own tasks only: pass the value through storage, or move the task here',
      )
    }
    return { kind: 'ref', ref: { source: reference.source, path: reference.path } }
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string')
    return { kind: 'literal', value }
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'literal', value }
  if (Array.isArray(value)) {
    return {
      kind: 'list',
      items: value.map((item, index) => readValue(item, place, [...path, String(index)])),
    }
  }
  if (isPlainObject(value)) return readMap(value, place, path)
  place.problems.add(
    'DAG207',
    `input ${path.join('.')} of task ${place.task} is ${describe(value)}, which JSON cannot carry`,
    'inputs are JSON values and references: write a date as text, a bigint as number or text',
  )
  return { kind: 'literal', value: null }
}

function readMap(
  value: Readonly<Record<string, unknown>>,
  place: InputPlace,
  path: readonly string[],
): InputValue {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return {
    kind: 'map',
    entries: entries.map(([key, item]) => ({ key, value: readValue(item, place, [...path, key]) })),
  }
}

/** The same schema that the container checks at its door, as far as the values are known now. */
function checkFields(
  entries: readonly InputEntry[],
  inputs: Readonly<Record<string, unknown>>,
  contract: StepContract,
  place: InputPlace,
): void {
  const declared = fields(contract.input)
  for (const { key, value } of entries) {
    const schema = Object.hasOwn(declared, key) ? declared[key] : undefined
    if (!schema) {
      const hint = didYouMean(key, fieldNames(contract.input), 'inputs')
      place.problems.add('DAG208', `task ${place.task}: step ${contract.name} has no input "${key}"`, hint)
    } else if (refsIn(value).length === 0) {
      const reason = refusal(schema, inputs[key])
      if (reason !== null) {
        place.problems.add(
          'DAG208',
          `task ${place.task}: input ${key} is refused: ${reason}`,
          namedInputs(contract),
        )
      }
    }
  }
  for (const [key, schema] of Object.entries(declared)) {
    if (isOptional(schema) || entries.some((entry) => entry.key === key)) continue
    place.problems.add(
      'DAG208',
      `task ${place.task}: input ${key} of step ${contract.name} is missing`,
      `add ${key}`,
    )
  }
}

interface Parser {
  safeParse(value: unknown): { success: boolean; error?: { issues: readonly { message: string }[] } }
}

function refusal(schema: object, value: unknown): string | null {
  const result = (schema as Parser).safeParse(value)
  if (result.success) return null
  return result.error?.issues.map((issue) => issue.message).join('; ') ?? 'not of the declared type'
}

function namedInputs(contract: StepContract): string {
  const names = fieldNames(contract.input)
  return `step ${contract.name} takes ${names.length === 0 ? 'no inputs: pass {}' : names.join(', ')}`
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `a ${value.constructor?.name ?? 'object'}`
  return typeof value === 'number' ? String(value) : `of type ${typeof value}`
}
