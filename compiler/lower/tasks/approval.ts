import type { ApprovalTask } from '../../../dsl/index.ts'
import { logStep } from '../helpers/log.ts'
import { taskError } from '../helpers/values.ts'
import { keepResultStep } from '../keep-result.ts'
import {
  assign,
  block,
  call,
  except,
  expr,
  goto,
  int,
  map,
  otherwise,
  param,
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
import { deadlineParam, startWaiting } from '../waiting.ts'

/** Answers that say nothing use steps too: after so many of them somebody means harm, or does not know the form. */
export const mostAnswers = 100

/** An approval: a callback's address, kept where `dag approve` finds it, and the answer that comes there. */
export function approvalWork(task: ApprovalTask): Work {
  return {
    steps: [
      startWaiting(task.timeoutSeconds),
      step(
        'open_callback',
        call('events.create_callback_endpoint', {
          args: { http_callback_method: str('POST') },
          result: 'callback',
        }),
      ),
      step(
        'write_approval',
        call('googleapis.storage.v1.objects.insert', {
          args: {
            bucket: expr('run.bucket'),
            name: expr('text.url_encode(run.prefix + task + "/approval.json")'),
            uploadType: str('media'),
            body: map({
              execution: expr('run.execution'),
              url: expr('callback.url'),
              task: expr('task'),
              message: str(task.message),
            }),
          },
        }),
      ),
      logStep('log_waiting', 'INFO', {
        state: str('waiting'),
        message: str(task.message),
        url: expr('callback.url'),
      }),
      awaitAnswer,
      step(
        'read_answer',
        assign([
          ['answers', expr('answers + 1')],
          ['body', expr('map.get(answer, ["http_request", "body"])')],
          ['approved', expr('map.get(body, "approved")')],
        ]),
      ),
      step(
        'is_it_an_answer',
        switchOn([
          when('get_type(approved) == "boolean"', goto('decision')),
          when(
            `answers >= ${mostAnswers}`,
            raises(
              taskError(
                'approval_unreadable',
                str(`${mostAnswers} answers came without {"approved": true or false}`),
              ),
            ),
          ),
          otherwise(goto('await_answer')),
        ]),
      ),
      step(
        'decision',
        assign({
          output: map({
            approved: expr('approved'),
            by: expr('text_or_null(map.get(body, "by"), 320)'),
            note: expr('text_or_null(map.get(body, "note"), 500)'),
          }),
        }),
      ),
      step('is_rejected', switchOn([when('not(approved)', goto('rejected'))])),
      keepResultStep(expr('output')),
      step(
        'succeeded',
        returns(map({ state: str('success'), tries: expr('run.try'), output: expr('output') })),
      ),
      ...endSteps('rejected', task.onReject, {
        code: 'rejected',
        reason: expr(
          '"rejected by " + default(output.by, "somebody") + if(output.note == null, "", ": " + default(output.note, ""))',
        ),
      }),
      ...endSteps('too_late', task.onTimeout, {
        code: 'approval_timeout',
        reason: str(`nobody decided within ${task.timeoutSeconds} seconds`),
      }),
    ],
    hasInput: false,
    idempotent: true,
    params: [deadlineParam, param('answers', int(0))],
  }
}

/** https://cloud.google.com/workflows/docs/reference/stdlib/events/await_callback */
const awaitAnswer: Step = step(
  'await_answer',
  tryBody(
    block([
      step(
        'await_callback',
        call('events.await_callback', {
          args: { callback: expr('callback'), timeout: expr('math.max(0, deadline - sys.now())') },
          result: 'answer',
        }),
      ),
    ]),
    {
      except: except('e', [
        step(
          'nobody_answered',
          switchOn([
            when('"TimeoutError" in default(map.get(e, "tags"), [])', goto('too_late')),
            otherwise(raises(expr('e'))),
          ]),
        ),
      ]),
    },
  ),
)

function endSteps(
  name: string,
  end: 'skip' | 'fail',
  { code, reason }: { readonly code: string; readonly reason: Value },
): readonly Step[] {
  if (end === 'fail') return [step(name, raises(taskError(code, reason)))]
  return [
    step(name, assign({ reason })),
    logStep(`log_${name}`, 'INFO', { state: str('skipped'), reason: expr('reason') }),
    step(
      `skipped_${name}`,
      returns(map({ state: str('skipped'), tries: expr('run.try'), reason: expr('reason') })),
    ),
  ]
}
