import type { CodeEntry } from './code-entry.ts'

/** What a simulation is asked for; docs/testing.md. */
export const simulationCodes = {
  DAG701: {
    title: 'A simulation names a task that the DAG does not have',
    explanation:
      'Mocks, failures, skips, timeouts and delays go by task id; one instance of a mapped task is `task/index`. A name ' +
      'that no task has would silently change nothing.',
    wrong: "await simulate(shop, { fail: ['load_order'] })",
    fixed: "await simulate(shop, { fail: ['load_orders'] })",
  },
  DAG702: {
    title: 'A mock gives what its task could not get',
    explanation:
      'The mock of a step gives the output that its contract promises; other kinds of tasks have answers of their own, ' +
      'listed in docs/testing.md. A test with a mock that production refuses would prove nothing.',
    wrong: 'await simulate(shop, { mocks: { fetch_orders: { order: [] } } }) // the contract says: orders',
    fixed: 'await simulate(shop, { mocks: { fetch_orders: { orders: [] } } })',
  },
  DAG703: {
    title: 'A simulation asks of a task what it cannot do',
    explanation:
      'Only what asks a service can fail or time out: the workflow itself decides branches, short circuits and empty ' +
      'tasks. Only steps skip themselves.',
    wrong: "await simulate(shop, { fail: ['choose_load'] })",
    fixed: "await simulate(shop, { mocks: { fetch_orders: { mode: 'full' } } }) // what choose_load reads",
  },
  DAG704: {
    title: 'A simulation gives params that the DAG refuses',
    explanation:
      'The params of a simulated run are checked against the schema of the DAG, as those of any run.',
    wrong: "await simulate(shop, { params: { limit: 'ten' } })",
    fixed: 'await simulate(shop, { params: { limit: 10 } })',
  },
  DAG705: {
    title: 'A task that is left out has no result',
    explanation:
      'With `only` or `from` the tasks above count as done, and those that run may read their outputs. These come from ' +
      'the ledger of the run, or from mocks.',
    wrong: 'dag simulate shop --from load_orders # no earlier run has fetched any',
    fixed: 'dag simulate shop && dag simulate shop --from load_orders',
  },
  DAG706: {
    title: 'A local run would call another machine',
    explanation:
      'On this machine the workflow of a DAG calls nobody: what HTTP tasks and sensors ask for elsewhere is refused, and hooks are ' +
      'only said to be told. Loopback addresses, addresses under `services` in `dag.config.ts`, and mocks answer as ever; steps ' +
      'are programs of their own and ask whom they like. `--live`, of `dag simulate`, `trigger`, `rerun` and `emulator`, calls and ' +
      'tells for real.',
    wrong: 'dag simulate billing # its HTTP task calls https://api.example.com',
    fixed:
      'echo \'{ "close_day": { "status": 200, "body": { "invoices": 0 } } }\' > mocks.json && dag simulate billing --mock mocks.json',
    language: 'sh',
  },
  DAG707: {
    title: 'A mock throws',
    explanation:
      'A function in the file of `--mock` threw something other than a `StepError`, which alone is the failure of its task. It is ' +
      'called with the input of the task, and as second argument with `{ task, mapIndex, try, run }`.',
    wrong: 'export const mocks = { load_orders: ({ input }) => ({ rows: input.orders.length }) }',
    fixed: 'export const mocks = { load_orders: ({ orders }) => ({ rows: orders.length }) }',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
