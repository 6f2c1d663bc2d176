import {
  assign,
  call,
  except,
  expr,
  goto,
  int,
  list,
  map,
  otherwise,
  raises,
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
  type Value,
} from '../language.ts'

/**
 * One run per DAG and run id at a time: an object that is created only where there is none. A holder whose execution
 * has ended left it behind, and is replaced; the generation keeps two from replacing it at once.
 */
export const lockRun: Subworkflow = subworkflow(
  'lock_run',
  ['run'],
  [
    step('start_lock', assign({ expected: int(0), name: expr('text.url_encode(run.prefix + "lock.json")') })),
    step('create_lock', tryToCreate('created', [step('held', onCode(412, 'read_lock'))])),
    step('locked', returns(expr('created.generation'))),
    ...readHolder(),
    step(
      'holder_alive',
      switchOn([
        when('holder == run.execution', returns(expr('lock.generation'))),
        when('state in ["ACTIVE", "QUEUED"]', raises(lockedError('holder'))),
      ]),
    ),
    step('expect_holder', assign({ expected: expr('lock.generation') })),
    step('take_over', tryToCreate('taken', [step('lost', onCode(412, 'overtaken'))])),
    step('took_over', returns(expr('taken.generation'))),
    step('overtaken', raises(lockedError('"another execution"'))),
  ],
  'Makes sure that no other execution works on the same run; returns the generation of the lock.',
)

/** Deletes the lock, unless it is another's by now. Runs end as they end, whether this works or not. */
export const unlockStep: Step = step(
  'unlock',
  tryBody(
    call('googleapis.storage.v1.objects.delete', {
      args: {
        bucket: expr('run.bucket'),
        object: expr('text.url_encode(run.prefix + "lock.json")'),
        ifGenerationMatch: expr('lock'),
      },
    }),
    {
      except: except('e', [
        step(
          'lock_remains',
          call('sys.log', {
            args: {
              text: expr('"the lock of run " + run.run_id + " could not be deleted"'),
              severity: str('WARNING'),
            },
          }),
        ),
      ]),
    },
  ),
)

function tryToCreate(result: string, handler: readonly Step[]) {
  return tryBody(
    call('googleapis.storage.v1.objects.insert', {
      args: {
        bucket: expr('run.bucket'),
        name: expr('name'),
        uploadType: str('media'),
        ifGenerationMatch: expr('expected'),
        body: map({ execution: expr('run.execution') }),
      },
      result,
    }),
    { except: except('e', handler) },
  )
}

/** Goes on at `next` after an answer with this code; 412 is the one to a failed precondition. */
function onCode(code: number, next: string) {
  return switchOn([when(`map.get(e, "code") == ${code}`, goto(next)), otherwise(raises(expr('e')))])
}

/**
 * Who holds the lock. Content type and decoding of media are not documented for connectors, so text and bytes are
 * decoded here; the object is tiny.
 */
function readHolder(): readonly Step[] {
  return [
    step(
      'read_lock',
      tryBody(
        call('googleapis.storage.v1.objects.get', {
          args: { bucket: expr('run.bucket'), object: expr('name') },
          result: 'lock',
        }),
        // Given back in between: it can be created after all.
        { except: except('e', [step('lock_gone', onCode(404, 'create_lock'))]) },
      ),
    ),
    step(
      'read_content',
      call('googleapis.storage.v1.objects.get', {
        args: {
          bucket: expr('run.bucket'),
          object: expr('name'),
          generation: expr('lock.generation'),
          alt: str('media'),
        },
        result: 'content',
      }),
    ),
    step(
      'decode_content',
      switchOn([when('get_type(content) != "map"', assign({ content: expr('json.decode(content)') }))]),
    ),
    step(
      'name_holder',
      assign({ holder: expr('default(map.get(content, "execution"), "unknown")'), state: str('GONE') }),
    ),
    step(
      'look_for_holder',
      tryBody(
        block([
          step(
            'read_execution',
            call('googleapis.workflowexecutions.v1.projects.locations.workflows.executions.get', {
              args: { name: expr('run.executions + holder') },
              result: 'execution',
            }),
          ),
          step('read_state', assign({ state: expr('execution.state') })),
        ]),
        {
          except: except('e', [
            // The service forgets executions after some time; 404 means that this one has long ended.
            step('forgotten', switchOn([when('map.get(e, "code") != 404', raises(expr('e')))])),
          ]),
        },
      ),
    ),
  ]
}

function lockedError(holder: string): Value {
  return map({
    message: expr(`"run " + run.run_id + " is being executed by " + ${holder}`),
    tags: list([str('DagRunLocked')]),
    dag: expr('run.dag'),
    run_id: expr('run.run_id'),
  })
}
