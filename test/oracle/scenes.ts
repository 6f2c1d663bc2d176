import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { exampleOf } from '../../testing/example.ts'
import { planned, runArgument, type Answer, type Behaviour, type WorldOptions } from '../golden/world.ts'
import { nthTry, type Description, type Try, type TryEnd } from './description.ts'
import { describeDefinition, type Facts } from './from-definition.ts'

/** A golden and everything that happens in one run of it: as data for the oracle, and as a world to run it in. */
export interface Scene {
  readonly description: Description
  readonly world: WorldOptions
}

/** What a scene is made from. */
interface Told extends Omit<Facts, 'script'> {
  /**
   * What the tries of a task do, a letter each, the last one repeated: `.` succeeds, `f` fails in a way that may pass, `g`
   * for good, `t` takes too long, `s` skips itself. Of one instance by `task/index`.
   */
  readonly tries?: Readonly<Record<string, string>>
  /** Changes to what the step `plan` gives. */
  readonly plan?: object
  readonly world?: WorldOptions
}

/**
 * How runs of the goldens go, by name. Beside these each golden has a scene in which all goes well, which is also what is
 * common to all of them, and one in which the first try of all steps and models that have another one fails.
 */
type Table = Readonly<Record<string, { readonly smooth?: Told } & Readonly<Record<string, Told>>>>

const yes = { approved: true, by: 'ana', note: 'fine' }
const no = { approved: false, by: 'ana', note: 'too dear' }
const answers = (body: unknown): NonNullable<WorldOptions['callbacks']> =>
  Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index + 1, [{ at: 60, body }]]))
const params = (given: object): WorldOptions => ({ argument: { ...runArgument, params: given } })

const billing = 'https://billing-12345.us-central1.run.app/close'
const reports = 'https://reports-12345.us-central1.run.app/status'
const invoices = { invoices: 2, items: [{ id: 'a', price: { amount: 1.5 } }] }
const services = (given: Readonly<Record<string, Answer>>): WorldOptions => ({
  answer: ({ url }) => {
    const usual: Readonly<Record<string, Answer>> = {
      [billing]: { body: invoices },
      [reports]: { body: { state: 'done', rows: 8 } },
      'https://stock.example.com/v1/items?all=1': { body: { id: 'i-1' } },
    }
    return given[url] ?? usual[url] ?? { body: {} }
  },
})

const shops = ['a', 'b'].map((id) => ({ id, day: '2026-03-09', kind: 'large', sizes: [1, 2] }))
/** Each shop is there and is booked, but for those that are refused. */
const shopServices = (refused: readonly string[]): WorldOptions => ({
  answer: ({ url, query }) => {
    if (url.startsWith('https://shops-')) return { body: { shop: query?.['shop'] } }
    return refused.some((id) => url.endsWith(`/shops/${id}`)) ? { status: 403 } : { body: { booking: '1' } }
  },
})

const table: Table = {
  any_failure: {
    one: { tries: { fetch_web: 'g' } },
    all: { tries: { fetch_shop: 'g', fetch_web: 'g', tell_failure: 's' } },
    none: { tries: { fetch_shop: 's', fetch_web: 's' } },
    half: { tries: { fetch_shop: 's', tell_anyway: 'g' } },
  },
  approvals: {
    smooth: { chosen: { who: ['ana'] }, passes: { removed: true }, world: { callbacks: answers(yes) } },
    rejected: { tries: { publish: 's', remove: 'g' }, world: { callbacks: answers(no) } },
    unanswered: { tries: { publish: 'g', remove: 's' }, world: { callbacks: {} } },
  },
  branches: {
    smooth: {
      chosen: { mode: ['full'], region: ['north', 'south'], size: ['small', 'whole'] },
      world: params({ regions: ['north', 'south'] }),
    },
    other: {
      plan: { mode: 'delta', modes: ['none'], count: 2000, complete: false },
      chosen: { mode: ['delta'], region: [], size: ['large'] },
      tries: { load_delta: 's', tell_size: 'g' },
      world: params({ regions: [] }),
    },
    failing: { tries: { load_full: 'g', tell_north: 's', tell_south: 'f' } },
  },
  chain: { failing: { tries: { fetch_rows: 'fft' } }, skipping: { tries: { fetch_rows: 'fs' } } },
  diamond: { failing: { tries: { fetch_shop: 's', load_web: 'g' } } },
  gates: {
    smooth: { passes: { any_new: true, complete: true, same_day: false } },
    closed: {
      plan: { count: 0, complete: false },
      passes: { any_new: false, complete: false, same_day: false },
    },
    failing: { tries: { load: 'g', tell_all: 's' } },
  },
  groups: { failing: { tries: { actors: 'g', genre: 's' } } },
  hooks: { failing: { tries: { fetch_rows: 'g' } } },
  inputs: { failing: { tries: { fetch_rows: 's', texts: 'g' } } },
  levels: { failing: { tries: { a: 's', b: 'g' } } },
  map: {
    smooth: { lengths: { fetch_page: 3 } },
    failing: { tries: { 'fetch_page/1': 'fg', 'fetch_page/2': 's' } },
    empty: { plan: { pages: [] }, lengths: { fetch_page: 0 } },
  },
  map_items: {
    smooth: { lengths: { fetch: 2, tell_each: 2 } },
    failing: { tries: { 'fetch/0': 'g', 'tell_each/1': 's' } },
  },
  map_product: {
    smooth: { lengths: { fetch: 12 } },
    failing: { plan: { names: ['a'] }, lengths: { fetch: 6 }, tries: { 'fetch/5': 'g', 'fetch/0': 's' } },
  },
  map_tolerate: {
    smooth: { lengths: { fetch_but_one: 3, fetch_half: 3 } },
    tolerated: { tries: { 'fetch_but_one/2': 'g', 'fetch_half/0': 'g' } },
    failing: { tries: { 'fetch_but_one/0': 'g', 'fetch_but_one/1': 'g', 'fetch_half/1': 's' } },
  },
  map_zip: {
    smooth: { lengths: { fetch_shortest: 2, fetch_longest: 3 } },
    failing: { tries: { 'fetch_longest/2': 'g' } },
  },
  map_params: {
    smooth: { lengths: { fetch: 2, shops: 2 }, world: params({ pages: [1, 2] }) },
    failing: { tries: { 'fetch/1': 'g', 'tell_shop/0': 's' } },
    empty: { lengths: { fetch: 0 }, world: params({ pages: [] }) },
  },
  mapped_group: {
    smooth: { lengths: { pages: 3 } },
    tolerated: { tries: { 'fetch/1': 'g' } },
    failing: { tries: { 'fetch/1': 'g', 'tell_page/0': 'g', 'fetch/2': 's' } },
    empty: { plan: { pages: [] }, lengths: { pages: 0 } },
  },
  mapped_group_joins: {
    smooth: { lengths: { loads: 2 }, chosen: { choose: ['some'] } },
    failing: { tries: { 'fetch/0': 'g', 'open/1': 's', other: 's' } },
    empty: { plan: { loads: [] }, lengths: { loads: 0 } },
  },
  mapped_services: {
    smooth: {
      lengths: { shops: 2 },
      passes: { is_agreed: true },
      chosen: { kind: ['large'] },
      world: {
        appearing: { 'bucket/exports/a.csv': 0, 'bucket/exports/b.csv': 0 },
        callbacks: answers(yes),
        ...shopServices([]),
      },
    },
    failing: { tries: { 'book/1': 'g' }, world: shopServices(['b']) },
    rejected: { tries: { agree: 's' }, world: { callbacks: answers(no) } },
    missing: { tries: { 'exported/0': 'g' }, world: { appearing: { 'bucket/exports/b.csv': 0 } } },
  },
  models: { failing: { tries: { tru_sale: 'g' } }, busy: { tries: { count_rejected: 'f' } } },
  non_idempotent: { failing: { tries: { send_mail: 'fg' } } },
  requests: {
    smooth: {
      passes: { any_invoice: true },
      world: {
        ...params({ address: 'https://stock.example.com/v1/items?all=1' }),
        ...services({}),
      },
    },
    failing: {
      tries: { close_books: 'g', ping: 'g' },
      world: services({ [billing]: { status: 403 }, 'https://shop.example.com/ping': { status: 503 } }),
    },
    closed: {
      passes: { any_invoice: false },
      world: services({ [billing]: { body: { invoices: 0, items: [] } } }),
    },
  },
  pools: {
    smooth: { lengths: { fetch: 3, mails: 2 } },
    failing: { tries: { copy_b: 'g', 'fetch/1': 'g', 'mail/0': 's' } },
  },
  retries: {
    smooth: { chosen: { is_any: ['none'] } },
    patient: { tries: { growing: 'fffft', constant: 'ff.', sent_once: 'f.' } },
    failing: { tries: { constant: 'fff', growing: 'ft.' } },
    late: { tries: { once: 't', sent_once: 'fg' } },
  },
  setups: {
    failing: { tries: { load_rows: 'g', fetch_rows: 'f.' } },
    closed: { tries: { open_store: 'g' } },
    unrented: { tries: { rent_machine: 's', close_store: 'g' } },
    kept: { tries: { return_machine: 'g' } },
  },
  sensors: {
    smooth: {
      world: {
        ...params({ bucket: 'exports' }),
        ...services({}),
        appearing: { 'bucket/incoming/_SUCCESS': 0, 'exports/2026-03-09': 0 },
      },
    },
    failing: {
      tries: { marker: 's', exported: 'g', ready: 'g' },
      world: { appearing: {}, ...services({ [reports]: { body: { state: 'running', rows: 8 } } }) },
    },
  },
  triggers: {
    smooth: { passes: { went_well: true } },
    failing: { tries: { run_prices: 'f' }, world: { children: [{ state: 'FAILED', after: 5 }] } },
  },
  wide: { failing: { tries: { part_3: 'g', part_7: 's' } } },
}

/** All scenes of a golden, by name. */
export function scenesOf(definition: DagDefinition): Readonly<Record<string, Scene>> {
  const { smooth = {}, ...others } = table[definition.id] ?? {}
  const retried = {
    tries: Object.fromEntries(definition.tasks.filter(hasRetries).map(({ id }) => [id, 'f.'])),
  }
  const scenes = {
    smooth: {},
    ...(Object.keys(retried.tries).length > 0 && { retried }),
    ...others,
  }
  return Object.fromEntries(
    Object.entries(scenes).map(([name, told]) => [name, sceneOf(definition, mergeTold(smooth, told))]),
  )
}

function hasRetries({ kind, retry }: TaskDefinition): boolean {
  return (kind === 'step' || kind === 'model') && retry.retries > 0
}

function mergeTold(smooth: Told, told: Told): Told {
  return {
    chosen: { ...smooth.chosen, ...told.chosen },
    passes: { ...smooth.passes, ...told.passes },
    lengths: { ...smooth.lengths, ...told.lengths },
    tries: { ...smooth.tries, ...told.tries },
    plan: { ...smooth.plan, ...told.plan },
    world: { ...smooth.world, ...told.world },
  }
}

const letters: Readonly<Record<string, TryEnd>> = {
  '.': 'success',
  f: 'fail',
  g: 'give_up',
  t: 'timeout',
  s: 'skip',
}

function sceneOf(definition: DagDefinition, { tries = {}, plan = {}, world = {}, ...facts }: Told): Scene {
  const script = Object.fromEntries(
    Object.entries(tries).map(([name, text]) => [
      name,
      text.split('').map((letter): Try => ({ ends: letters[letter]!, seconds: 10 })),
    ]),
  )
  const outputs = new Map(definition.tasks.map((task) => [task.id, outputOf(task, plan)]))
  const queries = definition.tasks.filter(({ kind }) => kind === 'model').map(({ id }) => id)
  return {
    description: describeDefinition(definition, { ...facts, script }),
    world: {
      job: ({ task, index, try: number }) => {
        const { ends, seconds } = nthTry(script[`${task}/${index}`] ?? script[task] ?? [], number)
        return { behaviour: behaviourOf(ends, outputs.get(task) ?? {}), seconds }
      },
      queries: Object.fromEntries(
        queries.map((id) => [id, (script[id] ?? [{ ends: 'success' }]).map(({ ends }) => queryOf(ends))]),
      ),
      ...world,
    },
  }
}

function behaviourOf(ends: TryEnd, output: Readonly<Record<string, unknown>>): Behaviour {
  switch (ends) {
    case 'success':
      return { output }
    case 'skip':
      return { skip: 'as the scene says' }
    case 'fail':
      return { error: { code: 'passing', retryable: true } }
    case 'give_up':
      return { error: { code: 'lasting', retryable: false } }
    case 'timeout':
      return 'timeout'
  }
}

function queryOf(ends: TryEnd) {
  if (ends === 'success') return 'ok' as const
  return { reason: ends === 'fail' ? 'backendError' : 'invalidQuery' }
}

/** What a step gives that succeeds: of the step `plan` what the whole run goes by. */
function outputOf(task: TaskDefinition, plan: object): Readonly<Record<string, unknown>> {
  if (task.kind !== 'step') return {}
  if (task.contract.name === 'golden/plan') return { ...planned.output, ...plan }
  if (task.contract.name === 'golden/plan-shops') return { shops }
  if (task.contract.name === 'golden/fetch-page') return { page: 1, rows: 2 }
  const example = exampleOf(task.contract.output)
  if (example === null) throw new Error(`what does step ${task.contract.name} give?`)
  return example.value as Readonly<Record<string, unknown>>
}
