import { mostBytes, staysInWorkflow, workflowBytes } from './bound.ts'
import type { StepContract } from './contract.ts'
import { isSecret } from './hook.ts'
import type { Location } from './location.ts'
import type { Problems } from './problems.ts'
import { refOf, refText, type RefPath, type RefState } from './ref.ts'
import { fieldNames, fields, isOptional } from './schema.ts'
import { didYouMean } from './suggest.ts'
import { partsOfText } from './text.ts'
import { isPlainObject } from './values.ts'

/** A task's input as data: JSON with references in it. */
export type InputValue =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string }
  | { readonly kind: 'list'; readonly items: readonly InputValue[] }
  | { readonly kind: 'map'; readonly entries: readonly InputEntry[] }
  | { readonly kind: 'ref'; readonly ref: RefPath }
  /** Texts, numbers and references to such, one after another as one text; null in it is no text. */
  | { readonly kind: 'text'; readonly parts: readonly InputValue[] }

export interface InputEntry {
  readonly key: string
  readonly value: InputValue
}

/** What a declaration of inputs is checked against. */
export interface InputPlace {
  /** `task load`, `group days`. */
  readonly what: string
  /** Identity of the DAG under construction. */
  readonly owner: object
  readonly problems: Problems
  readonly at: Location | null
  /** Why a reference has no value in this task, or null where it has one. */
  readonly outOfReach: (reference: RefState) => { readonly message: string; readonly hint: string } | null
  /** Whether the workflow itself reads the values, which have to be small then. @default false */
  readonly inWorkflow?: boolean
}

/** Reads the inputs of a task; a field left undefined is left out. */
export function readInputs(
  inputs: unknown,
  contract: StepContract,
  place: InputPlace,
  mapped: MappedInputs = { given: [], mayMiss: false },
): InputValue {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs) || refOf(inputs)) {
    place.problems.add(
      'DAG207',
      `inputs of ${place.what} are not an object of named inputs`,
      namedInputs(contract),
    )
    return { kind: 'map', entries: [] }
  }
  const value = readValue(inputs, place, [])
  if (value.kind === 'map') checkFields(value.entries, contract, mapped, place)
  return value
}

/** Inputs that a mapping gives to a step beside those of every instance. */
export interface MappedInputs {
  readonly given: readonly string[]
  /** Whether what else a mapped item holds is known only while a run executes. */
  readonly mayMiss: boolean
}

/** Every reference in a value, in order. */
export function refsIn(value: InputValue): readonly RefPath[] {
  if (value.kind === 'ref') return [value.ref]
  if (value.kind === 'list') return value.items.flatMap(refsIn)
  if (value.kind === 'text') return value.parts.flatMap(refsIn)
  return value.kind === 'map' ? value.entries.flatMap((entry) => refsIn(entry.value)) : []
}

/** The value itself of an input without references. */
export function constantOf(value: InputValue): unknown {
  switch (value.kind) {
    case 'literal':
      return value.value
    case 'list':
      return value.items.map(constantOf)
    case 'map':
      return Object.fromEntries(value.entries.map((entry) => [entry.key, constantOf(entry.value)]))
    case 'text':
      return value.parts.map((part) => String(constantOf(part))).join('')
    case 'ref':
      return undefined
  }
}

/** Reads one value; `path` is what it is called in messages. */
export function readValue(value: unknown, place: InputPlace, path: readonly string[]): InputValue {
  const reference = refOf(value)
  if (reference) {
    checkReference(reference, place, path)
    return { kind: 'ref', ref: { source: reference.source, path: reference.path } }
  }
  const parts = partsOfText(value)
  if (parts) {
    return { kind: 'text', parts: parts.map((part) => readPart(part, place, path)) }
  }
  if (isSecret(value)) {
    place.problems.add(
      'DAG212',
      `input ${path.join('.')} of ${place.what} is secret ${value.id}`,
      'a step names its secrets in its contract; they reach its container, never an input',
    )
    return { kind: 'literal', value: null }
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
    `input ${path.join('.')} of ${place.what} is ${describe(value)}, which JSON cannot carry`,
    'inputs are JSON values and references: write a date as text, a bigint as number or text',
  )
  return { kind: 'literal', value: null }
}

const responseInText = {
  message: 'the answer that a sensor tests is no part of a text',
  hint: 'compare it as it is',
}

function readPart(part: unknown, place: InputPlace, path: readonly string[]): InputValue {
  const isText = typeof part === 'string' || typeof part === 'number' || refOf(part) !== null
  if (isText) {
    // The answer of a sensor's request is there only after the text was put together.
    const outOfReach = (reference: RefState) =>
      reference.source.kind === 'response' ? responseInText : place.outOfReach(reference)
    return readValue(part, { ...place, inWorkflow: true, outOfReach }, path)
  }
  place.problems.add(
    'DAG207',
    `input ${path.join('.')} of ${place.what}: ${describe(part)} stands in a text`,
    'a text is put together of texts, numbers and references to such',
  )
  return { kind: 'literal', value: '' }
}

function checkReference(reference: RefState, place: InputPlace, path: readonly string[]): void {
  const input = `input ${path.join('.')} of ${place.what}`
  if (reference.owner !== place.owner) {
    place.problems.add(
      'DAG209',
      `${input} refers to ${refText(reference)} of another DAG`,
      'a DAG sees its own tasks only: pass the value through storage, or move the task here',
    )
    return
  }
  const lost = place.outOfReach(reference)
  if (lost) place.problems.add('DAG211', `${input}: ${lost.message}`, lost.hint)
  else if (place.inWorkflow) checkBound(reference, input, place)
}

function checkBound(reference: RefState, input: string, place: InputPlace): void {
  const { source, stored, schema } = reference
  if (source.kind === 'run' || source.kind === 'params' || source.kind === 'response') return
  const bytes = Math.max(mostBytes(schema), stored === null ? 0 : mostBytes(stored))
  const text = refText(reference)
  if (bytes <= workflowBytes) {
    if (reference.output === null || staysInWorkflow(reference.output, bytes)) return
    place.problems.add(
      'DAG210',
      `${input}: the workflow reads ${text}, which may stand in storage beside the other fields of its output`,
      'bound it more tightly, or nest the other fields in one: the workflow holds 7 KB of an output',
    )
    return
  }
  if (reference.of === 'all') {
    place.problems.add(
      'DAG210',
      `${input}: the workflow reads ${text}, but results of instances stand in storage`,
      'let a step read the list and give what is needed of it as a bounded output',
    )
    return
  }
  const which = mostBytes(schema) <= workflowBytes ? 'which is part of a field that' : 'which'
  const size = bytes === Number.POSITIVE_INFINITY ? 'has no bound' : `may take ${bytes} bytes`
  place.problems.add(
    'DAG210',
    `${input}: the workflow reads ${text}, ${which} ${size} in its schema`,
    `bound it to ${workflowBytes} bytes: z.enum([…]), z.string().max(…), z.int(), z.boolean() …`,
  )
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
  contract: StepContract,
  { given, mayMiss }: MappedInputs,
  place: InputPlace,
): void {
  const declared = fields(contract.input)
  for (const { key, value } of entries) {
    if (given.includes(key)) {
      const hint = 'leave it to the mapping, or drop it there'
      place.problems.add('DAG116', `${place.what}: input ${key} is mapped and in partial`, hint)
    }
    const schema = Object.hasOwn(declared, key) ? declared[key] : undefined
    if (!schema) {
      const hint = didYouMean(key, fieldNames(contract.input), 'inputs')
      place.problems.add('DAG208', `${place.what}: step ${contract.name} has no input "${key}"`, hint)
    } else if (refsIn(value).length === 0) {
      const reason = inputRefusal(schema, constantOf(value))
      if (reason !== null) {
        place.problems.add(
          'DAG208',
          `${place.what}: input ${key} is refused: ${reason}`,
          namedInputs(contract),
        )
      }
    }
  }
  for (const [key, schema] of Object.entries(declared)) {
    if (mayMiss || given.includes(key) || isOptional(schema)) continue
    if (entries.some((entry) => entry.key === key)) continue
    place.problems.add(
      'DAG208',
      `${place.what}: input ${key} of step ${contract.name} is missing`,
      `add ${key}`,
    )
  }
}

interface Parser {
  safeParse(value: unknown): { success: boolean; error?: { issues: readonly { message: string }[] } }
}

/** Why a schema refuses a value, or null where it takes it. */
export function inputRefusal(schema: object, value: unknown): string | null {
  const result = (schema as Parser).safeParse(value)
  if (result.success) return null
  return result.error?.issues.map((issue) => issue.message).join('; ') ?? 'not of the declared type'
}

function namedInputs(contract: StepContract): string {
  const names = fieldNames(contract.input)
  return `step ${contract.name} takes ${names.length === 0 ? 'no inputs: pass {}' : names.join(', ')}`
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `a ${value.constructor?.name ?? 'object'}`
  return typeof value === 'number' ? String(value) : `of type ${typeof value}`
}
