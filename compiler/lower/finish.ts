import {
  assign,
  call,
  except,
  expr,
  forEach,
  list,
  loopIn,
  map,
  retryPolicy,
  returns,
  step,
  block,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Step,
  type Subworkflow,
} from './language.ts'
import { unlockStep } from './lock.ts'

const nameFailed: Step = step(
  'name_failed',
  forEach(
    loopIn('id', expr('keys(tasks)'), [
      step(
        'look_at_task',
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
    ]),
  ),
)

/** The run's end: its state from those of its tasks, the ledger's `state.json`, and the lock given back. */
export const finishRun: Subworkflow = subworkflow(
  'finish_run',
  ['run', 'lock', 'tasks'],
  [
    step('start_summary', assign({ failed: list([]), names: str('') })),
    nameFailed,
    step('conclude', assign({ state: expr('if(len(failed) == 0, "success", "failed")') })),
    step(
      'write_state',
      tryBody(
        block([
          step(
            'insert_state',
            call('googleapis.storage.v1.objects.insert', {
              args: {
                bucket: expr('run.bucket'),
                name: expr('text.url_encode(run.prefix + "state.json")'),
                uploadType: str('media'),
                body: map({ execution: expr('run.execution'), state: expr('state'), tasks: expr('tasks') }),
              },
            }),
          ),
        ]),
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
    unlockStep,
    step('summary', returns(map({ state: expr('state'), failed: expr('failed'), names: expr('names') }))),
  ],
  'Writes how the run ended and gives the lock back.',
)
