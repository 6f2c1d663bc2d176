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
} as const satisfies Readonly<Record<string, CodeEntry>>
