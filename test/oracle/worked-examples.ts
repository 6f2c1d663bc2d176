import {
  teardownRule,
  type Description,
  type DescribedTask,
  type RuleName,
  type TryEnd,
} from './description.ts'

/** One small DAG with what happens in its run and how everything ends. */
export interface Example {
  readonly name: string
  /** `a>b>c, a>d`. */
  readonly edges: string
  readonly rules?: Readonly<Record<string, RuleName>>
  /** Ends of tries by task, the last one repeated. */
  readonly ends?: Readonly<Record<string, readonly TryEnd[]>>
  readonly retries?: Readonly<Record<string, number>>
  /** Branches with the children that they choose, short circuits with what they skip, setups and teardowns. */
  readonly chooses?: Readonly<Record<string, readonly string[]>>
  readonly closed?: Readonly<Record<string, 'all' | 'direct'>>
  readonly setups?: readonly string[]
  readonly teardowns?: Readonly<Record<string, { readonly of: readonly string[]; readonly failsRun?: true }>>
  /** `a=S b=F`, S success, F failed, U upstream_failed, K skipped; behind a bar how the run ends. */
  readonly expected: string
  /** What Airflow may end with instead, when things arrive in another order. */
  readonly also?: readonly string[]
}

const fails: readonly TryEnd[] = ['fail']
const skips: readonly TryEnd[] = ['skip']

/** Small DAGs whose ends follow from Airflow's documented rules; what depends on timing there says so with `also`. */
export const examples: readonly Example[] = [
  { name: 'a chain that succeeds', edges: 'a>b>c', expected: 'a=S b=S c=S | success' },
  {
    name: 'a failure runs down a chain',
    edges: 'a>b>c',
    ends: { a: fails },
    expected: 'a=F b=U c=U | failed',
  },
  {
    name: 'a skip runs down a chain, and the run succeeds',
    edges: 'a>b>c',
    ends: { a: skips },
    expected: 'a=K b=K c=K | success',
  },
  { name: 'one of two above fails', edges: 'a>c, b>c', ends: { b: fails }, expected: 'a=S b=F c=U | failed' },
  {
    name: 'a failure and a skip meet',
    edges: 'a>c, b>c',
    ends: { a: fails, b: skips },
    expected: 'a=F b=K c=U | failed',
    also: ['a=F b=K c=K | success'],
  },
  {
    name: 'a last task that runs anyway hides the failure',
    edges: 'a>b>c',
    rules: { c: 'all_done' },
    ends: { a: fails },
    expected: 'a=F b=U c=S | success',
  },
  {
    name: 'a watcher below everything fails the run',
    edges: 'a>b>c, a>w, b>w, c>w',
    rules: { c: 'all_done', w: 'one_failed' },
    ends: { a: fails, w: fails },
    expected: 'a=F b=U c=S w=F | failed',
  },
  {
    name: 'an alert that nobody needs',
    edges: 'a>al, b>al',
    rules: { al: 'one_failed' },
    expected: 'a=S b=S al=K | success',
  },
  {
    name: 'an alert counts what failed because of others',
    edges: 'a>b>al, c>al',
    rules: { al: 'one_failed' },
    ends: { a: fails },
    expected: 'a=F b=U c=S al=S | success',
  },
  {
    name: 'one_success over a failure and a skip',
    edges: 'a>c, b>c',
    rules: { c: 'one_success' },
    ends: { a: fails, b: skips },
    expected: 'a=F b=K c=U | failed',
  },
  {
    name: 'one_success over skips alone',
    edges: 'a>c, b>c',
    rules: { c: 'one_success' },
    ends: { a: skips, b: skips },
    expected: 'a=K b=K c=K | success',
  },
  {
    name: 'one_done counts neither skips nor what failed because of others',
    edges: 'a>b>c, d>c',
    rules: { c: 'one_done' },
    ends: { a: fails, d: skips },
    expected: 'a=F b=U d=K c=K | success',
  },
  {
    name: 'the join that suits a branch',
    edges: 'br>x>j, br>y>j',
    rules: { j: 'none_failed_min_one_success' },
    chooses: { br: ['x'] },
    expected: 'br=S x=S y=K j=S | success',
  },
  {
    name: 'an all_success join below a branch is skipped',
    edges: 'br>x>j, br>y>j',
    chooses: { br: ['x'] },
    expected: 'br=S x=S y=K j=K | success',
  },
  {
    name: 'a child that is not chosen but stands below the chosen one',
    edges: 'br>t>j, br>j',
    chooses: { br: ['t'] },
    expected: 'br=S t=S j=S | success',
  },
  {
    name: 'a chosen child below one that is not',
    edges: 'br>t>j, br>j',
    chooses: { br: ['j'] },
    expected: 'br=S t=K j=K | success',
  },
  {
    name: 'nothing chosen, none_failed runs',
    edges: 'br>x>j, br>y>j',
    rules: { j: 'none_failed' },
    chooses: { br: [] },
    expected: 'br=S x=K y=K j=S | success',
  },
  {
    name: 'nothing chosen, none_failed_min_one_success does not',
    edges: 'br>x>j, br>y>j',
    rules: { j: 'none_failed_min_one_success' },
    chooses: { br: [] },
    expected: 'br=S x=K y=K j=K | success',
  },
  {
    name: 'a branch that fails decides nothing',
    edges: 'br>x>j, br>y>j',
    rules: { j: 'none_failed_min_one_success' },
    ends: { br: fails },
    expected: 'br=F x=U y=U j=U | failed',
  },
  {
    name: 'a short circuit over everything below, whatever the rules',
    edges: 'sc>a>b',
    rules: { b: 'all_done' },
    closed: { sc: 'all' },
    expected: 'sc=S a=K b=K | success',
  },
  {
    name: 'a short circuit over its children, rules below',
    edges: 'sc>a>b',
    rules: { b: 'all_done' },
    closed: { sc: 'direct' },
    expected: 'sc=S a=K b=S | success',
  },
  {
    name: 'a short circuit reaches a join that others lead to',
    edges: 'sc>a>j, x>y>j',
    rules: { j: 'none_failed_min_one_success' },
    closed: { sc: 'all' },
    expected: 'sc=S a=K x=S y=S j=K | success',
  },
  {
    name: 'all_failed counts what failed because of others',
    edges: 'a>b>c, d>c',
    rules: { c: 'all_failed' },
    ends: { a: fails, d: fails },
    expected: 'a=F b=U d=F c=S | success',
  },
  {
    name: 'none_skipped takes failures',
    edges: 'a>c, b>c',
    rules: { c: 'none_skipped' },
    ends: { a: fails },
    expected: 'a=F b=S c=S | success',
  },
  {
    name: 'all_done_min_one_success takes failures, no skips',
    edges: 'a>m, b>m, c>n, d>n',
    rules: { m: 'all_done_min_one_success', n: 'all_done_min_one_success' },
    ends: { b: fails, d: skips },
    expected: 'a=S b=F m=S c=S d=K n=K | success',
  },
  {
    name: 'always runs',
    edges: 'a>b>z',
    rules: { z: 'always' },
    ends: { a: fails },
    expected: 'a=F b=U z=S | success',
  },
  {
    name: 'so many retries are one more try',
    edges: 'a>b, c>d',
    retries: { a: 2, c: 1 },
    ends: { a: ['fail', 'fail', 'success'], c: ['fail', 'fail'] },
    expected: 'a=S/3 b=S c=F/2 d=U | failed',
  },
  {
    name: 'a teardown runs after a failure and does not fail the run itself',
    edges: 's>w>t, s>t',
    setups: ['s'],
    teardowns: { t: { of: ['s'] } },
    ends: { w: fails, t: fails },
    expected: 's=S w=F t=F | failed',
  },
  {
    name: 'a teardown whose failure counts',
    edges: 's>w>t, s>t',
    setups: ['s'],
    teardowns: { t: { of: ['s'], failsRun: true } },
    ends: { t: fails },
    expected: 's=S w=S t=F | failed',
  },
  {
    name: 'a setup that fails takes its scope and its teardown along',
    edges: 's>w>v>t, s>t',
    setups: ['s'],
    teardowns: { t: { of: ['s'] } },
    ends: { s: fails },
    expected: 's=F w=U v=U t=U | failed',
  },
]

/** What depends on timing in Airflow. */
export const timingExamples: readonly Example[] = [
  {
    name: 'a branch and a rule that does not wait for it',
    edges: 'br>x, a>x, br>z',
    rules: { x: 'one_success' },
    chooses: { br: ['z'] },
    expected: 'br=S a=S x=K z=S | success',
    also: ['br=S a=S x=S z=S | success'],
  },
  {
    name: 'a short circuit and a join that does not wait for it',
    edges: 'sc>a>j, x>j',
    rules: { j: 'one_success' },
    closed: { sc: 'all' },
    expected: 'sc=S a=K x=S j=K | success',
    also: ['sc=S a=K x=S j=S | success'],
  },
  {
    name: 'a skip that rewrites what others have already seen',
    edges: 'br>x>y, f>x, br>z',
    chooses: { br: ['z'] },
    ends: { f: fails },
    expected: 'br=S f=F x=K y=K z=S | success',
    also: ['br=S f=F x=K y=U z=S | failed'],
  },
  {
    name: 'a rule skips for the failure that takes its setup along a look later',
    edges: 'f>a>s>w>j>t, a>j, s>t',
    rules: { j: 'all_skipped' },
    setups: ['s'],
    teardowns: { t: { of: ['s'] } },
    ends: { f: fails },
    expected: 'f=F a=U s=U w=U j=K t=U | success',
  },
  {
    name: 'the same where something else may have failed the setup before',
    edges: 'f>a>s>w>j>t, g>s, a>j, s>t',
    rules: { j: 'all_skipped' },
    setups: ['s'],
    teardowns: { t: { of: ['s'] } },
    ends: { f: fails, g: fails },
    expected: 'f=F g=F a=U s=U w=U j=U t=U | failed',
    also: ['f=F g=F a=U s=U w=U j=K t=U | success'],
  },
]

/** The description of an example; each child of a branch is a case of its own. */
export function describeExample(example: Example): Description {
  const edges = example.edges.split(/, */).flatMap((chain) => {
    const ids = chain.split('>')
    return ids.slice(1).map((to, index) => ({ from: ids[index]!, to }))
  })
  const ids = topological(edges)
  const isBranch = (id: string) => example.chooses?.[id] !== undefined
  const tasks = ids.map((id): DescribedTask => {
    const above = edges.filter(({ to }) => to === id).map(({ from }) => from)
    const teardown = example.teardowns?.[id]
    const common = {
      id,
      upstream: above.map((from) => (isBranch(from) ? `${from}:${id}` : from)),
      rule: teardown ? teardownRule : (example.rules?.[id] ?? 'all_success'),
      group: null,
    } as const
    if (isBranch(id)) {
      const cases = edges.filter(({ from }) => from === id).map(({ to }) => to)
      return { ...common, kind: 'branch', cases, chosen: [example.chooses![id]!] }
    }
    const skipped = example.closed?.[id]
    if (skipped) return { ...common, kind: 'short_circuit', skips: skipped, passes: [false] }
    return {
      ...common,
      kind: 'work',
      retries: example.retries?.[id] ?? 0,
      script: [(example.ends?.[id] ?? ['success']).map((ends) => ({ ends, seconds: 10 }))],
      map: null,
      setup: example.setups?.includes(id) ?? false,
      teardownOf: teardown?.of ?? [],
      failsRun: teardown?.failsRun ?? false,
    }
  })
  return { tasks, groups: [], failRunOn: 'leaves' }
}

function topological(edges: readonly { readonly from: string; readonly to: string }[]): readonly string[] {
  const left = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const sorted: string[] = []
  while (left.size > 0) {
    const next = [...left].find((id) => !edges.some(({ from, to }) => to === id && left.has(from)))
    if (next === undefined) throw new Error('the edges run in a circle')
    left.delete(next)
    sorted.push(next)
  }
  return sorted
}
