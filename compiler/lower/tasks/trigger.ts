import type { TriggerTask } from '../../../dsl/index.ts'
import { taskError } from '../helpers/values.ts'
import { keepResultStep } from '../keep-result.ts'
import {
  assign,
  block,
  bool,
  call,
  except,
  expr,
  goto,
  int,
  json,
  map,
  nul,
  otherwise,
  raises,
  returns,
  step,
  str,
  switchOn,
  tryBody,
  when,
  type Step,
  type Value,
} from '../language.ts'
import type { Work } from '../routine.ts'
import { lowerInput, quoted } from '../value.ts'

const executions = 'googleapis.workflowexecutions.v1.projects.locations.workflows.executions'

/** Seconds between two looks at the other run: growing as those of connectors. */
const firstLook = 2
const longestLook = 60

/** Names the other run by this one and the task, whatever other triggers there are; index 0 goes without saying. */
const childRun =
  '"triggered__" + run.dag + "__" + run.run_id + "__" + text.replace_all_regex(task, "/0$", "")'

/**
 * A trigger: an execution of the other DAG's workflow under a run id that every try and every rerun makes the same, so
 * that they meet the run that is there.
 */
export function triggerWork(task: TriggerTask): Work {
  const output = map({
    run_id: expr('child_run'),
    execution: expr('child_id'),
    state: task.wait ? str('success') : nul,
  })
  return {
    steps: [
      step(
        'name_run',
        assign([
          ['child_run', expr(`label_of(${childRun})`)],
          [
            'workflow',
            expr(
              `"projects/" + run.project + "/locations/" + sys.get_env("GOOGLE_CLOUD_LOCATION") + "/workflows/${task.dag}"`,
            ),
          ],
        ]),
      ),
      lookForRun,
      step(
        'meet_run',
        switchOn([
          when(
            'len(found) > 0 and found[0].state in ["ACTIVE", "QUEUED", "SUCCEEDED"]',
            assign({ child: expr('found[0]') }, { next: 'run_is_known' }),
          ),
        ]),
      ),
      step(
        'start_run',
        call(`${executions}.create`, {
          args: {
            parent: expr('workflow'),
            body: expr(`trigger_request(${quoted(task.dag)}, child_run, input, run, task)`),
            connector_params: map({ skip_polling: bool(true) }),
          },
          result: 'child',
        }),
      ),
      step('run_is_known', assign(knownRun(task))),
      ...(task.wait ? waitSteps(task) : []),
      step('take_output', assign({ output })),
      keepResultStep(expr('output')),
      step(
        'succeeded',
        returns(map({ state: str('success'), tries: expr('run.try'), output: expr('output') })),
      ),
    ],
    hasInput: true,
    idempotent: true,
  }
}

/** What `main` hands over to a trigger. */
export function triggerInput({ params, logicalDate }: TriggerTask): readonly (readonly [string, Value])[] {
  return [
    ['params', lowerInput(params, 'workflow')],
    ['logical_date', logicalDate === null ? expr('run.logical_date') : lowerInput(logicalDate, 'workflow')],
  ]
}

function knownRun({ wait, timeoutSeconds }: TriggerTask): Readonly<Record<string, Value>> {
  const id = { child_id: expr('text.split(child.name, "/")[7]') }
  if (!wait) return id
  return { ...id, deadline: expr(`sys.now() + ${timeoutSeconds}`), delay: int(firstLook) }
}

/** The newest execution of the run. A workflow that is not there has none, and starting it will say so. */
const lookForRun: Step = step(
  'look_for_run',
  tryBody(
    block([
      step(
        'list_executions',
        call(`${executions}.list`, {
          args: {
            parent: expr('workflow'),
            filter: expr('"labels.run_id=\\"" + child_run + "\\""'),
            pageSize: int(1),
          },
          result: 'list',
        }),
      ),
      step('take_list', assign({ found: expr('default(map.get(list, "executions"), [])') })),
    ]),
    {
      except: except('e', [
        step(
          'none_there',
          switchOn([
            when('map.get(e, "code") == 404', assign({ found: json([]) })),
            otherwise(raises(expr('e'))),
          ]),
        ),
      ]),
    },
  ),
)

function waitSteps(task: TriggerTask): readonly Step[] {
  const run = `"run " + child_run + " of DAG ${task.dag}`
  return [
    step(
      'read_run',
      call(`${executions}.get`, {
        args: { name: expr('child.name'), view: str('BASIC') },
        result: 'child',
      }),
    ),
    step(
      'has_it_ended',
      switchOn([
        when('child.state == "SUCCEEDED"', goto('take_output')),
        when(
          'not(child.state in ["ACTIVE", "QUEUED"])',
          raises(taskError('triggered_run_failed', `${run} failed: execution " + child_id`, true)),
        ),
        when(
          'sys.now() >= deadline',
          raises(
            taskError(
              'triggered_run_timeout',
              `${run} did not end within ${task.timeoutSeconds} seconds: execution " + child_id`,
              true,
            ),
          ),
        ),
      ]),
    ),
    step(
      'sleep_on',
      call('sys.sleep', { args: { seconds: expr('math.max(0, math.min(delay, deadline - sys.now()))') } }),
    ),
    step(
      'look_later',
      assign({ delay: expr(`math.min(${longestLook}, delay * 1.25)`) }, { next: 'read_run' }),
    ),
  ]
}
