import type { CodeEntry } from './code-entry.ts'

/** Files of a project, and limits of the target. */
export const projectCodes = {
  DAG501: {
    title: 'A limit of Google Cloud Workflows is exceeded',
    explanation:
      'The compiled workflow would be refused at deployment or would end at run time. The message names the limit, the ' +
      'value and where it arises. https://cloud.google.com/workflows/quotas',
    wrong: '// 200 tasks in one DAG: the source would exceed 128 KB',
    fixed: '// split the pipeline into several DAGs that exchange data through tables',
  },
  DAG502: {
    title: 'A name becomes too long',
    explanation:
      'The name of a Cloud Run job is `<dag>--<task>`, at most 63 characters; BigQuery and Workflows have their own bounds.',
    wrong:
      "dag('a_very_long_name_of_a_pipeline_…', options, ({ task }) => task('a_very_long_name_of_a_task_…', …))",
    fixed: "dag('sales', options, ({ task }) => task('load_orders', …))",
  },
  DAG503: {
    title: 'A DAG file cannot be loaded',
    explanation:
      'Importing `dags/<dag>/dag.ts` threw an error: a missing file, a syntax error, or code that fails.',
    wrong: "import { fetchSales } from '../../steps/shop/contracts.ts' // the file is contract.ts",
    fixed: "import { fetchSales } from '../../steps/shop/contract.ts'",
  },
  DAG504: {
    title: 'A DAG file exports no DAG',
    explanation: 'The default export of `dags/<dag>/dag.ts` is what `dag(…)` returned.',
    wrong: "export const shop = dag('shop', options, build)",
    fixed: "export default dag('shop', options, build)",
  },
  DAG505: {
    title: 'A DAG has another id than its folder',
    explanation: 'A DAG is found by the name of its folder, so that both are the same word.',
    wrong: "// dags/shop/dag.ts\nexport default dag('store', options, build)",
    fixed: "// dags/shop/dag.ts\nexport default dag('shop', options, build)",
  },
  DAG506: {
    title: 'There is no such DAG',
    explanation: 'DAGs are the folders under `dags/` that hold a `dag.ts`.',
    wrong: 'dag compile shopp',
    fixed: 'dag compile shop',
    language: 'sh',
  },
  DAG507: {
    title: 'A dashboard is not usable',
    explanation:
      'The default export of `dags/<dag>/dashboard.ts` is a list of charts; each has an id, a title, a description, SQL ' +
      'over data marts, a Vega-Lite specification without data, and the columns that a terminal shows.',
    wrong: "export default { charts: [{ id: 'Genres', title: 'Genres' }] }",
    fixed:
      "export default {\n  charts: [\n    {\n      id: 'genres',\n      title: 'Genres',\n      description: 'Most watched',\n      sql,\n" +
      "      spec,\n      terminal: { label: 'genre', value: 'n' },\n    },\n  ],\n}",
  },
  DAG508: {
    title: 'A limit of Google Cloud Workflows may be exceeded in the worst case',
    explanation:
      'A warning. What the run holds fits, but if as many tasks as can run at once do so, each with the largest output and ' +
      'error that its schema allows, the variables would take more than 512 KB, and the service would end the run. Schemas ' +
      'with bounds (`z.enum`, `.max()`) make the bound exact. https://cloud.google.com/workflows/quotas',
    wrong: 'output: z.object({ names: z.array(z.string()) }) // in each of many tasks side by side',
    fixed: 'output: z.object({ names: z.array(z.string().max(40)).max(20) })',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
