import type { CodeEntry } from './code-entry.ts'

/** Edges between tasks. */
export const graphCodes = {
  DAG301: {
    title: 'Tasks wait for each other in a cycle',
    explanation:
      'The message prints the whole path. Edges come from inputs, from models that SQL reads and tasks fill, and from ' +
      '`after`; one of them has to go.',
    wrong:
      "const report = build(sales) // its SQL reads rawSales\ntask('load', load, {}, { writes: [rawSales], after: report })",
    fixed: "build(sales)\ntask('load', load, {}, { writes: [rawSales] })",
  },
  DAG302: {
    title: '`after` names something that is no task or group of this DAG',
    explanation:
      '`after` takes what `task`, `build`, `group` or another kind of task of the same DAG returned, or a case of a ' +
      'branch; alone or in a list.',
    wrong: "task('load', load, {}, { after: 'fetch' })",
    fixed: "const fetched = task('fetch', fetch, {})\ntask('load', load, {}, { after: fetched })",
  },
  DAG303: {
    title: 'A task right after a setup has a trigger rule',
    explanation:
      'What comes right after a setup runs only if the setup succeeded, which is what `all_success` says. Another rule ' +
      'would contradict it. Teardowns have a rule of their own.',
    wrong:
      "const open = task('open', openSession, {}, { setup: true })\ntask('report', report, {}, { after: open, triggerRule: 'all_done' })",
    fixed:
      "const open = task('open', openSession, {}, { setup: true })\nconst made = task('make', makeReport, {}, { after: open })\n" +
      "task('report', report, {}, { after: made, triggerRule: 'all_done' })",
  },
  DAG304: {
    title: 'A case of a branch leads nowhere',
    explanation:
      'What a case chooses are the tasks and groups that come after it. A case that nothing comes after is a typing error ' +
      'or a leftover; a value that chooses nothing needs no case.',
    wrong:
      "const mode = branch('mode', { on: plan.mode, cases: ['full', 'delta'] })\ntask('load', load, {}, { after: mode.case('full') })",
    fixed:
      "const mode = branch('mode', { on: plan.mode, cases: ['full'] })\ntask('load', load, {}, { after: mode.case('full') })",
  },
  DAG305: {
    title: 'Something comes between the tasks of a mapped group',
    explanation:
      'All tasks of a mapped group are repeated together, item by item. A task outside that comes after one of them and ' +
      'before another would have to run in between, once for all items, and cannot.',
    wrong:
      "mapGroup('days', list.days, (day) => {\n  task('fetch', fetch, { day }, { writes: [rawSales] })\n" +
      '  build(mart) // its SQL reads sales\n})\nbuild(sales) // its SQL reads rawSales',
    fixed:
      "mapGroup('days', list.days, (day) => task('fetch', fetch, { day }, { writes: [rawSales] }))\n" +
      'build(sales)\nbuild(mart)',
  },
  DAG311: {
    title: 'A join below a branch is always skipped',
    explanation:
      'A warning. A branch skips the tasks of the cases that it does not choose, and with the rule `all_success` one ' +
      'skipped task above is enough to be skipped: a task that comes after tasks of several cases never runs. ' +
      '`none_failed_min_one_success` runs once what was chosen has succeeded.',
    wrong:
      "const mode = branch('mode', { on: params.mode, cases: ['full', 'delta'] })\n" +
      "const full = task('full', loadAll, {}, { after: mode.case('full') })\n" +
      "const delta = task('delta', loadNew, {}, { after: mode.case('delta') })\n" +
      "task('report', report, {}, { after: [full, delta] })",
    fixed:
      "const mode = branch('mode', { on: params.mode, cases: ['full', 'delta'] })\n" +
      "const full = task('full', loadAll, {}, { after: mode.case('full') })\n" +
      "const delta = task('delta', loadNew, {}, { after: mode.case('delta') })\n" +
      "task('report', report, {}, { after: [full, delta], triggerRule: 'none_failed_min_one_success' })",
  },
  DAG312: {
    title: 'A task with rule `always` comes after others',
    explanation:
      'A warning. `always` runs a task whatever becomes of those above, even if they were skipped or failed. In Airflow ' +
      'it would not even wait for them. If the task is to run once they have ended, `all_done` says so.',
    wrong:
      "const loaded = task('load', load, {})\ntask('report', report, {}, { after: loaded, triggerRule: 'always' })",
    fixed:
      "const loaded = task('load', load, {})\ntask('report', report, {}, { after: loaded, triggerRule: 'all_done' })",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
