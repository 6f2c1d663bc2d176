import type { CodeEntry } from './code-entry.ts'

/** Uses of references and inputs. */
export const referenceCodes = {
  DAG201: {
    title: 'A reference is used as text or as a number',
    explanation:
      'The output of a task exists only while a run executes. While the DAG is declared there is a reference in its ' +
      'place, which can be passed on but not read: not in a template string, not with `+` or `<`. The tag `text` has the ' +
      'workflow put a text together; anything else is for a step to compute.',
    wrong: "task('load', load, { path: `gs://lake/${list.name}` })",
    fixed: "task('load', load, { path: text`gs://lake/${list.name}` })",
  },
  DAG202: {
    title: 'A reference is written as JSON',
    explanation:
      'A reference has no JSON text while the DAG is declared. Inputs are JSON already: pass it as it is.',
    wrong: "task('load', load, { options: JSON.stringify({ rows: list.rows }) })",
    fixed: "task('load', load, { options: { rows: list.rows } })",
  },
  DAG203: {
    title: 'A reference is iterated, spread or searched',
    explanation:
      'How many items a list will have is known only while a run executes, so that a loop over it cannot be written ' +
      'while the DAG is declared. Pass the whole list to a step.',
    wrong: "for (const object of list.objects) task('load', load, { object })",
    fixed: "task('load_all', loadAll, { objects: list.objects })",
  },
  DAG204: {
    title: 'A reference is awaited',
    explanation:
      'A reference is not a promise. A task waits for another by taking one of its outputs as input.',
    wrong: "task('fetch', fetchList, {}).then((list) => task('load', load, { objects: list.objects }))",
    fixed: "const list = task('fetch', fetchList, {})\ntask('load', load, { objects: list.objects })",
  },
  DAG205: {
    title: 'A field of a reference does not exist',
    explanation:
      "The field is not part of the output schema of the step's contract. The editor says the same.",
    wrong: "task('load', load, { objects: list.object })",
    fixed: "task('load', load, { objects: list.objects })",
  },
  DAG206: {
    title: 'A reference is changed',
    explanation: 'References are read-only stand-ins. To give a step other values, pass them as inputs.',
    wrong: "list.objects = []\ntask('load', load, { objects: list.objects })",
    fixed: "task('load', load, { objects: [] })",
  },
  DAG207: {
    title: 'An input is not JSON',
    explanation:
      'Inputs travel to the container as JSON: text, numbers, booleans, null, lists and plain objects.',
    wrong: "task('load', load, { since: new Date(2025, 0, 1) })",
    fixed: "task('load', load, { since: '2025-01-01' })",
  },
  DAG208: {
    title: "An input does not fit the step's contract",
    explanation:
      'The input is missing, not known, or refused by the schema that the container checks at its door. What can be ' +
      'checked without running is checked when the DAG is compiled.',
    wrong: "task('load', load, { object: list.objects })",
    fixed: "task('load', load, { objects: list.objects })",
  },
  DAG209: {
    title: 'A reference belongs to another DAG',
    explanation:
      'References work within the DAG that declared them. DAGs exchange data through tables and objects.',
    wrong:
      "let rows\ndag('a', options, ({ task }) => {\n  rows = task('count', count, {}).rows\n})\n" +
      "dag('b', options, ({ task }) => {\n  task('use', use, { rows })\n})",
    fixed:
      "dag('b', options, ({ task }) => {\n  const { rows } = task('count', count, {})\n  task('use', use, { rows })\n})",
  },
  DAG210: {
    title: 'A value that the workflow reads has no bound',
    explanation:
      'Branches, conditions, requests and sensors are evaluated by the workflow itself, whose variables are small: a large ' +
      'output of a step stands in storage, with only a pointer to it in the workflow. What the workflow reads is bounded to ' +
      '1,024 bytes by its schema: enums, numbers, booleans, dates, uuids, texts with `.max(…)`, and objects and lists (with ' +
      '`.max(…)`) of such.',
    wrong: "shortCircuit('is_full', eq(plan.note, 'full'), { skips: 'all' }) // note: z.string()",
    fixed:
      "shortCircuit('is_full', eq(plan.mode, 'full'), { skips: 'all' }) // mode: z.enum(['full', 'delta'])",
  },
  DAG211: {
    title: 'A reference is used where it has no value',
    explanation:
      'Inside a mapped group a reference is to what the same instance gives, and `item` is the item of that instance; ' +
      'outside, `outputsOf(member)` is the list of what all instances give. The answer that a sensor tests exists in its ' +
      '`until` only.',
    wrong:
      "const days = mapGroup('days', list.days, (day) => task('fetch', fetch, { day }))\n" +
      "task('load', load, { rows: days.value.rows })",
    fixed:
      "const days = mapGroup('days', list.days, (day) => task('fetch', fetch, { day }))\n" +
      "task('load', load, { fetched: outputsOf(days.value) })",
  },
  DAG212: {
    title: 'A secret is passed as an input',
    explanation:
      'Inputs stand in the history of an execution, where many can read them. A step names its secrets in its contract, ' +
      'and they reach its container as environment variables.',
    wrong: "task('load', load, { token: secret('shop-token') })",
    fixed: "defineContract({ name: 'shop/load', secrets: { SHOP_TOKEN: 'shop-token' }, … })",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
