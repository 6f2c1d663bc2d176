import type { CodeEntry } from './code-entry.ts'

/** Edges between tasks. */
export const graphCodes = {
  DAG301: {
    title: 'Tasks wait for each other in a cycle',
    explanation:
      'The message prints the whole path. Edges come from inputs, from models that SQL reads and tasks fill, and from ' +
      '`after`; one of them has to go.',
    wrong:
      "const raw = task('load', load, {}, { after: report })\nconst report = build(sales, { after: raw })",
    fixed: "const raw = task('load', load, {})\nbuild(sales, { after: raw })",
  },
  DAG302: {
    title: '`after` names something that is no task or group of this DAG',
    explanation:
      '`after` takes what `task`, `build` or `group` of the same DAG returned, alone or in a list.',
    wrong: "task('load', load, {}, { after: 'fetch' })",
    fixed: "const fetched = task('fetch', fetch, {})\ntask('load', load, {}, { after: fetched })",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
