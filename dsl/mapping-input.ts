import type { StepContract } from './contract.ts'
import {
  constantOf,
  inputRefusal,
  readValue,
  refsIn,
  type InputPlace,
  type InputValue,
  type MappedInputs,
} from './input.ts'
import type { MappedList, Mapping } from './mapping.ts'
import { refOf } from './ref.ts'
import { elementOf, fieldNames, fields, isObjectSchema, leastItems, listKind } from './schema.ts'
import { didYouMean } from './suggest.ts'
import type { PoolUse } from './task.ts'
import type { TriggerRule } from './trigger-rule.ts'
import { describe, isPlainObject } from './values.ts'

/** How many instances work at once, and how many may fail. */
export interface MappingOptions {
  /** Instances at work at once. Airflow: `max_active_tis_per_dagrun`. @default as many as Workflows runs: 20 */
  readonly maxConcurrent?: number
  /** Instances that may fail without the whole counting as failed: a number, or a share of all. @default 0 */
  readonly tolerateFailed?: number | `${number}%`
}

/** What a mapping is checked against. */
interface MappingPlace {
  /** Null for a mapped group: its items are whatever the group makes of them. */
  readonly contract: StepContract | null
  readonly place: InputPlace
  readonly pool: PoolUse | null
  readonly pools: Readonly<Record<string, number>>
  readonly rule: TriggerRule
  /** Path of the mapped group around it. */
  readonly group: string | null
}

/** https://cloud.google.com/workflows/quotas bounds neither; a run's memory and history do. */
const mostInstances = 1000

/** Reads what a task is mapped over. */
export function readMapping(
  over: unknown,
  options: MappingOptions,
  at: MappingPlace,
): MappedInputs & { readonly mapping: Mapping } {
  const { place, group, rule, contract } = at
  const { what } = place
  if (group !== null) {
    const hint = `map outside of group ${group}, or let a step work through the inner list`
    place.problems.add('DAG116', `${what} is mapped inside mapped group ${group}`, hint)
  }
  if (rule === 'always') {
    const hint = 'its instances exist only once the list does: say all_done'
    place.problems.add('DAG116', `${what} is mapped and has trigger rule always`, hint)
  }
  const limits = readMappingLimits(options, what, at)
  const { kind, given, fill } = formOf(over)
  const lists = given.map(([input, list]) => readList(input, list, contract, place))
  if (lists.length === 0) {
    const hint = 'give a list: { input: list }, zip({ … }), or a list of maps of inputs'
    place.problems.add('DAG116', `${what} is mapped over nothing`, hint)
  }
  const mapping: Mapping = {
    kind,
    lists: lists.map(({ mapped }) => mapped),
    fill: fill === undefined ? null : readValue(fill, place, ['fill']),
    ...limits,
  }
  checkLength(kind, lists, mapping.fill !== null, place)
  const items = kind === 'items' ? itemFields(over) : null
  checkItems(items, contract, place)
  return {
    mapping,
    given: items ?? given.flatMap(([input]) => input ?? []),
    mayMiss: kind === 'items' && items === null,
  }
}

/** Reads maxConcurrent and tolerateFailed; a pool bounds the instances by its slots. */
function readMappingLimits(
  { maxConcurrent, tolerateFailed = 0 }: MappingOptions,
  what: string,
  { place, pool, pools }: Pick<MappingPlace, 'place' | 'pool' | 'pools'>,
): Pick<Mapping, 'maxConcurrent' | 'tolerateFailed'> {
  const { problems } = place
  if (maxConcurrent !== undefined && !(Number.isInteger(maxConcurrent) && maxConcurrent >= 1)) {
    problems.add(
      'DAG104',
      `${what}: maxConcurrent is ${describe(maxConcurrent)}`,
      'give a whole number from 1',
    )
  }
  const places = pool === null ? null : Math.floor((pools[pool.name] ?? 1) / pool.slots)
  return {
    maxConcurrent: smaller(maxConcurrent ?? null, places),
    tolerateFailed: readTolerance(tolerateFailed, what, place),
  }
}

function readTolerance(tolerated: unknown, what: string, place: InputPlace): Mapping['tolerateFailed'] {
  if (typeof tolerated === 'number' && Number.isInteger(tolerated) && tolerated >= 0)
    return { kind: 'count', value: tolerated }
  const share = typeof tolerated === 'string' ? /^(\d{1,3}(?:\.\d+)?)%$/.exec(tolerated)?.[1] : undefined
  if (share !== undefined && Number(share) <= 100) return { kind: 'percent', value: Number(share) }
  place.problems.add(
    'DAG104',
    `${what}: tolerateFailed is ${describe(tolerated)}`,
    "give a whole number from 0, or a share such as '10%'",
  )
  return { kind: 'count', value: 0 }
}

interface Form {
  readonly kind: Mapping['kind']
  readonly given: readonly (readonly [input: string | null, list: unknown])[]
  readonly fill?: unknown
}

function formOf(over: unknown): Form {
  if (refOf(over) || Array.isArray(over)) return { kind: 'items', given: [[null, over]] }
  if (!isPlainObject(over)) return { kind: 'product', given: [] }
  if (over['kind'] !== 'zip') return { kind: 'product', given: Object.entries(over) }
  const lists = isPlainObject(over['lists']) ? over['lists'] : {}
  return {
    kind: 'zip',
    given: Object.entries(lists),
    ...('fill' in over && over['fill'] !== undefined && { fill: over['fill'] }),
  }
}

interface ReadList {
  readonly mapped: MappedList
  /** Items that it has at least. */
  readonly least: number
}

function readList(
  input: string | null,
  list: unknown,
  contract: StepContract | null,
  place: InputPlace,
): ReadList {
  const reference = refOf(list)
  const isList = reference ? listKind(reference.schema) !== 'other' : Array.isArray(list)
  if (!isList) {
    place.problems.add(
      'DAG116',
      `${place.what} is mapped over ${input === null ? '' : `${input}: `}${describe(list)}, which is no list`,
      'a mapping takes lists: an output that is a list, or [a, b]',
    )
  }
  const value = readValue(list, place, [input ?? 'items'])
  if (contract && input !== null) checkList(input, value, contract, place)
  const least = reference ? leastItems(reference.schema) : value.kind === 'list' ? value.items.length : 0
  return { mapped: { input, list: value }, least }
}

/** The name of the input, and those items of a written-out list that are known already. */
function checkList(input: string, value: InputValue, contract: StepContract, place: InputPlace): void {
  const schema = Object.hasOwn(fields(contract.input), input) ? fields(contract.input)[input] : undefined
  if (!schema) {
    const hint = didYouMean(input, fieldNames(contract.input), 'inputs')
    place.problems.add('DAG208', `${place.what}: step ${contract.name} has no input "${input}"`, hint)
    return
  }
  if (value.kind !== 'list') return
  for (const [index, item] of value.items.entries()) {
    const reason = refsIn(item).length === 0 ? inputRefusal(schema, constantOf(item)) : null
    if (reason === null) continue
    place.problems.add(
      'DAG208',
      `${place.what}: item ${index} of ${input} is refused: ${reason}`,
      `step ${contract.name} takes each item as its input ${input}`,
    )
  }
}

/** Names that the items of a list of maps have, or null where the schema does not say. */
function itemFields(over: unknown): readonly string[] | null {
  const reference = refOf(over)
  if (!reference) {
    const [first] = Array.isArray(over) ? (over as readonly unknown[]) : []
    return isPlainObject(first) ? Object.keys(first) : null
  }
  const element = elementOf(reference.schema)
  return element && isObjectSchema(element) ? fieldNames(element) : null
}

function checkItems(names: readonly string[] | null, contract: StepContract | null, place: InputPlace): void {
  if (!contract) return
  const known = fieldNames(contract.input)
  for (const name of (names ?? []).filter((each) => !known.includes(each))) {
    place.problems.add(
      'DAG208',
      `${place.what}: step ${contract.name} has no input "${name}"`,
      didYouMean(name, known, 'inputs'),
    )
  }
}

function checkLength(
  kind: Mapping['kind'],
  lists: readonly ReadList[],
  filled: boolean,
  place: InputPlace,
): void {
  const counts = lists.map(({ least }) => least)
  const least =
    kind === 'product'
      ? counts.reduce((product, count) => product * count, 1)
      : filled
        ? Math.max(0, ...counts)
        : Math.min(...counts)
  if (lists.length === 0 || least <= mostInstances) return
  place.problems.add(
    'DAG116',
    `${place.what} has ${least} instances or more`,
    `a mapping makes at most ${mostInstances}: map over batches, and let a step work through each`,
  )
}

function smaller(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
