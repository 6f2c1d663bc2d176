import {
  expr,
  nul,
  param,
  str,
  subworkflow,
  switchOn,
  when,
  otherwise,
  step,
  block,
  tryBody,
  except,
  assign,
  type Subworkflow,
} from '../language.ts'
import { logStep } from './log.ts'

/** Lines about every task, for DAGs with `logTasks: 'all'`; failures, retries and skips are logged in any case. */
export const logTask: Subworkflow = subworkflow(
  'log_task',
  [param('run'), param('task'), param('result', nul)],
  [
    step(
      'line',
      tryBody(
        block([
          step(
            'which',
            switchOn([
              when(
                'result == null',
                block([logStep('log_start', 'INFO', { try: expr('run.try'), message: str('started') })]),
              ),
              otherwise(
                block([
                  logStep('log_end', 'INFO', {
                    try: expr('run.try'),
                    state: expr('result.state'),
                    message: expr('"ended: " + result.state'),
                  }),
                ]),
              ),
            ]),
          ),
        ]),
        // A line that is lost is no reason to lose a task.
        { except: except('e', [step('unlogged', assign({ line: nul }))]) },
      ),
    ),
  ],
  'Logs that a try of a task starts, or how the task ended.',
)
