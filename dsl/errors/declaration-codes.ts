import type { CodeEntry } from './code-entry.ts'

/** Ids, options, schedules: what is wrong with a single declaration. */
export const declarationCodes = {
  DAG101: {
    title: 'An id is not usable',
    explanation:
      'Ids of DAGs, tasks and groups become names of workflow steps, Cloud Run jobs and labels, and people read them in ' +
      'the Console. They are lower snake case, at most 50 characters, and not one of the names that the compiled ' +
      'workflow keeps for itself (such as `start_run` or `end`).',
    wrong: "task('LoadRaw', loadRaw, { objects: list.objects })",
    fixed: "task('load_raw', loadRaw, { objects: list.objects })",
  },
  DAG102: {
    title: 'An id is used twice',
    explanation:
      'Tasks and groups of a DAG share one set of ids, also across groups: the id of a task does not change when it ' +
      'moves into a group.',
    wrong: "task('load', loadUsers, {})\ntask('load', loadSales, {})",
    fixed: "task('load_users', loadUsers, {})\ntask('load_sales', loadSales, {})",
  },
  DAG103: {
    title: 'An option is not known',
    explanation:
      'Option objects take the documented keys only, so that a typing error does not silently do nothing.',
    wrong: "task('load', load, {}, { retry: 3 })",
    fixed: "task('load', load, {}, { retries: 3 })",
  },
  DAG104: {
    title: 'An option has a value that it cannot take',
    explanation: 'The message names the option and the value; the hint says what it takes.',
    wrong: "task('load', load, {}, { retries: -1 })",
    fixed: "task('load', load, {}, { retries: 0 })",
  },
  DAG105: {
    title: 'A duration is not readable',
    explanation: 'A duration is a whole number above zero followed by `s`, `m`, `h` or `d`.',
    wrong: "task('load', load, {}, { timeout: '1.5 hours' })",
    fixed: "task('load', load, {}, { timeout: '90m' })",
  },
  DAG106: {
    title: 'A cron expression is not unix-cron',
    explanation:
      'Cloud Scheduler takes five fields (minute, hour, day of month, month, day of week) with numbers, names, ranges, ' +
      'lists and steps. Seconds, nicknames such as `@daily` and the characters `L`, `W`, `#` and `?` of other crons are ' +
      'not part of it. A day that none of its months has, such as 30 February, never comes.',
    wrong: "cron('@daily', 'Etc/UTC')",
    fixed: "cron('0 0 * * *', 'Etc/UTC')",
  },
  DAG107: {
    title: 'A time zone is not known',
    explanation:
      'Time zones are names of the IANA database. Abbreviations and offsets do not follow daylight saving.',
    wrong: "cron('0 6 * * *', 'Brasilia')",
    fixed: "cron('0 6 * * *', 'America/Sao_Paulo')",
  },
  DAG108: {
    title: 'Something is declared after its DAG was',
    explanation:
      'The callback of `dag` runs once, when the file is loaded. What `task`, `build` or `group` declare later, e.g. in ' +
      'a timer, could not be part of the compiled workflow any more.',
    wrong: "let later\ndag('shop', options, ({ task }) => {\n  later = task\n})\nlater('load', load, {})",
    fixed: "dag('shop', options, ({ task }) => {\n  task('load', load, {})\n})",
  },
  DAG109: {
    title: 'The callback of a DAG is asynchronous',
    explanation:
      'Declaring a DAG reads no files and calls no services: a DAG file is pure data, and the same file always gives ' +
      'the same workflow. What has to be looked up belongs into a step.',
    wrong: "dag('shop', options, async ({ task }) => {\n  task('load', load, { ids: await readIds() })\n})",
    fixed:
      "dag('shop', options, ({ task }) => {\n  const ids = task('read_ids', readIds, {})\n" +
      "  task('load', load, { ids: ids.list })\n})",
  },
  DAG110: {
    title: 'A scheduled DAG has a param without default',
    explanation: 'A scheduled run has nobody who could give it parameters, so each needs a default.',
    wrong: "dag('shop', { schedule, params: z.object({ region: z.string() }) }, build)",
    fixed: "dag('shop', { schedule, params: z.object({ region: z.string().default('eu') }) }, build)",
  },
  DAG111: {
    title: 'A DAG has no tasks',
    explanation: 'The callback of the DAG declared nothing that could run.',
    wrong: "dag('shop', options, () => {})",
    fixed: "dag('shop', options, ({ task }) => {\n  task('load', load, {})\n})",
  },
  DAG112: {
    title: 'A task is given nothing to run',
    explanation:
      '`task` takes the contract of a step (what `defineContract` returned), `build` takes a model (what `model` ' +
      'returned). A handler function or a name is neither: the DAG file never holds the code that runs.',
    wrong: "task('load', async () => loadEverything(), {})",
    fixed:
      "task('load', loadEverything, {}) // import { loadEverything } from '../../steps/shop/contract.ts'",
  },
  DAG113: {
    title: 'Setup, teardown and trigger rule contradict each other',
    explanation:
      'A task is a setup (`setup: true`), a teardown (`teardownOf: setups`) or neither. `teardownOf` takes tasks that were ' +
      'declared with `setup: true`. A teardown has no trigger rule of its own: it runs once everything above it has ' +
      'ended, if one of its setups succeeded. `failsRun` belongs to teardowns.',
    wrong:
      "const open = task('open', openSession, {})\ntask('close', closeSession, {}, { teardownOf: open, triggerRule: 'all_done' })",
    fixed:
      "const open = task('open', openSession, {}, { setup: true })\ntask('close', closeSession, {}, { teardownOf: open })",
  },
  DAG114: {
    title: 'A pool does not exist or is too small',
    explanation:
      'Tasks take slots of the pools that the DAG declares, with their sizes, in `pools`. A task that takes more slots ' +
      'than its pool has could never run.',
    wrong: "dag('shop', { description }, ({ task }) => {\n  task('load', load, {}, { pool: 'database' })\n})",
    fixed:
      "dag('shop', { description, pools: { database: 2 } }, ({ task }) => {\n  task('load', load, {}, { pool: 'database' })\n})",
  },
  DAG115: {
    title: 'A hook is not usable',
    explanation:
      '`onSuccess` and `onFailure` take what `pubsub(topic)` or `webhook({ url })` returned, alone or in a list. ' +
      'Functions cannot be hooks: a DAG file is pure data, and nothing of it runs in the cloud.',
    wrong: "task('load', load, {}, { onFailure: () => tellSomebody() })",
    fixed: "task('load', load, {}, { onFailure: pubsub('pipeline-events') })",
  },
  DAG116: {
    title: 'A mapping cannot be made',
    explanation:
      'A task is mapped over lists, by input (`{ page: list.pages }`), side by side (`zip({ … })`), or over one list of ' +
      'maps of inputs; at most 1,000 instances. A mapped task waits for its lists, so that it cannot have the rule ' +
      '`always`. Inside a mapped group nothing is mapped again.',
    wrong: "map('load', load, { page: list.count })",
    fixed: "map('load', load, { page: list.pages })",
  },
  DAG117: {
    title: 'A branch has no such case, or no usable cases',
    explanation:
      "A branch is on a value that a run computes, with the values that choose (`{ on: value, cases: ['a', 'b'] }`), or " +
      'has a condition for each case (`{ cases: { a: condition } }`). Each case has one name; `otherwise` may add one.',
    wrong:
      "const mode = branch('mode', { on: params.mode, cases: ['full', 'full'] })\ntask('load', loadAll, {}, { after: mode.case('full') })",
    fixed:
      "const mode = branch('mode', { on: params.mode, cases: ['full'] })\ntask('load', loadAll, {}, { after: mode.case('full') })",
  },
  DAG118: {
    title: 'A condition is not a condition',
    explanation:
      'Values of a run do not exist while the DAG is declared, so that `list.count > 0` cannot be computed there. `gt(list.count, 0)` ' +
      'says what the workflow is to test. A reference to a boolean is a condition, too.',
    wrong: "shortCircuit('any', list.count !== 0, { skips: 'all' })",
    fixed: "shortCircuit('any', ne(list.count, 0), { skips: 'all' })",
  },
  DAG119: {
    title: 'A request, sensor, approval or trigger is not declared completely',
    explanation:
      'A request goes to a Cloud Run `service` or to a `url`. A sensor waits for what `objectExists`, `partitionExists` or ' +
      '`httpReady` describe, and a partition belongs to a model with `partitionBy`. An approval says what is to be ' +
      'decided. A trigger names another DAG. The message says what is missing.',
    wrong: "http('close', { path: '/close' })",
    fixed: "http('close', { service: 'billing', path: '/close' })",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
