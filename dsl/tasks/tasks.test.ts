import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  all,
  dag,
  eq,
  gt,
  httpReady,
  model,
  not,
  objectExists,
  partitionExists,
  pubsub,
  secret,
  text,
  webhook,
  zip,
  type DagContext,
  type DagDefinition,
  type DagOptions,
  type StepContract,
} from '../index.ts'

/** What each kind of task becomes as data, field by field where a default is filled in. */

const page = {
  kind: 'step_contract',
  name: 'test/page',
  image: 'steps',
  input: z.object({ page: z.int(), name: z.string().optional() }),
  output: z.object({
    rows: z.int(),
    mode: z.enum(['full', 'delta']),
    pages: z.array(z.int()),
    names: z.array(z.string()),
    loads: z.array(z.object({ page: z.int() })),
    done: z.boolean(),
  }),
  idempotency: 'idempotent',
  timeoutSeconds: 600,
  resources: { cpu: '1', memory: '512Mi' },
  env: [],
  secrets: {},
} as const satisfies StepContract

const days = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'days',
  description: 'One row a day',
  columns: { day: { type: 'DATE', description: 'the day' } },
  primaryKey: ['day'],
  partitionBy: 'day',
  retentionDays: null,
})

type NoParams = z.ZodObject<Record<string, never>>

function declare(
  build: (context: DagContext<NoParams>) => unknown,
  options: Partial<DagOptions<NoParams>> = {},
): DagDefinition {
  return dag('test', { description: 'For a test', ...options }, build)
}

/** The last task that was declared, without a mistake. */
function taskOf(
  build: (context: DagContext<NoParams>) => unknown,
  options: Partial<DagOptions<NoParams>> = {},
) {
  const { tasks, problems } = declare(build, options)
  expect(problems).toEqual([])
  return tasks.at(-1)
}

const literal = (value: unknown) => ({ kind: 'literal', value })
const ref = (task: string, ...path: (string | number)[]) => ({
  kind: 'ref',
  ref: { source: { kind: 'task', task }, path },
})

describe('options of every task', () => {
  it('have Airflow’s defaults', () => {
    expect(taskOf(({ empty }) => empty('x'))).toMatchObject({
      kind: 'empty',
      triggerRule: 'all_success',
      setup: false,
      teardown: null,
      pool: null,
      onSuccess: [],
      onFailure: [],
      after: [],
      group: null,
    })
  })

  it('are kept as data', () => {
    const hook = webhook({ url: secret('chat'), format: 'chat' })
    const task = taskOf(
      ({ task, empty }) => {
        const open = empty('open', { setup: true })
        task(
          'close',
          page,
          { page: 1 },
          { teardownOf: open, failsRun: true, pool: 'p', onFailure: [hook, pubsub('events')] },
        )
      },
      { pools: { p: 2 } },
    )
    expect(task).toMatchObject({
      setup: false,
      teardown: { setups: ['open'], failsRun: true },
      pool: { name: 'p', slots: 1 },
      onFailure: [
        { kind: 'webhook', url: { kind: 'secret', id: 'chat' }, auth: null, format: 'chat' },
        { kind: 'pubsub', topic: 'events' },
      ],
    })
  })

  it('are for work where they come from the DAG: timeout and pool', () => {
    const { tasks, problems } = declare(
      ({ task, sensor, approval, trigger, empty, http }) => {
        task('step', page, { page: 1 })
        http('http', { service: 'x' })
        sensor('sensor', objectExists({ object: 'x' }))
        approval('approval', { message: 'Go?' })
        trigger('trigger', { dag: 'other' })
        empty('empty')
      },
      { pools: { p: 2 }, defaults: { timeout: '2h', pool: { name: 'p', slots: 2 }, retries: 3 } },
    )
    expect(problems).toEqual([])
    expect(
      tasks.map(({ timeoutSeconds, pool, retry }) => [timeoutSeconds, pool?.slots ?? 0, retry.retries]),
    ).toEqual([
      [7200, 2, 3],
      [1800, 2, 3],
      [86_400, 0, 3],
      [604_800, 0, 3],
      [86_400, 0, 3],
      [60, 0, 3],
    ])
  })

  it('may wait longer than Cloud Run works', () => {
    const codes = declare(({ approval, task, http }) => {
      approval('fine', { message: 'Go?' }, { timeout: '30d' })
      approval('too_long', { message: 'Go?' }, { timeout: '366d' })
      task('step', page, { page: 1 }, { timeout: '169h' })
      http('http', { service: 'x' }, { timeout: '31m' })
    }).problems.map(({ code, hint }) => `${code} ${hint.split(':')[0] ?? ''}`)
    expect(codes).toEqual([
      'DAG104 a run ends after 365d',
      'DAG104 Cloud Run tasks end after 168h',
      'DAG104 a request ends after 30m',
    ])
  })
})

describe('map', () => {
  it.each<[string, (context: DagContext<NoParams>) => unknown, object]>([
    [
      'every combination',
      ({ task, map }) => {
        const made = task('made', page, { page: 1 })
        map('m', page, { page: made.pages, name: ['a', 'b'] }, { maxConcurrent: 3, tolerateFailed: 2 })
      },
      {
        input: { kind: 'map', entries: [] },
        mapping: {
          kind: 'product',
          lists: [
            { input: 'page', list: ref('made', 'pages') },
            { input: 'name', list: { kind: 'list', items: [literal('a'), literal('b')] } },
          ],
          fill: null,
          maxConcurrent: 3,
          tolerateFailed: { kind: 'count', value: 2 },
        },
      },
    ],
    [
      'side by side',
      ({ task, map }) => {
        const made = task('made', page, { page: 1 })
        map('m', page, zip({ page: made.pages, name: made.names }), { tolerateFailed: '12.5%' })
      },
      {
        mapping: {
          kind: 'zip',
          lists: [
            { input: 'page', list: ref('made', 'pages') },
            { input: 'name', list: ref('made', 'names') },
          ],
          fill: null,
          maxConcurrent: null,
          tolerateFailed: { kind: 'percent', value: 12.5 },
        },
      },
    ],
    [
      'side by side, filled',
      ({ task, map }) => {
        const made = task('made', page, { page: 1 })
        map('m', page, zip({ name: made.names }, { fill: 'none' }), { partial: { page: made.rows } })
      },
      {
        input: { kind: 'map', entries: [{ key: 'page', value: ref('made', 'rows') }] },
        mapping: { kind: 'zip', fill: literal('none') },
      },
    ],
    [
      'maps of inputs',
      ({ task, map }) => {
        const made = task('made', page, { page: 1 })
        map('m', page, made.loads)
      },
      { mapping: { kind: 'items', lists: [{ input: null, list: ref('made', 'loads') }] } },
    ],
    [
      'the outputs of another mapping',
      ({ map, task }) => {
        const made = task('made', page, { page: 1 })
        const pages = map('pages', page, { page: made.pages })
        map('m', page, { page: [pages.outputs[3].rows as never] })
      },
      { mapping: { lists: [{ list: { kind: 'list', items: [ref('pages', 3, 'rows')] } }] } },
    ],
  ])('%s', (_, build, expected) => {
    expect(taskOf(build)).toMatchObject(expected)
  })

  it.each<[string, (context: DagContext<NoParams>) => unknown, readonly string[]]>([
    [
      'a list that is too long by its product',
      ({ map }) =>
        map('m', page, {
          page: Array.from({ length: 40 }, (_, i) => i),
          name: Array.from({ length: 30 }, String),
        }),
      ['DAG116'],
    ],
    [
      'as many instances as can be',
      ({ map }) => map('m', page, { page: Array.from({ length: 1000 }, (_, i) => i) }),
      [],
    ],
    ['an item that the step would refuse', ({ map }) => map('m', page, { page: [1, 1.5] }), ['DAG208']],
    ['an input that there is not', ({ map }) => map('m', page, { page: [1], pag: [1] } as never), ['DAG208']],
    ['an input that is missing', ({ map }) => map('m', page, { name: ['a'] } as never), ['DAG208']],
    [
      'a share of more than all',
      ({ map }) => map('m', page, { page: [1] }, { tolerateFailed: '101%' }),
      ['DAG104'],
    ],
    ['no instance at once', ({ map }) => map('m', page, { page: [1] }, { maxConcurrent: 0 }), ['DAG104']],
    ['items that lack an input', ({ map }) => map('m', page, [{ name: 'a' }] as never), ['DAG208']],
  ])('refuses %s', (_, build, codes) => {
    expect(declare(build).problems.map(({ code }) => code)).toEqual(codes)
  })
})

describe('mapped groups', () => {
  it('give their item to their tasks, and their path to all', () => {
    const { tasks, groups, problems } = declare(({ task, group, mapGroup }) => {
      const made = task('made', page, { page: 1 })
      group('outer', () => {
        mapGroup('inner', made.loads, (load) => task('x', page, { page: load.page }), { maxConcurrent: 2 })
      })
    })
    expect(problems).toEqual([])
    expect(groups[1]).toMatchObject({
      path: 'outer.inner',
      mapping: { kind: 'items', lists: [{ input: null, list: ref('made', 'loads') }], maxConcurrent: 2 },
    })
    expect(tasks[1]).toMatchObject({
      group: 'outer.inner',
      input: {
        entries: [{ value: { ref: { source: { kind: 'item', group: 'outer.inner' }, path: ['page'] } } }],
      },
    })
  })

  it('check the fields of written-out items', () => {
    const { problems } = declare(({ task, mapGroup, shortCircuit }) => {
      mapGroup(
        'g',
        [
          { page: 1, mode: 'a' },
          { page: 2, mode: 'b' },
        ],
        (item) => {
          shortCircuit('gate', eq(item.mode, 'a'), { skips: 'direct' })
          task('x', page, { page: (item as unknown as Record<string, never>)['pgae'] as never })
        },
      )
    })
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'DAG205 item has no field "pgae"',
    ])
  })
})

describe('branches and short circuits', () => {
  it('are data', () => {
    expect(
      taskOf(({ task, branch }) => {
        const made = task('made', page, { page: 1 })
        branch('b', { on: made.mode, cases: ['full', 'delta'], otherwise: 'none' })
      }),
    ).toMatchObject({
      choice: { kind: 'value', on: ref('made', 'mode'), several: false, cases: ['full', 'delta'] },
      otherwise: 'none',
    })
    expect(
      taskOf(({ task, branch }) => {
        const made = task('made', page, { page: 1 })
        branch('b', { cases: { many: all(gt(made.rows, 10), not(made.done)) } })
      }),
    ).toMatchObject({
      choice: {
        kind: 'conditions',
        cases: [
          {
            name: 'many',
            condition: {
              kind: 'all',
              conditions: [
                { kind: 'compare', comparison: 'gt', left: ref('made', 'rows'), right: literal(10) },
                { kind: 'not', condition: { kind: 'truth', value: ref('made', 'done') } },
              ],
            },
          },
        ],
      },
      otherwise: null,
    })
    expect(
      taskOf(({ task, shortCircuit }) =>
        shortCircuit('s', task('made', page, { page: 1 }).done, { skips: 'all' }),
      ),
    ).toMatchObject({ kind: 'short_circuit', skips: 'all', condition: { kind: 'truth' } })
  })

  it('give cases to come after', () => {
    const task = taskOf(({ task, branch, empty }) => {
      const which = branch('b', { on: task('made', page, { page: 1 }).mode, cases: ['full', 'delta'] })
      empty('x', { after: [which.case('full'), which] })
    })
    expect(task?.after).toEqual([
      { kind: 'case', id: 'b', name: 'full' },
      { kind: 'task', id: 'b' },
    ])
  })
})

describe('requests', () => {
  it.each([
    [
      { service: 'billing' },
      { target: { kind: 'service', service: 'billing', path: literal('/') }, method: 'GET', auth: 'oidc' },
      'idempotent',
    ],
    [{ service: 'billing', auth: 'none', method: 'POST' }, { auth: null, body: null }, 'non_idempotent'],
    [
      { url: 'https://x.example.com' },
      { target: { kind: 'url', url: literal('https://x.example.com') }, auth: null },
      'idempotent',
    ],
    [
      { url: 'https://x.example.com', auth: 'oauth2', method: 'PUT' },
      { auth: 'oauth2', method: 'PUT' },
      'idempotent',
    ],
    [
      { url: 'https://x.example.com', method: 'POST', idempotency: 'idempotent' },
      { method: 'POST' },
      'idempotent',
    ],
  ] as const)('%j', (spec, request, idempotency) => {
    expect(taskOf(({ http }) => http('x', spec))).toMatchObject({ kind: 'http', request, idempotency })
  })
})

it('sensors wait a minute at a time, a day in all', () => {
  expect(taskOf(({ sensor, run }) => sensor('x', partitionExists(days, run.date)))).toMatchObject({
    kind: 'sensor',
    condition: { kind: 'partition', dataset: 'shop_raw', table: 'days', partition: { kind: 'ref' } },
    pokeSeconds: 60,
    timeoutSeconds: 86_400,
    softFail: false,
  })
  const response = z.object({ state: z.enum(['running', 'done']) })
  const ready = httpReady({ service: 'x', response, until: ({ body }) => eq(body.state, 'done') })
  expect(taskOf(({ sensor }) => sensor('x', ready))).toMatchObject({
    condition: {
      kind: 'http',
      request: { target: { service: 'x' } },
      until: { left: { ref: { source: { kind: 'response' }, path: ['body', 'state'] } } },
    },
  })
})

it('the answer that a sensor tests is of no use elsewhere', () => {
  let leaked: unknown
  const until = (response: { readonly status: unknown }) => {
    leaked = response.status
    return eq(leaked as never, 200 as never)
  }
  const { problems } = declare(({ sensor, task }) => {
    sensor('x', httpReady({ service: 'x', until }))
    task('y', page, { page: leaked as never })
  })
  expect(problems.map(({ code }) => code)).toEqual(['DAG211'])
})

it('approvals skip what is rejected, and fail when nobody decides', () => {
  expect(taskOf(({ approval }) => approval('x', { message: 'Go?' }))).toMatchObject({
    message: 'Go?',
    onReject: 'skip',
    onTimeout: 'fail',
    timeoutSeconds: 604_800,
  })
})

describe('triggers', () => {
  const other = dag(
    'other',
    { description: 'x', params: z.object({ region: z.string(), deep: z.boolean().default(false) }) },
    ({ empty }) => empty('x'),
  )

  it('are data', () => {
    expect(
      taskOf(({ trigger }) => trigger('x', { dag: other, params: { region: 'eu' }, wait: true })),
    ).toMatchObject({
      dag: 'other',
      params: { kind: 'map', entries: [{ key: 'region', value: literal('eu') }] },
      logicalDate: null,
      wait: true,
    })
  })

  it('refuse what the other DAG would refuse', () => {
    const { problems } = declare(({ trigger }) => {
      trigger('missing', { dag: other } as never)
      trigger('wrong', { dag: other, params: { region: 1, dep: true } } as never)
      trigger('no_dag', { dag: 'No DAG' })
    })
    expect(problems.map(({ code }) => code)).toEqual(['DAG208', 'DAG208', 'DAG208', 'DAG101'])
  })
})

describe('texts', () => {
  it('are parts, and known where nothing of a run is in them', () => {
    expect(
      taskOf(({ task, run }) => task('x', page, { page: 1, name: text`${run.date}-${2}/${'a'}` })),
    ).toMatchObject({
      input: {
        entries: [
          { key: 'page' },
          {
            key: 'name',
            value: {
              kind: 'text',
              parts: [{ kind: 'ref' }, literal('-'), literal(2), literal('/'), literal('a')],
            },
          },
        ],
      },
    })
    expect(declare(({ task }) => task('x', page, { page: 1, name: text`a` })).problems).toEqual([])
  })

  it('take bounded values only, whoever reads them', () => {
    const { problems } = declare(({ task }) => {
      const made = task('made', page, { page: 1 })
      task('x', page, { page: 1, name: text`${made.names[0]}` })
      task('y', page, { page: 1, name: text`${made.mode}` })
    })
    expect(problems.map(({ code }) => code)).toEqual(['DAG210'])
  })

  it('have nothing of the answer that a sensor tests', () => {
    const response = z.object({ name: z.string() })
    const { problems } = declare(({ sensor }) =>
      sensor('x', httpReady({ service: 'x', response, until: ({ body }) => eq(text`${body.name}`, 'a') })),
    )
    expect(problems.map(({ code }) => code)).toEqual(['DAG211'])
  })
})
