import * as fc from 'fast-check'
import {
  teardownRule,
  type DescribedGroup,
  type DescribedTask,
  type Description,
  type Repetition,
  type RuleName,
  type Try,
} from './description.ts'
import { timesOf } from './oracle.ts'

/** Rules that a task may declare, the plainest first: that is what a counterexample shrinks to. */
export const declarableRules: readonly RuleName[] = [
  'all_success',
  'all_done',
  'none_failed',
  'none_failed_min_one_success',
  'one_success',
  'one_failed',
  'all_failed',
  'all_skipped',
  'one_done',
  'none_skipped',
  'all_done_min_one_success',
  'always',
]

interface Tolerance {
  readonly value: number
  readonly isPercent: boolean
}

/** A task before it is known what stands above it: numbers that only mean something in their place. */
interface Gene {
  readonly kind: 'work' | 'empty' | 'mapped' | 'branch' | 'short_circuit' | 'setup' | 'teardown'
  /** How far up each direct upstream stands, and which case of it if it is a branch. */
  readonly above: readonly { readonly back: number; readonly pick: number }[]
  readonly rule: RuleName
  readonly retries: number
  /** Tries by map index. */
  readonly script: readonly (readonly Try[])[]
  readonly length: number
  /** Whether a list comes from a task above, and how far up that is looked for. */
  readonly supplier: number | null
  readonly maxConcurrent: number | null
  /** By map index, bits of the cases that are chosen, the first one also of whether a short circuit passes. */
  readonly choices: readonly number[]
  /** Sets names apart, some of them words that the compiler itself looks for. */
  readonly name: number
  /** Of a short circuit: over everything below. Of a teardown: its failure counts. */
  readonly flag: boolean
  readonly isOnce: boolean
  readonly slots: number | null
  readonly second: NonNullable<Repetition['second']> | null
  readonly tolerated: Tolerance | null
}

interface GroupGene {
  readonly second: null
  readonly tolerated: Tolerance | null
  readonly start: number
  readonly size: number
  readonly mapped: boolean
  readonly length: number
  readonly supplier: number | null
  readonly maxConcurrent: number | null
}

const suffixes: Readonly<Record<number, string>> = {
  16: '_failed',
  17: '_upstream_failed',
  18: '_skipped',
  19: '_excluded',
  20: '_success',
}

const aTry: fc.Arbitrary<Try> = fc.record({
  ends: fc.oneof(
    { weight: 5, arbitrary: fc.constant('success' as const) },
    { weight: 2, arbitrary: fc.constant('fail' as const) },
    { weight: 1, arbitrary: fc.constantFrom('skip' as const, 'give_up' as const, 'timeout' as const) },
  ),
  seconds: fc.constantFrom(10, 1, 20, 300),
})

const supplier = fc.option(fc.nat({ max: 8 }), { freq: 2 })
const maxConcurrent = fc.option(fc.integer({ min: 1, max: 3 }), { freq: 3 })

const tolerated = fc.option(
  fc.oneof(
    fc.record({ value: fc.integer({ min: 1, max: 2 }), isPercent: fc.constant(false) }),
    fc.record({ value: fc.constantFrom(25, 50, 100), isPercent: fc.constant(true) }),
  ),
  { freq: 2 },
)

const gene: fc.Arbitrary<Gene> = fc.record({
  kind: fc.oneof(
    { weight: 9, arbitrary: fc.constant('work' as const) },
    {
      weight: 7,
      arbitrary: fc.constantFrom(
        'empty' as const,
        'mapped' as const,
        'mapped' as const,
        'branch' as const,
        'branch' as const,
        'short_circuit' as const,
        'setup' as const,
        'teardown' as const,
      ),
    },
  ),
  above: fc.array(
    fc.record({ back: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 39 })), pick: fc.nat({ max: 15 }) }),
    {
      maxLength: 4,
      size: 'max',
    },
  ),
  rule: fc.oneof(
    { weight: 1, arbitrary: fc.constant(declarableRules[0]!) },
    { weight: 2, arbitrary: fc.constantFrom(...declarableRules) },
  ),
  retries: fc.nat({ max: 2 }),
  script: fc.array(fc.array(aTry, { minLength: 1, maxLength: 3 }), { maxLength: 4, size: 'max' }),
  length: fc.nat({ max: 4 }),
  supplier,
  maxConcurrent,
  choices: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 3 }),
  name: fc.nat({ max: 20 }),
  flag: fc.boolean(),
  isOnce: fc.boolean(),
  slots: fc.option(fc.integer({ min: 1, max: 2 }), { freq: 3 }),
  second: fc.option(
    fc.record({
      length: fc.nat({ max: 3 }),
      by: fc.constantFrom('product' as const, 'zip' as const, 'longest' as const),
    }),
    { freq: 2 },
  ),
  tolerated,
})

const groupGene: fc.Arbitrary<GroupGene> = fc.record({
  start: fc.nat({ max: 39 }),
  size: fc.integer({ min: 1, max: 5 }),
  mapped: fc.boolean(),
  length: fc.nat({ max: 3 }),
  supplier,
  maxConcurrent,
  second: fc.constant(null),
  tolerated,
})

/** A run in which much goes wrong fails whatever is made of one failure; here one is all there is. */
interface Trouble {
  readonly at: number
  readonly where: 'anywhere' | 'teardown' | 'above_teardown'
}

const trouble: fc.Arbitrary<Trouble> = fc.record({
  at: fc.nat({ max: 39 }),
  where: fc.constantFrom('anywhere', 'teardown', 'above_teardown'),
})

/** A few kinds and rules, which meet each other more often than where there is something of everything. */
const few = fc.record({
  kinds: fc.subarray(['empty', 'mapped', 'branch', 'short_circuit', 'setup', 'teardown'] as Gene['kind'][]),
  rules: fc.subarray([...declarableRules], { maxLength: 3 }),
})

export interface RandomDagOptions {
  readonly minTasks?: number
  /** @default 40 */
  readonly maxTasks?: number
  /** What tasks may be. @default all */
  readonly kinds?: readonly Gene['kind'][]
  /** Whether groups may be repeated over lists. @default true */
  readonly mappedGroups?: boolean
  /**
   * Also what Airflow has no like of, or only across runs: pools, several lists, lists of outputs of instances, tolerated
   * failures, what is not tried again. @default false
   */
  readonly beyondAirflow?: boolean
}

const allKinds = ['work', 'empty', 'mapped', 'branch', 'short_circuit', 'setup', 'teardown'] as const

/**
 * Random DAGs together with what happens in them, well formed by construction. Tasks and edges are numbers relative to
 * their place, so that a smaller DAG is still a DAG when a counterexample shrinks.
 */
export function randomDag(options: RandomDagOptions = {}): fc.Arbitrary<Description> {
  const {
    minTasks = 2,
    maxTasks = 40,
    kinds = allKinds,
    mappedGroups = true,
    beyondAirflow = false,
  } = options
  return fc
    .record({
      // Shrinks before all else: the first tasks of a DAG are a DAG, and most counterexamples need no later ones.
      more: fc.nat({ max: 3 * maxTasks }),
      genes: fc.oneof(
        fc.array(gene, { minLength: minTasks, maxLength: Math.min(8, maxTasks), size: 'max' }),
        fc.array(gene, { minLength: minTasks, maxLength: maxTasks, size: 'max' }),
      ),
      groups: fc.array(groupGene, { maxLength: 2, size: 'max' }),
      few: fc.option(few, { freq: 2 }),
      trouble: fc.option(trouble, { freq: 2 }),
      slots: fc.constantFrom(2, 3),
      failRunOn: fc.oneof(
        { weight: 4, arbitrary: fc.constant('leaves' as const) },
        { weight: 1, arbitrary: fc.constant('any' as const) },
      ),
    })
    .map(({ more, genes, groups, few: chosen, trouble: one, slots, failRunOn }) => {
      const none = beyondAirflow ? {} : { isOnce: false, slots: null, second: null, tolerated: null }
      const isUsed = (kind: Gene['kind']) => kinds.includes(kind) && (chosen?.kinds.includes(kind) ?? true)
      const allowed = withinSource(genes.slice(0, minTasks + more), minTasks).map((each): Gene => ({
        ...each,
        ...none,
        kind: isUsed(each.kind) ? each.kind : 'work',
        rule: chosen === null || chosen.rules.includes(each.rule) ? each.rule : 'all_success',
      }))
      const repeated = groups.map((each): GroupGene => ({
        ...each,
        mapped: each.mapped && mappedGroups,
        tolerated: beyondAirflow ? each.tolerated : null,
      }))
      const isClean = kinds.includes('setup') && kinds.includes('teardown')
      const troubled =
        one === null ? allowed : troubledBy(isClean ? one : { ...one, where: 'anywhere' }, allowed)
      return { ...grow(troubled, repeated, beyondAirflow), failRunOn, ...(beyondAirflow && { slots }) }
    })
}

/** All tasks succeed but one, which fails; where it is to be a teardown or one above it, there is one. */
function troubledBy({ at, where }: Trouble, given: readonly Gene[]): readonly Gene[] {
  const genes = where === 'anywhere' ? given : withTeardown(given)
  const teardowns = genes.flatMap(({ kind }, index) => (kind === 'teardown' && index > 0 ? [index] : []))
  const above = teardowns.flatMap((index) =>
    genes[index]!.above.map(({ back }) => index - 1 - (back % index)),
  )
  const places = { anywhere: [], teardown: teardowns, above_teardown: above }[where]
  const among = places.length > 0 ? places : [...genes.keys()]
  const troubled = among[at % among.length]
  return genes.map((each, index) => ({
    ...each,
    script: index === troubled ? [[{ ends: 'fail', seconds: 10 }]] : [],
  }))
}

/** The first task is a setup, and the last one cleans up behind it. */
function withTeardown(genes: readonly Gene[]): readonly Gene[] {
  return genes.map((each, index) => {
    if (index === 0) return { ...each, kind: 'setup' }
    return index === genes.length - 1 ? { ...each, kind: 'teardown' } : each
  })
}

/** As many tasks as one source of 128 KB holds, by what each of them and its edges take. */
function withinSource(genes: readonly Gene[], least: number): readonly Gene[] {
  let bytes = 0
  return genes.filter(({ kind, above }, index) => {
    bytes += 2_000 + 250 * above.length + (kind === 'mapped' ? 1_500 : 0)
    return index < least || bytes < 80_000
  })
}

interface Placed {
  readonly path: string
  readonly first: number
  readonly last: number
  readonly gene: GroupGene
}

function grow(
  genes: readonly Gene[],
  groupGenes: readonly GroupGene[],
  beyondAirflow: boolean,
): Pick<Description, 'tasks' | 'groups'> {
  const placed = placeGroups(groupGenes, genes.length)
  const tasks: DescribedTask[] = []
  for (const [index, each] of genes.entries()) {
    tasks.push(growTask(each, index, tasks, placed, beyondAirflow))
  }
  const groups = placed.map(({ path, first, gene: own }): DescribedGroup => {
    const over = own.mapped ? supplierOf(own.supplier, tasks.slice(0, first), placed, false) : null
    return { path, map: own.mapped ? repetition(own, over, tasks) : null }
  })
  return { tasks: tasks.map((task) => withCasesInUse(task, tasks)), groups }
}

/** Groups over neighbours. A second one within an ordinary first one is nested in it; what overlaps is left out. */
function placeGroups(genes: readonly GroupGene[], size: number): readonly Placed[] {
  return genes.reduce<readonly Placed[]>((placed, each, index) => {
    const first = each.start % size
    const last = Math.min(first + each.size, size) - 1
    const outer = placed.find((other) => other.first <= first && last <= other.last)
    if (outer?.gene.mapped) return placed
    if (!outer && placed.some((other) => first <= other.last && other.first <= last)) return placed
    const path = outer ? `${outer.path}.g${index}` : `g${index}`
    return [...placed, { path, first, last, gene: each }]
  }, [])
}

function groupAt(index: number, placed: readonly Placed[]): Placed | null {
  return placed.findLast(({ first, last }) => first <= index && index <= last) ?? null
}

function growTask(
  gene: Gene,
  index: number,
  before: readonly DescribedTask[],
  placed: readonly Placed[],
  beyondAirflow: boolean,
): DescribedTask {
  const group = groupAt(index, placed)
  const repeated = group?.gene.mapped ?? false
  const setups = before.filter((task) => task.kind === 'work' && task.setup)
  const kind = kindOf(gene.kind, repeated, setups.length > 0)
  const teardownOf =
    kind === 'teardown' ? [...new Set([setups.at(-1)!.id, setups[gene.length % setups.length]!.id])] : []
  const over = kind === 'mapped' ? supplierOf(gene.supplier, before, placed, beyondAirflow) : null
  const upstream = upstreamOf(gene, index, before, placed, kind, [...teardownOf, ...(over ? [over] : [])])
  const comesAfterSetup = upstream.some((id) => setups.some((setup) => setup.id === id))
  const mayAlways = kind !== 'mapped' && !repeated
  const rule =
    kind === 'teardown'
      ? teardownRule
      : comesAfterSetup || (gene.rule === 'always' && !mayAlways)
        ? 'all_success'
        : gene.rule
  const common = { id: `t${index}${suffixes[gene.name] ?? ''}`, upstream, rule, group: group?.path ?? null }
  switch (kind) {
    case 'branch':
      return {
        ...common,
        kind,
        cases: ['c0', 'c1', 'c2'],
        chosen: forEveryItem(gene.choices).map((bits) =>
          ['c0', 'c1', 'c2'].filter((_, bit) => (bits & (1 << bit)) !== 0),
        ),
      }
    case 'short_circuit':
      return {
        ...common,
        kind,
        skips: gene.flag ? 'all' : 'direct',
        passes: forEveryItem(gene.choices).map((bits) => bits % 2 === 1),
      }
    case 'empty':
      return { ...common, kind }
    default:
      return {
        ...common,
        kind: 'work',
        retries: gene.retries,
        script: kind === 'mapped' || repeated ? gene.script : gene.script.slice(0, 1),
        map: kind === 'mapped' ? repetition(gene, over, before) : null,
        setup: kind === 'setup',
        teardownOf,
        failsRun: kind === 'teardown' && gene.flag,
        ...(gene.isOnce && { isOnce: true }),
        ...(gene.slots !== null && { slots: gene.slots }),
      }
  }
}

function kindOf(kind: Gene['kind'], repeated: boolean, hasSetups: boolean): Gene['kind'] {
  const isImpossible = kind === 'mapped' ? repeated : kind === 'teardown' && !hasSetups
  return isImpossible ? 'work' : kind
}

function repetition(
  { length, maxConcurrent: most, second, tolerated: some }: Gene | GroupGene,
  over: string | null,
  before: readonly DescribedTask[],
): Repetition {
  const source = before.find(({ id }) => id === over)
  // The outputs of instances are a list of as many.
  const own = source?.kind === 'work' && source.map !== null ? timesOf(source.map) : length
  const map = { over, length: own, maxConcurrent: most, ...(second !== null && { second }) }
  if (some === null) return map
  if (!some.isPercent) return { ...map, tolerated: some.value }
  return { ...map, tolerated: Math.floor((timesOf(map) * some.value) / 100), toleratedPercent: some.value }
}

/** The output of an ordinary task above, if there is one, or the outputs of one that is repeated a few times. */
function supplierOf(
  back: number | null,
  before: readonly DescribedTask[],
  placed: readonly Placed[],
  mayBeMapped: boolean,
): string | null {
  if (back === null) return null
  const suitable = before.filter(
    (task, index) =>
      task.kind === 'work' &&
      (task.map === null || (mayBeMapped && timesOf(task.map) <= 4)) &&
      !task.setup &&
      task.teardownOf.length === 0 &&
      groupAt(index, placed)?.gene.mapped !== true,
  )
  return suitable.length === 0 ? null : suitable[suitable.length - 1 - (back % suitable.length)]!.id
}

function upstreamOf(
  gene: Gene,
  index: number,
  before: readonly DescribedTask[],
  placed: readonly Placed[],
  kind: Gene['kind'],
  known: readonly string[],
): readonly string[] {
  const own = groupAt(index, placed)
  const targets = gene.above.flatMap(({ back, pick }) => {
    if (index === 0) return []
    const at = index - 1 - (back % index)
    const task = before[at]!
    const group = groupAt(at, placed)
    const decides = task.kind === 'branch' || task.kind === 'short_circuit'
    // What a task of a repeated group decides is for its own index only.
    if (decides && group?.gene.mapped && group !== own) return []
    if (kind === 'teardown' && (task.kind === 'branch' || (task.kind === 'work' && task.setup))) return []
    if (known.includes(task.id)) return []
    if (task.kind === 'branch') return [`${task.id}:c${pick % 3}`]
    const whole = pick >= 12 && group !== null && group.last < index && isPlain(group, before)
    return whole ? [`@${group.path}`] : [task.id]
  })
  return [...new Set(targets)]
}

/** Items of a group at most: those of two lists, combined. */
const mostItems = 16

/** As many choices as a group has items at most: an index without one would choose nothing, whatever the others say. */
function forEveryItem(choices: readonly number[]): readonly number[] {
  return Array.from({ length: mostItems }, (_, index) => choices[index % choices.length] ?? 0)
}

/** Something can come after the group as a whole: its last tasks, teardowns aside, are neither choices nor setups. */
function isPlain({ first, last }: Placed, before: readonly DescribedTask[]): boolean {
  const members = before.slice(first, last + 1)
  const isTeardown = (task: DescribedTask) => task.kind === 'work' && task.teardownOf.length > 0
  const isWork = (task: DescribedTask) =>
    task.kind === 'empty' || (task.kind === 'work' && !task.setup && !isTeardown(task))
  return (
    members.some(isWork) &&
    members.every(
      (task) =>
        isWork(task) ||
        isTeardown(task) ||
        (task.kind === 'work' && members.some((other) => isWork(other) && other.upstream.includes(task.id))),
    )
  )
}

/** A branch that leads nowhere is an empty task, and a case that nothing comes after is none. */
export function withCasesInUse(task: DescribedTask, tasks: readonly DescribedTask[]): DescribedTask {
  if (task.kind !== 'branch') return task
  const cases = task.cases.filter((name) =>
    tasks.some(({ upstream }) => upstream.includes(`${task.id}:${name}`)),
  )
  const { id, upstream, rule, group } = task
  if (cases.length === 0) return { kind: 'empty', id, upstream, rule, group }
  const chosen = task.chosen.map((names) => names.filter((name) => cases.includes(name)))
  return { ...task, cases, chosen }
}
