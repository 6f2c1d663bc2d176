import { on, same } from './feature.ts'

export const steps = [
  ...on('reference/syntax/variables#assign-step', [
    same('`assign`: items in order, a name twice', 'engine/steps: items run in order, a name may come twice'),
    same('Targets with keys and indexes', 'engine/steps: targets with indexes, keys and both'),
    same('Computed keys', 'engine/steps: computed keys', { evidence: 'samples' }),
  ]),
  ...on('reference/syntax/calls', [
    same('`call` with `args`, `result` and `next`', 'language/steps: call, all keys'),
    same(
      'Functions by `call`, arguments by name or in a list',
      'engine/stdlib: a plain function by call, named and in a list',
    ),
    same('A connector gives the body', 'engine/steps: a connector gives the body itself'),
  ]),
  ...on('reference/syntax/conditions', [
    same(
      '`switch`: the first true condition',
      'engine/steps: the first true condition wins, the rest is not evaluated',
    ),
    same(
      '`switch`: `next` without a match',
      "engine/steps: without a match the switch's own next is followed",
    ),
    same('`switch`: on to the next step without either', 'engine/steps: without a match the next step runs'),
    same('`switch`: every kind of body', 'language/steps: switch, every kind of entry', {
      evidence: 'schema',
    }),
  ]),
  ...on('reference/syntax/iteration', [
    same('`for … in` with value and index', 'engine/steps: values and indexes'),
    same('`for … range`, both ends included', 'engine/steps: both ends belong to a range'),
    same('A range of doubles', 'engine/steps: a range of doubles'),
    same(
      '`break` and `continue`',
      'engine/steps: break and continue bind to the innermost loop, through switch, steps and try',
    ),
    same('Nested loops need names of their own', 'language/symbols: loops inside one another may not'),
    same(
      'A loop writes the variables around it',
      'engine/steps: a variable from before the loop keeps what the loop assigned',
    ),
  ]),
  ...on('reference/syntax/parallel-steps', [
    same(
      'Branches run at the same time',
      'engine/parallel: branches take time together, not one after the other',
    ),
    same('Iterations run at the same time', 'engine/parallel: results are collected in order by element'),
    same('Shared variables', 'engine/parallel: branches write shared variables'),
    same('A write that is not shared is refused', 'language/parallel: writing a variable that is not shared'),
    same('One assignment is atomic', 'engine/parallel: a single assignment does not lose updates'),
    same('Two assignments are not', 'engine/parallel: two assignments do', { evidence: 'samples' }),
    same(
      '`continueAll`: siblings run to their end',
      'engine/parallel: siblings of a failed branch run to their end',
    ),
    same('`concurrency_limit`', 'engine/parallel: concurrency_limit'),
    same(
      'Reading a sibling’s variable is refused',
      "language/parallel: a sibling's variable is unknown, and unknown after the step",
      { evidence: 'samples' },
    ),
  ]),
  ...on('reference/syntax/catching-errors', [
    same('`try` and `except`', 'engine/errors: after except the next step runs, and the error is local'),
    same('`try` with several steps', 'language/steps: try, all forms'),
    same('Jumps out of `except`', 'engine/errors: a jump from except to a step around it', {
      evidence: 'samples',
    }),
    same('A loop as the direct body of `try` is refused', 'language/jumps: a loop as the body of a try'),
  ]),
  ...on('reference/syntax/retrying', [
    same(
      '`max_retries` leaves the first attempt out',
      'engine/errors: max_retries leaves the first attempt out',
    ),
    same('Predicates of one’s own', "engine/errors: a predicate of one's own"),
    same('Values may be expressions', 'engine/errors: values of a retry may be expressions'),
    same('Growing delays up to a limit', 'engine/errors: hours of retries'),
    same('The predefined policies', 'engine/errors: the default policy retries a 503 five times'),
    same('500 is not retried by them', 'engine/errors: the default policy does not retry a 500'),
    same(
      'A retry runs the whole body again',
      'engine/errors: a retry runs the whole body again and keeps what was assigned',
      { evidence: 'tools' },
    ),
  ]),
  ...on('reference/syntax/raising-errors', [
    same('`raise`: what is raised is caught as it is', 'engine/errors: what is raised is caught as it is'),
    same('Raising again', 'engine/errors: raising again keeps the error'),
  ]),
  ...on('reference/syntax/completing', [
    same('`return` with lists and maps', 'engine/steps: a list with expressions inside'),
    same('Bytes cannot be returned', 'engine/steps: bytes cannot be returned'),
  ]),
  ...on('reference/syntax/jumps', [
    same('Backward jumps', 'engine/steps: a loop by hand'),
    same('Jumps out of nested blocks', 'engine/steps: from a nested block outward'),
    same('`end`', 'engine/steps: end finishes without a value'),
    same('`end`, `break` and `continue` are no names of steps', 'language/jumps: reserved names'),
  ]),
  ...on('reference/syntax/steps', [
    same('Nested steps', 'language/structure: nested steps'),
    same('Nested steps with a `next`', 'engine/steps: steps carry a next of their own'),
    same('A step of nothing but `next`', 'engine/steps: a body of nothing but next', { evidence: 'tools' }),
  ]),
]
