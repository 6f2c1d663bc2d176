import {
  assign,
  bool,
  call,
  except,
  expr,
  goto,
  int,
  list,
  map,
  nul,
  otherwise,
  raises,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Step,
  type Subworkflow,
  type Value,
} from '../language.ts'

const lockedError: Value = map({
  message: expr('"run " + run.run_id + " is being executed by " + holder'),
  tags: list([str('DagRunLocked')]),
  dag: expr('run.dag'),
  run_id: expr('run.run_id'),
})

/**
 * One run per DAG and run id at a time: an object that names the execution that holds it. It stays when the run has ended:
 * an execution that is no longer active holds nothing, and its object tells the next one that the run was executed before,
 * `run.again`. The generation keeps two from replacing it at once.
 */
export const lockRun: Subworkflow = subworkflow(
  'lock_run',
  ['run'],
  [
    step('start_lock', assign({ expected: int(0), name: expr('text.url_encode(run.prefix + "lock.json")') })),
    step(
      'write_lock',
      tryBody(
        call('googleapis.storage.v1.objects.insert', {
          args: {
            bucket: expr('run.bucket'),
            name: expr('name'),
            uploadType: str('media'),
            ifGenerationMatch: expr('expected'),
            body: map({ execution: expr('run.execution') }),
          },
        }),
        {
          except: except('e', [
            step(
              'held',
              switchOn([
                // The one to a failed precondition.
                when('map.get(e, "code") != 412', raises(expr('e'))),
                when('expected != 0', assign({ holder: str('another execution') }, { next: 'is_locked' })),
                otherwise(goto('read_lock')),
              ]),
            ),
          ]),
        },
      ),
    ),
    step('locked', returns(expr('run'))),
    ...readHolder(),
    step(
      'holder_alive',
      switchOn([
        when('holder == run.execution', goto('locked')),
        when('not(map.get(execution, "state") in ["ACTIVE", "QUEUED"])', goto('write_lock')),
      ]),
    ),
    step('is_locked', raises(lockedError)),
  ],
  'Makes sure that no other execution works on the same run, and tells whether one has.',
)

/**
 * Who holds the lock. Content type and decoding of media are not documented for connectors, so text and bytes are
 * decoded here; the object is tiny.
 */
function readHolder(): readonly Step[] {
  return [
    step(
      'read_lock',
      call('googleapis.storage.v1.objects.get', {
        args: { bucket: expr('run.bucket'), object: expr('name') },
        result: 'lock',
      }),
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
      assign({
        holder: expr('default(map.get(content, "execution"), "unknown")'),
        execution: nul,
        expected: expr('lock.generation'),
        'run.again': bool(true),
      }),
    ),
    step(
      'look_for_holder',
      tryBody(
        call('googleapis.workflowexecutions.v1.projects.locations.workflows.executions.get', {
          args: { name: expr('run.executions + holder') },
          result: 'execution',
        }),
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
