import {
  assign,
  bool,
  call,
  except,
  expr,
  forEach,
  goto,
  list,
  loopIn,
  map,
  retryPolicy,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Step,
  type Subworkflow,
} from '../language.ts'

/** What of the run argument a rerun has to give again. */
const runFacts = ['trigger', 'logical_date', 'interval_start', 'interval_end', 'params']

/**
 * Names the tasks that failed, and those that the workflow itself lost: their end is unknown, which counts as a failure.
 * Airflow's rule: the run failed where a leaf did.
 */
const lookAtTasks: Step = step(
  'look_at_tasks',
  forEach(
    loopIn('id', expr('keys(tasks)'), [
      step(
        'is_lost',
        switchOn([
          when(
            'tasks[id].state == "none"',
            assign({ 'tasks[id]': map({ state: str('failed'), error: expr('lost') }) }),
          ),
        ]),
      ),
      step(
        'has_failed',
        switchOn([
          when(
            'tasks[id].state == "failed"',
            assign([
              ['failed', expr('list.concat(failed, id)')],
              ['names', expr('names + if(names == "", "", ", ") + id')],
            ]),
          ),
        ]),
      ),
      step(
        'fails_run',
        switchOn([
          when(
            'id in leaves and tasks[id].state in ["failed", "upstream_failed"]',
            assign({ state: str('failed') }),
          ),
        ]),
      ),
    ]),
  ),
)

/** Only the teardowns of a cancelled run have run: it stays cancelled, unless one of them failed it. */
const lookForCancelled: Step = step(
  'look_for_cancelled',
  switchOn([
    when(
      'state == "success" and text.match_regex(json.encode_to_string(tasks), "\\"state\\": ?\\"cancelled\\"")',
      assign({ state: str('cancelled') }),
    ),
  ]),
)

const told = {
  dag: expr('run.dag'),
  run_id: expr('run.run_id'),
  state: expr('state'),
  tasks: expr('tasks'),
}

/**
 * The run's end: its state from those of its tasks, and the ledger's `state.json`. Returns what the run returns, or with the
 * state `failed` what it raises.
 */
export const finishRun: Subworkflow = subworkflow(
  'finish_run',
  ['run', 'tasks', 'leaves', 'error'],
  [
    step(
      'start_summary',
      assign({
        failed: list([]),
        names: str(''),
        state: expr('if(error == null, "success", "failed")'),
        lost: map({
          code: str('workflow_error'),
          // Every lost task has it, so that it is short.
          message: expr('text.substring(default(error, "the workflow lost the task"), 0, 250)'),
        }),
      }),
    ),
    // One look at the text of all results spares a run that went well the loops.
    step(
      'all_well',
      switchOn([
        when(
          'not(text.match_regex(json.encode_to_string(tasks), "\\"state\\": ?\\"(failed|upstream_failed|cancelled|none)\\""))',
          goto('write_state'),
        ),
      ]),
    ),
    lookAtTasks,
    lookForCancelled,
    step(
      'write_state',
      tryBody(
        call('googleapis.storage.v1.objects.insert', {
          args: {
            bucket: expr('run.bucket'),
            name: expr('text.url_encode(run.prefix + "state.json")'),
            uploadType: str('media'),
            body: map({
              execution: expr('run.execution'),
              state: expr('state'),
              tasks: expr('tasks'),
              // Executions are forgotten after some time; a rerun then begins with this.
              run: map(runFacts.map((field) => [field, expr(`run.${field}`)] as const)),
            }),
          },
        }),
        {
          retry: retryPolicy('http.default_retry'),
          except: except('e', [
            step(
              'state_unwritten',
              call('sys.log', {
                args: {
                  text: expr('"state.json of run " + run.run_id + " could not be written"'),
                  severity: str('WARNING'),
                },
              }),
            ),
          ]),
        },
      ),
    ),
    step(
      'failed',
      switchOn([
        when(
          'state == "failed"',
          returns(
            map({
              message: expr('"DAG " + run.dag + " failed: " + names'),
              tags: list([str('DagRunFailed')]),
              ...told,
              failed: expr('failed'),
            }),
          ),
        ),
      ]),
    ),
    step('succeeded', returns(map(told))),
  ],
  'Writes how the run ended.',
)

/** Whatever kept a run from ending in words may have passed; that it failed is an end in words. */
export const canFinishAgain: Subworkflow = subworkflow(
  'can_finish_again',
  ['error'],
  [
    step('look', switchOn([when('get_type(error) != "map"', returns(bool(true)))])),
    step('by_tags', returns(expr('not("DagRunFailed" in default(map.get(error, "tags"), []))'))),
  ],
  'Whether the end of a run may be tried once more.',
)
