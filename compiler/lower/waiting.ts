import {
  call,
  expr,
  goto,
  param,
  assign,
  step,
  switchOn,
  when,
  type Parameter,
  type Step,
} from './language.ts'

/** Waiting whose time runs on over tries: the moment at which it is over, once it has begun. */
export const deadlineParam: Parameter = param('deadline', { kind: 'null' })

/** Begins to wait; a further try goes on with the first one's deadline. */
export function startWaiting(seconds: number): Step {
  return step('start_waiting', assign({ deadline: expr(`default(deadline, sys.now() + ${seconds})`) }))
}

interface Look {
  /** An expression that is true once what is waited for is there. */
  readonly there: string
  /** Where to go on then. */
  readonly found: string
  /** Where to go on when the time is over. */
  readonly late: string
  /** Where to look again. */
  readonly again: string
  readonly seconds: number
}

/** After a look: go on, give up, or sleep until the next one; the last look is made when the time is over. */
export function lookAgain({ there, found, late, again, seconds }: Look): readonly Step[] {
  return [
    step('is_it_there', switchOn([when(there, goto(found)), when('sys.now() >= deadline', goto(late))])),
    step(
      'sleep_on',
      call('sys.sleep', {
        args: { seconds: expr(`math.max(0, math.min(${seconds}, deadline - sys.now()))`) },
        next: again,
      }),
    ),
  ]
}
