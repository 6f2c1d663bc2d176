import {
  assign,
  block,
  bool,
  call,
  except,
  expr,
  goto,
  int,
  map,
  nul,
  param,
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
import { ledgerObject, tryFile, writtenObject } from '../run-objects.ts'
import { aboutTask } from './log.ts'
import { settled } from './settled.ts'

/** The state of a task whose next try has yet to begin, as Airflow calls it. It never leaves the task's subworkflow. */
const upForRetry = 'up_for_retry'

/** What a run holds of an error's message, to its end and several times over; the log has a longer one. */
export const mostMessageBytes = 1000

/** base64 has four characters for every three bytes; `len` alone counts characters. */
const isLong = `len(base64.encode(text.encode(described.message))) > ${Math.ceil(mostMessageBytes / 3) * 4}`

/** A character takes up to four bytes. */
const keptMessage = `text.substring(described.message, 0, if(${isLong}, ${mostMessageBytes / 4}, ${mostMessageBytes}))`

/**
 * A try failed: whatever is said to have gone wrong, a container may have left a result, and that counts. That its object
 * cannot be read says no more than that it is not there.
 */
const readWritten: readonly Step[] = [
  step(
    'read_written',
    tryBody(
      call('googleapis.storage.v1.objects.get', {
        args: { bucket: expr('run.bucket'), object: expr('written') },
        result: 'object',
      }),
      { except: except('e', [step('nothing_written', goto('describe'))]) },
    ),
  ),
  step(
    'left_result',
    switchOn([when('map.get(object, ["metadata", "result"]) != null', goto('late_result'))]),
  ),
]

const describe: Step = step(
  'describe',
  assign([
    ['severity', str('ERROR')],
    [
      'described',
      expr('describe_error(error, default(map.get(object, "metadata"), object), idempotent, container)'),
    ],
    ['described.message', expr('text.substring(string(described.message), 0, 1000)')],
    [
      'line',
      map({
        state: str('failed'),
        try: expr('try'),
        code: expr('described.code'),
        message: expr('described.message'),
      }),
    ],
    [
      'ended',
      map({
        state: str('failed'),
        tries: expr('try'),
        error: map({ code: expr('text.substring(described.code, 0, 100)'), message: expr(keptMessage) }),
      }),
    ],
    ['policy', expr('default(map.get(run.policies, about.task), run.policies.default)')],
  ]),
)

const decideRetry: Step = step(
  'decide_retry',
  switchOn([
    when(
      'described.retryable and try <= policy.retries',
      assign([
        ['severity', str('WARNING')],
        [
          'ended',
          map({
            try: expr('try + 1'),
            error: nul,
            file: expr(tryFile('(try + 1)')),
            delay: expr('retry_delay(run, task, try, policy)'),
          }),
        ],
        ['line.state', str(upForRetry)],
        ['line.retry_in_seconds', expr('ended.delay')],
      ]),
    ),
  ]),
)

const logEnd: Step = step(
  'log_end',
  call('sys.log', { args: { severity: expr('severity'), json: expr('map.merge(about, line)') } }),
)

/** What an earlier execution of the run left in the ledger counts no more. */
const forget: Step = step(
  'forget',
  switchOn([
    when(
      'run.again and "state" in ended',
      block([
        step(
          'delete_result',
          tryBody(
            call('googleapis.storage.v1.objects.delete', {
              args: { bucket: expr('run.bucket'), object: expr('ledger') },
            }),
            {
              retry: retryPolicy('http.default_retry'),
              except: except('e', [step('nothing_kept', goto('settled'))]),
            },
          ),
        ),
      ]),
    ),
  ]),
)

/** The tasks above keep it from running: an exclusion means a skip, and a failure wins over the skips of others. */
const notRun: Step = step(
  'not_run',
  assign(
    [
      [
        'state',
        expr(
          'default(state, if(text.match_regex(upstream, "[=:](upstream_)?failed") and not(text.match_regex(upstream, "[=:]excluded")), "upstream_failed", "skipped"))',
        ),
      ],
      ['ended', map({ state: expr('state'), tries: int(0), reason: expr('upstream') })],
      ['line', map({ state: expr('state'), reason: expr('upstream') })],
    ],
    { next: 'log_end' },
  ),
)

/** What an earlier execution of the run made of it; the result of a success stands in the ledger. */
const known: readonly Step[] = [
  step(
    'known',
    switchOn([
      when(
        'known != "success"',
        returns(
          map({
            state: expr('known'),
            tries: int(0),
            reason: str('settled before this execution'),
          }),
        ),
      ),
    ]),
  ),
  step(
    'read_ledger',
    call('googleapis.storage.v1.objects.get', {
      args: { bucket: expr('run.bucket'), object: expr('ledger') },
      result: 'object',
    }),
  ),
  step(
    'restore_metadata',
    switchOn([
      when(
        'map.get(object, ["metadata", "result"]) != null',
        assign({ ended: expr('json.decode(object.metadata.result)') }, { next: 'restored' }),
      ),
    ]),
  ),
  // Content type and decoding of media are not documented for connectors, so text and bytes are decoded here.
  step(
    'read_content',
    call('googleapis.storage.v1.objects.get', {
      args: { bucket: expr('run.bucket'), object: expr('ledger'), alt: str('media') },
      result: 'ended',
    }),
  ),
  step(
    'decode_content',
    switchOn([when('get_type(ended) != "map"', assign({ ended: expr('json.decode(ended)') }))]),
  ),
  step('restored', assign({ 'ended.restored': bool(true), 'ended.tries': int(0) })),
  step('with_output', returns(expr('if(output, ended, map.delete(ended, "output"))'))),
]

/** The job is said to have failed after its container wrote that it did its work. */
const lateResult: readonly Step[] = [
  step(
    'late_result',
    tryBody(
      call('googleapis.storage.v1.objects.copy', {
        args: {
          sourceBucket: expr('run.bucket'),
          sourceObject: expr('written'),
          destinationBucket: expr('run.bucket'),
          destinationObject: expr('ledger'),
        },
      }),
      // A rerun will run the task again: no more than that is lost.
      { except: except('e', [step('not_kept', goto('late_end'))]) },
    ),
  ),
  step('late_end', assign({ ended: expr('json.decode(object.metadata.result)') }, { next: 'with_output' })),
]

/**
 * What becomes of a task other than that it did its work: without an error it does not run, because of the tasks above it
 * or because an earlier execution of the run has settled it; with one its try failed, and it ends or is tried again.
 */
export const settle: Subworkflow = subworkflow(
  'settle',
  [
    param('run'),
    param('task'),
    param('upstream', str('')),
    param('state', nul),
    param('known', str('')),
    param('idempotent', bool(true)),
    param('container', bool(true)),
    param('output', bool(false)),
  ],
  settled('judge', [
    step(
      'start',
      assign([
        ['try', expr('run.try')],
        ['error', expr('run.error')],
        // What is given the run need not hold the error once more.
        ['run.error', nul],
        ['about', aboutTask],
        ['severity', str('INFO')],
        ['written', expr(writtenObject)],
        ['ledger', expr(ledgerObject)],
        ['object', nul],
      ]),
    ),
    step(
      'look',
      switchOn([
        when('error == null and known != ""', goto('known')),
        when(
          'error == null and task in run.known',
          assign({ known: expr('run.known[task]') }, { next: 'known' }),
        ),
        when('error == null', goto('not_run')),
        when('not(container)', goto('describe')),
      ]),
    ),
    ...readWritten,
    describe,
    decideRetry,
    logEnd,
    forget,
    step('settled', returns(expr('ended'))),
    notRun,
    ...known,
    ...lateResult,
  ]),
  'What becomes of a task that does not run, or of which a try failed.',
)
