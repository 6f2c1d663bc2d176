import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import type { Graph } from '../graph/graph.ts'
import { givesOutput, readOutputs } from '../graph/read-outputs.ts'
import { repetitionsOf, type Repetitions } from '../graph/repetitions.ts'
import { jobPrefix, mapRoutineName, resultName, routineName, uniqueNames, unitName } from '../names.ts'
import { tasksIn, type Plan } from '../schedule/plan.ts'
import { chunks } from '../schedule/width.ts'
import { effectiveLeaves } from '../semantics/index.ts'
import { notSuccess } from './decide.ts'
import { runHookSteps } from './hooks.ts'
import {
  assign,
  block,
  bool,
  branch,
  call,
  except,
  expr,
  int,
  list,
  map,
  nul,
  parallel,
  raises,
  retry,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Step,
  type Subworkflow,
} from './language.ts'
import { isMapped } from './map.ts'
import { groupArguments, type MappedGroup } from './mapped-group.ts'
import { policiesValue } from './retry-policy.ts'
import { tryFile } from './run-objects.ts'
import type { UpstreamText } from './upstream.ts'
import { taskArguments } from './task-input.ts'
import { upstreamArgument } from './upstream-argument.ts'
import { quoted } from './value.ts'

/** https://cloud.google.com/workflows/quotas: assignments in one step. */
const mostAssignments = 50

export interface MainOptions {
  readonly definition: DagDefinition
  readonly graph: Graph
  readonly plan: Plan
  readonly upstream: ReadonlyMap<string, UpstreamText>
  /** By path. */
  readonly groups: ReadonlyMap<string, MappedGroup>
  /** Steps that complete the run argument. */
  readonly beginning: readonly Step[]
}

/**
 * The main routine: one call per task, laid out as the plan says, between the run's start and end. Tasks never raise;
 * should the workflow itself fail between them, the run still ends in words.
 */
export function lowerMain(options: MainOptions): Subworkflow {
  const { definition, graph, plan, beginning } = options
  return subworkflow(
    'main',
    ['args'],
    [
      ...beginning,
      ...startRun(definition, graph.tasks),
      step('lock_run', call('lock_run', { args: { run: expr('run') }, result: 'run' })),
      step(
        'run_tasks',
        tryBody(block(planSteps(plan, mainContext(options))), {
          except: except('e', [
            step(
              'workflow_failed',
              assign({ error: expr('text.substring(json.encode_to_string(e), 0, 1000)') }),
            ),
          ]),
        }),
      ),
      ...finish(definition, graph),
    ],
  )
}

function startRun({ id }: DagDefinition, tasks: readonly TaskDefinition[]): readonly Step[] {
  // First what every step is told.
  const context = map({
    dag: str(id),
    run_id: expr('args.run_id'),
    logical_date: expr('args.logical_date'),
    interval_start: expr('args.interval_start'),
    interval_end: expr('args.interval_end'),
    date: expr('text.substring(args.logical_date, 0, 10)'),
    now: expr('time.format(sys.now())'),
    execution: expr('sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")'),
    trace_id: expr('text.replace_all(uuid.generate(), "-", "")'),
  })
  const more = {
    context: expr(runContext),
    trigger: expr('default(map.get(args, "trigger"), "manual")'),
    params: expr('default(map.get(args, "params"), json.decode("{}"))'),
    // Tasks that an earlier execution of the run has settled, by task and map index.
    known: expr('default(map.get(args, "known"), json.decode("{}"))'),
    // Whether there was one.
    again: bool(false),
    policies: policiesValue(tasks),
    not_success: str(notSuccess),
    project: expr('sys.get_env("GOOGLE_CLOUD_PROJECT_ID")'),
    dataset_location: expr('sys.get_env("DAG_DATASET_LOCATION")'),
    bucket: expr('sys.get_env("DAG_BUCKET")'),
    prefix: expr(`${quoted(`runs/${id}/`)} + args.run_id + "/"`),
    // What a task's subworkflow knows of its try; the next one's comes from `settle`.
    try: int(1),
    error: nul,
    file: expr(tryFile(1)),
    place: expr(`"projects/" + run.project + "/locations/" + sys.get_env("GOOGLE_CLOUD_LOCATION")`),
    jobs: expr(`run.place + ${quoted(`/jobs/${jobPrefix(id)}`)}`),
    executions: expr('run.place + "/workflows/" + sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID") + "/executions/"'),
  }
  const fields = Object.entries(more).map(([key, value]) => [`run.${key}`, value] as const)
  const ids = tasks.map((task) => task.id)
  const results = chunks(ids, mostAssignments - fields.length - 3).map((part) =>
    part.map((task) => [resultName(task), expr('none')] as const),
  )
  const [first = [], ...rest] = results
  return [
    step(
      'start_run',
      assign([['error', nul], ['none', map({ state: str('none') })], ['run', context], ...fields, ...first]),
    ),
    ...rest.map((part, index) => step(`start_run_${index + 2}`, assign(part))),
  ]
}

/** What every step is told of its run, as JSON text without its first brace: a try's own part stands before it. */
const runContext = 'text.substring(json.encode_to_string(run), 1, 10000)'

function finish(definition: DagDefinition, graph: Graph): readonly Step[] {
  const read = readOutputs(graph)
  const states = graph.tasks.map((task) => [task.id, expr(withoutOutput(task, read))] as const)
  const steps = [
    step(
      'finish_run',
      call('finish_run', {
        args: {
          run: expr('run'),
          tasks: map(states),
          leaves: list(leavesOf(definition, graph).map(str)),
          error: expr('error'),
        },
        result: 'summary',
      }),
    ),
    ...runHookSteps(definition),
    step(
      'run_failed',
      switchOn([when('summary.state == "failed"', raises(expr('map.delete(summary, "state")')))]),
    ),
    step('run_succeeded', returns(expr('summary'))),
  ]
  // The tasks have ended: should the workflow fail between here and its last step, that is done once more.
  const again = retry({
    predicate: 'can_finish_again',
    maxRetries: int(1),
    initialDelay: int(1),
    maxDelay: int(1),
    multiplier: int(1),
  })
  return [step('end_run', tryBody(block(steps), { retry: again }))]
}

/** What the run tells of a task: outputs stay with the tasks, since a run may have many and its result is bounded. */
function withoutOutput(task: TaskDefinition, read: ReadonlySet<string>): string {
  const { id, kind } = task
  const result = resultName(id)
  if (isMapped(task)) return result
  if (kind === 'branch') return `map.delete(map.delete(${result}, "output"), "for")`
  if (kind === 'short_circuit') return `map.delete(${result}, "verdict")`
  return givesOutput.has(kind) && read.has(id) ? `map.delete(${result}, "output")` : result
}

/** The tasks whose failure fails the run. */
function leavesOf({ failRunOn }: DagDefinition, graph: Graph): readonly string[] {
  const ids = graph.tasks.map((task) => task.id)
  const tasks = new Map(graph.tasks.map((task) => [task.id, task]))
  const isIgnorable = (id: string) => tasks.get(id)?.teardown?.failsRun === false
  if (failRunOn === 'any') return ids.filter((id) => !isIgnorable(id))
  return effectiveLeaves({ ids, declared: graph.declared, isIgnorable })
}

interface MainContext {
  readonly upstream: ReadonlyMap<string, UpstreamText>
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly unique: (name: string) => string
  readonly repetitions: Repetitions
  readonly groups: ReadonlyMap<string, MappedGroup>
}

function mainContext({ graph, upstream, groups }: MainOptions): MainContext {
  const tasks = new Map(graph.tasks.map((task) => [task.id, task]))
  const unique = uniqueNames([...tasks.keys(), ...[...groups.keys()].map(unitName)])
  return { tasks, upstream, groups, unique, repetitions: repetitionsOf(graph) }
}

function planSteps(plan: Plan, context: MainContext): readonly Step[] {
  if (plan.kind === 'task') {
    const group = context.groups.get(plan.task)
    return group ? callGroup(group, context) : callTask(plan.task, context)
  }
  if (plan.kind === 'sequence') return plan.items.flatMap((item) => planSteps(item, context))
  const name = context.unique(parallelName(plan, context))
  const branches = plan.branches.map((item) =>
    branch(context.unique(`branch_${unitName(tasksIn(item)[0] ?? '')}`), planSteps(item, context)),
  )
  return [step(name, parallel(branches, { shared: resultsIn(plan, context) }))]
}

/** Variables that the tasks of a plan assign. */
function resultsIn(plan: Plan, { groups }: MainContext): readonly string[] {
  return tasksIn(plan).flatMap(
    (unit) => groups.get(unit)?.members.map(({ id }) => resultName(id)) ?? [resultName(unit)],
  )
}

/** The results of a group's tasks come as one map. */
function callGroup(group: MappedGroup, { unique }: MainContext): readonly Step[] {
  const name = unitName(group.path)
  const results = group.members.map(({ id }) => [resultName(id), expr(`${resultName(name)}.${id}`)] as const)
  return [
    step(
      name,
      call(mapRoutineName(group.path), {
        args: { run: expr('run'), ...groupArguments(group) },
        result: resultName(name),
      }),
    ),
    ...chunks(results, mostAssignments).map((part) => step(unique(`take_${name}`), assign(part))),
  ]
}

/** Side-by-side tasks of one group carry its name, others that of their first task. */
function parallelName(plan: Plan, { tasks }: MainContext): string {
  const ids = new Set(tasksIn(plan))
  const paths = [...ids].map((id) => tasks.get(id)?.group?.split('.') ?? [])
  const [first = []] = paths
  const shared = first.filter((part, depth) => paths.every((path) => path[depth] === part))
  return shared.at(-1) ?? `parallel_${unitName([...ids][0] ?? '')}`
}

function callTask(id: string, { tasks, upstream, unique, repetitions }: MainContext): readonly Step[] {
  const task = tasks.get(id)
  const routine = task && isMapped(task) ? mapRoutineName(id) : routineName(id)
  const text = upstream.get(id)
  const above = upstreamArgument(id, text?.parts ?? [], unique, text?.before)
  return [
    ...above.steps,
    step(
      id,
      call(routine, {
        args: {
          run: expr('run'),
          ...(above.value !== null && { upstream: above.value }),
          ...(task && taskArguments(task, (source) => repetitions.isRepeated(source, id))),
          ...(task && isMapped(task) && { known: expr(`map.get(args, ["instances", ${quoted(id)}])`) }),
        },
        result: resultName(id),
      }),
    ),
  ]
}
