import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import {
  assign,
  branch,
  call,
  expr,
  list,
  map,
  nul,
  parallel,
  raises,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  when,
  type Step,
  type Subworkflow,
  type Value,
} from './language.ts'
import { upstreamOf, type Graph } from '../graph/graph.ts'
import { resultName, routineName, uniqueNames } from '../names.ts'
import { tasksIn, type Plan } from '../schedule/plan.ts'
import { chunks } from '../schedule/width.ts'
import { lowerInput, quoted } from './value.ts'

/** https://cloud.google.com/workflows/quotas: assignments in one step. */
const mostAssignments = 50

/** The main routine: one call per task, laid out as the plan says, between the run's start and end. */
export function lowerMain(definition: DagDefinition, graph: Graph, plan: Plan): Subworkflow {
  const ids = graph.tasks.map((task) => task.id)
  return subworkflow(
    'main',
    ['args'],
    [
      checkArgument(definition),
      ...startRun(definition, ids),
      step('lock_run', call('lock_run', { args: { run: expr('run') }, result: 'lock' })),
      ...planSteps(plan, mainContext(graph)),
      ...finish(ids),
    ],
  )
}

/** A run has a logical date and an interval; computing them here would take the schedule's calendar. */
function checkArgument({ id }: DagDefinition): Step {
  const needed = ['run_id', 'logical_date', 'interval_start', 'interval_end']
  const missing = needed.map((field) => `map.get(args, ${quoted(field)}) == null`).join(' or ')
  const error = map({
    message: str(`this run has no logical date: start runs with "dag trigger ${id}"`),
    tags: list([str('DagArgumentMissing')]),
    dag: str(id),
  })
  return step('check_argument', switchOn([when(missing, raises(error))]))
}

function startRun({ id }: DagDefinition, ids: readonly string[]): readonly Step[] {
  const location = 'sys.get_env("GOOGLE_CLOUD_LOCATION")'
  const project = 'sys.get_env("GOOGLE_CLOUD_PROJECT_ID")'
  const place = `"projects/" + ${project} + "/locations/" + ${location}`
  const run = map({
    dag: str(id),
    run_id: expr('args.run_id'),
    trigger: expr('default(map.get(args, "trigger"), "manual")'),
    logical_date: expr('args.logical_date'),
    interval_start: expr('args.interval_start'),
    interval_end: expr('args.interval_end'),
    date: expr('text.substring(args.logical_date, 0, 10)'),
    now: expr('time.format(sys.now())'),
    execution: expr('sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")'),
    trace_id: expr('text.replace_all(uuid.generate(), "-", "")'),
    params: expr('default(map.get(args, "params"), json.decode("{}"))'),
    project: expr(project),
    dataset_location: expr('sys.get_env("DAG_DATASET_LOCATION")'),
    bucket: expr('sys.get_env("DAG_BUCKET")'),
    prefix: expr(`${quoted(`runs/${id}/`)} + args.run_id + "/"`),
    jobs: expr(`${place} + "/jobs/"`),
    executions: expr(`${place} + "/workflows/" + sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID") + "/executions/"`),
  })
  const results = chunks(ids, mostAssignments - 1).map(
    (part) => part.map((task) => [resultName(task), nul] as const) as readonly (readonly [string, Value])[],
  )
  const [first = [], ...rest] = results
  return [
    step('start_run', assign([['run', run], ...first])),
    ...rest.map((part, index) => step(`start_run_${index + 2}`, assign(part))),
  ]
}

function finish(ids: readonly string[]): readonly Step[] {
  const states = ids.map((id) => [id, expr(`map.delete(${resultName(id)}, "output")`)] as const)
  const outcome = (extra: Readonly<Record<string, Value>>) =>
    map({ dag: expr('run.dag'), run_id: expr('run.run_id'), ...extra, tasks: expr('tasks') })
  return [
    step('take_results', assign({ tasks: map(states) })),
    step(
      'finish_run',
      call('finish_run', {
        args: { run: expr('run'), lock: expr('lock'), tasks: expr('tasks') },
        result: 'summary',
      }),
    ),
    step(
      'run_failed',
      switchOn([
        when(
          'summary.state == "failed"',
          raises(
            map({
              message: expr('"DAG " + run.dag + " failed: " + summary.names'),
              tags: list([str('DagRunFailed')]),
              dag: expr('run.dag'),
              run_id: expr('run.run_id'),
              failed: expr('summary.failed'),
              tasks: expr('tasks'),
            }),
          ),
        ),
      ]),
    ),
    step('run_succeeded', returns(outcome({ state: expr('summary.state') }))),
  ]
}

interface MainContext {
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly graph: Graph
  readonly unique: (name: string) => string
}

function mainContext(graph: Graph): MainContext {
  const tasks = new Map(graph.tasks.map((task) => [task.id, task]))
  return { tasks, graph, unique: uniqueNames(tasks.keys()) }
}

function planSteps(plan: Plan, context: MainContext): readonly Step[] {
  if (plan.kind === 'task') return [callTask(plan.task, context)]
  if (plan.kind === 'sequence') return plan.items.flatMap((item) => planSteps(item, context))
  const name = context.unique(parallelName(plan, context))
  const branches = plan.branches.map((item) =>
    branch(context.unique(`branch_${tasksIn(item)[0] ?? ''}`), planSteps(item, context)),
  )
  return [step(name, parallel(branches, { shared: tasksIn(plan).map(resultName) }))]
}

/** Side-by-side tasks of one group carry its name, others that of their first task. */
function parallelName(plan: Plan, { tasks }: MainContext): string {
  const ids = new Set(tasksIn(plan))
  const paths = [...ids].map((id) => tasks.get(id)?.group?.split('.') ?? [])
  const [first = []] = paths
  const shared = first.filter((part, depth) => paths.every((path) => path[depth] === part))
  return shared.at(-1) ?? `parallel_${[...ids][0] ?? ''}`
}

function callTask(id: string, { tasks, graph }: MainContext): Step {
  const task = tasks.get(id)
  const states = upstreamOf(graph, id).map((source) => [source, expr(`${resultName(source)}.state`)] as const)
  return step(
    id,
    call(routineName(id), {
      args: {
        run: expr('run'),
        ...(states.length > 0 && { upstream: map(states) }),
        ...(task?.kind === 'step' && { input: lowerInput(task.input) }),
      },
      result: resultName(id),
    }),
  )
}
