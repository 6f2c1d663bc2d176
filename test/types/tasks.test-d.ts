import {
  all,
  dag,
  eq,
  gt,
  httpReady,
  isTrue,
  model,
  not,
  objectExists,
  outputsOf,
  partitionExists,
  pubsub,
  secret,
  text,
  webhook,
  z,
  zip,
  type Ref,
} from '../../dsl/index.ts'
import { fetchPage, fetchRows, loadRows, plan, tell } from '../golden/contracts.ts'

/** Checked by `npm run typecheck`: each `@ts-expect-error` is a mistake that the editor shows. */

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

const prices = dag(
  'prices',
  { description: 'x', params: z.object({ region: z.string(), deep: z.boolean().default(false) }) },
  ({ empty }) => empty('nothing'),
)
const plain = dag('plain', { description: 'x' }, ({ empty }) => empty('nothing'))

export const options = dag(
  'options',
  {
    description: 'Options of every task',
    pools: { database: 2 },
    defaults: { pool: 'database', retries: 1 },
    onFailure: [pubsub('events'), webhook({ url: secret('chat'), format: 'chat', auth: 'oidc' })],
    failRunOn: 'any',
    logTasks: 'all',
  },
  ({ task, empty }) => {
    const open = task('open', tell, {}, { setup: true, triggerRule: 'none_failed' })
    const use = task('use', tell, {}, { after: open, pool: { name: 'database', slots: 2 } })
    task('close', tell, {}, { teardownOf: [open], after: use, failsRun: true, onFailure: pubsub('events') })
    empty('joined', { after: [use, open], triggerRule: 'all_done' })

    // @ts-expect-error a trigger rule that does not exist
    task('rule', tell, {}, { triggerRule: 'all_succeed' })
    // @ts-expect-error a teardown's rule is fixed
    task('teardown_rule', tell, {}, { teardownOf: open, triggerRule: 'all_done' })
    // @ts-expect-error a setup and a teardown at once
    task('setup_teardown', tell, {}, { teardownOf: open, setup: true })
    // @ts-expect-error only a teardown's failure is in question
    task('fails_run', tell, {}, { failsRun: true })
    // @ts-expect-error a teardown is of tasks, not of ids
    task('teardown_of_id', tell, {}, { teardownOf: 'open' })
    // @ts-expect-error a pool has slots
    task('slots', tell, {}, { pool: { name: 'database', slots: 'two' } })
    // @ts-expect-error a function is no hook
    task('hook', tell, {}, { onFailure: () => undefined })
    // @ts-expect-error nothing is repeated in a task that does nothing
    empty('retries', { retries: 2 })
    // @ts-expect-error an option that does not exist
    empty('options', { trigger: 'all_done' })
  },
)

// @ts-expect-error not a way to fail a run
dag('fail_run_on', { description: 'x', failRunOn: 'all' }, () => {})
// @ts-expect-error slots are numbers
dag('pools', { description: 'x', pools: { database: 'two' } }, () => {})
// @ts-expect-error no such format
webhook({ url: 'https://chat.example.com', format: 'mail' })
// @ts-expect-error a webhook has an address
webhook({ format: 'chat' })

export const mapped = dag('mapped', { description: 'Mapping' }, ({ task, map, mapGroup, run }) => {
  const made = task('plan', plan, {})
  const pages = map('pages', fetchPage, { page: made.pages })
  const rows: Ref<({ page: number; rows: number } | null)[]> = pages.outputs
  const state: Ref<'success' | 'failed' | 'upstream_failed' | 'skipped'> = pages.outcomes[0].state
  void [rows, state]
  map('with_partial', fetchPage, { page: [1, 2] }, { partial: { day: run.date }, maxConcurrent: 2 })
  map('product', fetchPage, { page: made.pages, name: made.names }, { tolerateFailed: '10%', writes: [] })
  map('zipped', fetchPage, zip({ page: made.pages, name: made.names }))
  map('filled', fetchPage, zip({ name: made.names, day: ['a', 'b'] }, { fill: 'x' }), {
    partial: { page: 1 },
  })
  map('items', fetchPage, made.loads, { partial: { day: run.date } })
  map('literal_items', fetchPage, [{ page: 1 }, { page: made.count }])
  map('rest', fetchPage, { name: made.names }, { partial: { page: made.count } })
  task('after', tell, { value: pages.outputs }, { after: [pages] })

  // @ts-expect-error items are texts, the input is a number
  map('wrong_item', fetchPage, { page: made.names })
  // @ts-expect-error a number is no list
  map('no_list', fetchPage, { page: made.count })
  // @ts-expect-error an item of the written list is of the wrong type
  map('wrong_literal', fetchPage, { page: [1, 'two'] })
  // @ts-expect-error an input that the step does not have
  map('unknown', fetchPage, { page: made.pages, pag: made.pages })
  // @ts-expect-error the step needs a page
  map('missing', fetchPage, { name: made.names })
  // @ts-expect-error the step needs a page, which partial does not give
  map('missing_in_partial', fetchPage, { name: made.names }, { partial: { day: run.date } })
  // @ts-expect-error given by the mapping already
  map('twice', fetchPage, { page: made.pages }, { partial: { page: 1 } })
  // @ts-expect-error a constant of the wrong type
  map('wrong_partial', fetchPage, { page: made.pages }, { partial: { name: 1 } })
  // @ts-expect-error an input that the step does not have
  map('zip_unknown', fetchPage, zip({ page: made.pages, nam: made.names }))
  // @ts-expect-error items are texts, the input is a number
  map('zip_wrong', fetchPage, zip({ page: made.names }))
  // @ts-expect-error what fills has to fit every input
  map('zip_fill', fetchPage, zip({ page: made.pages, name: made.names }, { fill: 'x' }))
  // @ts-expect-error the step needs a page
  map('zip_missing', fetchPage, zip({ name: made.names }))
  // @ts-expect-error items are texts, not maps of inputs
  map('items_wrong', fetchPage, made.names)
  // @ts-expect-error a map of another step's inputs
  map('items_other', loadRows, made.loads)
  // @ts-expect-error given by the items already
  map('items_twice', fetchPage, made.loads, { partial: { page: 1 } })
  // @ts-expect-error a share is a number of percent
  map('tolerance', fetchPage, { page: made.pages }, { tolerateFailed: 'a few' })
  // @ts-expect-error not an option of a mapping
  map('option', fetchPage, { page: made.pages }, { concurrency: 2 })
  // @ts-expect-error outputs may be null: an instance may have none
  task('nulls', loadRows, { objects: map('objects', fetchRows, { source: ['a'] }).outputs[0].objects[0] })
  // @ts-expect-error a mapped task has no output of its own
  task('own_output', tell, { value: pages.rows })

  const group = mapGroup('days', made.loads, (load) => {
    const page: Ref<number> = load.page
    // @ts-expect-error a field that the items do not have
    void load.day
    // @ts-expect-error a text is no page
    task('wrong_in_group', fetchPage, { page: load.name })
    return task('in_group', fetchPage, { page, name: load.name })
  })
  const outputs: Ref<({ page: number; rows: number } | null)[]> = outputsOf(group.value)
  task('after_group', tell, { value: outputs }, { after: group })
  // @ts-expect-error a number is no list
  mapGroup('no_list_group', made.count, () => null)
  // @ts-expect-error not an option of a group
  mapGroup('group_option', made.pages, () => null, { retries: 2 })
})

export const choices = dag(
  'choices',
  { description: 'Choices' },
  ({ task, branch, shortCircuit, group, params }) => {
    const made = task('plan', plan, {})
    const mode = branch('mode', { on: made.mode, cases: ['full', 'delta'], otherwise: 'rest' })
    const chosen: Ref<('full' | 'delta' | 'rest')[]> = mode.chosen
    task('full', tell, { value: chosen }, { after: mode.case('full') })
    group('delta', () => task('in_delta', tell, {}), { after: [mode.case('delta'), mode.case('rest')] })
    const several = branch('several', { on: made.modes, cases: ['full', 'none'] })
    task('none', tell, {}, { after: several.case('none') })
    const size = branch('size', {
      cases: { large: gt(made.count, 1000), small: all(not(gt(made.count, 1000)), made.complete) },
      otherwise: 'large',
    })
    task('large', tell, {}, { after: [size.case('large'), size.case('small')] })
    shortCircuit('gate', made.complete, { skips: 'all', retries: 1 })

    // @ts-expect-error a case that the branch does not have
    mode.case('none')
    // @ts-expect-error a value that the enum does not have
    branch('unknown_value', { on: made.mode, cases: ['full', 'dleta'] })
    // @ts-expect-error a number is no name of a case
    branch('on_number', { on: made.count, cases: ['full'] })
    // @ts-expect-error a case that the branch does not have
    size.case('medium')
    // @ts-expect-error a text is no condition
    branch('text', { cases: { full: 'full' } })
    // @ts-expect-error a reference to a text is no condition
    branch('text_reference', { cases: { full: made.mode } })
    // @ts-expect-error a branch has cases
    branch('no_cases', { on: made.mode })
    // @ts-expect-error a case is something to come after, not an input
    task('case_input', fetchRows, { source: mode.case('full') })
    // @ts-expect-error the mode says what is skipped
    shortCircuit('no_mode', made.complete, {})
    // @ts-expect-error and there is no standard one
    shortCircuit('no_options', made.complete)
    // @ts-expect-error no such mode
    shortCircuit('wrong_mode', made.complete, { skips: 'some' })
    // @ts-expect-error a number is no condition
    shortCircuit('number', made.count, { skips: 'all' })
    // @ts-expect-error the comparison is made while the DAG is declared
    shortCircuit('computed', made.count === 0, { skips: 'all' })
    // @ts-expect-error a number and a text
    eq(made.count, 'one')
    // @ts-expect-error a text and a number
    eq(made.note, 1)
    // @ts-expect-error a reference to a text and one to a number
    eq(made.note, made.count)
    // @ts-expect-error a value that the enum does not have
    eq(made.mode, 'fulll')
    // @ts-expect-error texts have no order
    gt(made.note, 'a')
    // @ts-expect-error lists are not compared
    eq(made.pages, made.pages)
    // @ts-expect-error a text is not true or false
    isTrue(made.note)
    // @ts-expect-error nothing to test
    all()
    // @ts-expect-error a constant is no condition
    not(true)
    // @ts-expect-error there is no such param
    void params.mode
  },
)

export const calls = dag(
  'calls',
  { description: 'Requests, sensors, approvals, triggers' },
  ({ task, http, sensor, approval, trigger, shortCircuit, run }) => {
    const made = task('plan', plan, {})
    const answer = http('close', {
      service: 'billing',
      path: '/close',
      method: 'POST',
      body: { day: run.date, modes: [made.mode] },
      query: { day: run.date, full: made.complete },
      response: z.object({ invoices: z.int() }),
    })
    shortCircuit('any', gt(answer.body.invoices, 0), { skips: 'all' })
    const status: Ref<number> = http('status', { url: 'https://example.com' }).status
    sensor('object', objectExists({ bucket: 'b', object: made.day }), { pokeInterval: '5m', softFail: true })
    sensor('partition', partitionExists(days, run.date), { timeout: '6h', after: answer })
    sensor(
      'ready',
      httpReady({
        url: 'https://example.com',
        response: z.object({ state: z.enum(['running', 'done']) }),
        until: ({ body, status: code }) => all(eq(body.state, 'done'), eq(code, status)),
      }),
    )
    const approved = approval('approve', { message: 'Go?', onReject: 'skip', onTimeout: 'fail' })
    task('tell', tell, { value: approved.by }, { after: approved })
    trigger('prices', { dag: prices, params: { region: 'eu' }, wait: true })
    trigger('plain', { dag: plain })
    trigger('by_id', {
      dag: 'prices',
      params: { region: made.mode, list: [1, { a: null }] },
      logicalDate: run.date,
    })

    // @ts-expect-error a field that the schema does not name
    void answer.body.invoice
    // @ts-expect-error neither a service nor an address
    http('nowhere', { path: '/close' })
    // @ts-expect-error both
    http('both', { service: 'billing', url: 'https://example.com' })
    // @ts-expect-error no such method
    http('method', { service: 'billing', method: 'CLOSE' })
    // @ts-expect-error headers are texts
    http('headers', { service: 'billing', headers: { retries: 1 } })
    // @ts-expect-error a query's values are texts, numbers and booleans
    http('query', { service: 'billing', query: { pages: made.pages } })
    // @ts-expect-error a date is not JSON
    http('body', { service: 'billing', method: 'POST', body: { day: new Date() } })
    // @ts-expect-error a secret never stands in a request
    http('secret', { service: 'billing', headers: { authorization: secret('token') } })
    // @ts-expect-error a schema of a list is no z.object
    http('response', { service: 'billing', response: z.array(z.string()) })
    // @ts-expect-error a path is no condition
    sensor('path', 'sales/_SUCCESS')
    // @ts-expect-error an object has a name
    sensor('no_object', objectExists({ bucket: 'b' }))
    // @ts-expect-error the day is a text
    sensor('day', partitionExists(days, made.count))
    // @ts-expect-error a contract is no model
    sensor('model', partitionExists(plan, run.date))
    // @ts-expect-error a duration needs a unit
    sensor('interval', objectExists({ object: 'x' }), { pokeInterval: '60' })
    sensor(
      'until',
      // @ts-expect-error a field that the answer does not have
      httpReady({ url: 'x', response: z.object({ a: z.boolean() }), until: ({ body }) => isTrue(body.b) }),
    )
    // @ts-expect-error a sensor has no output
    task('sensor_output', tell, { value: sensor('wait', objectExists({ object: 'x' })).object })
    // @ts-expect-error an approval says what is to be decided
    approval('no_message', {})
    // @ts-expect-error no such way to end
    approval('on_reject', { message: 'Go?', onReject: 'ask again' })
    // @ts-expect-error a param that the DAG needs
    trigger('no_params', { dag: prices })
    // @ts-expect-error a param of the wrong type
    trigger('wrong_param', { dag: prices, params: { region: 1 } })
    // @ts-expect-error a param that the DAG does not have
    trigger('unknown_param', { dag: prices, params: { region: 'eu', regoin: 'eu' } })
    // @ts-expect-error a trigger names a DAG
    trigger('no_dag', { wait: true })
  },
)

export const texts = dag('texts', { description: 'Texts' }, ({ task, sensor, run }) => {
  const made = task('plan', plan, {})
  task('tell', tell, { note: text`of ${run.date}, ${made.count} pages, ${1} of ${'all'}` })
  sensor('there', objectExists({ object: text`sales/${made.mode}/_SUCCESS` }))
  // @ts-expect-error a list is no part of a text
  void text`${made.pages}`
  // @ts-expect-error a text is no number
  task('wrong', fetchPage, { page: text`1` })
  // @ts-expect-error how a boolean reads as text is not said
  void text`${made.complete}`
})
