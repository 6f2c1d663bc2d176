import { expect, it } from 'vitest'
import type { TaskDefinition } from '../../dsl/index.ts'
import { triggerRules, type TriggerRule } from '../../dsl/trigger-rule.ts'
import { virtualClock } from '../../simulator/clock.ts'
import { compileWorkflow, parseJson, writeJson } from '../../simulator/engine/index.ts'
import { decide, type FinalState } from '../semantics/index.ts'
import { notSuccess, ruleTests } from './decide.ts'
import { describeError } from './helpers/describe-error.ts'
import { retryDelay } from './helpers/retry-delay.ts'
import { settle } from './helpers/settle.ts'
import {
  assign,
  bool,
  call,
  document,
  expr,
  forEach,
  int,
  list,
  loopIn,
  map,
  nul,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  when,
} from './language.ts'

/** The compiled test of a text, run by the engine, decides as `decide` does over what the text says. */

const states: readonly FinalState[] = ['success', 'failed', 'upstream_failed', 'skipped']

/** Every set of up to so many states, the empty one first: how many tasks are in each state does not matter. */
function sets(most: number, from: readonly FinalState[] = states): readonly (readonly FinalState[])[] {
  if (most === 0) return [[]]
  return [
    [],
    ...from.flatMap((state, index) => sets(most - 1, from.slice(index + 1)).map((rest) => [state, ...rest])),
  ]
}

interface Shape {
  readonly hasTasks: boolean
  readonly hasSetups: boolean
  /** Of a teardown alone. */
  readonly hasLists: boolean
  readonly mayBeExcluded: boolean
  readonly mayBeEmpty: boolean
}

const shapes = [true, false].flatMap((hasTasks) =>
  [true, false].flatMap((hasSetups) =>
    [true, false].flatMap((mayBeExcluded) =>
      [true, false].flatMap((mayBeEmpty) =>
        [true, false].map((hasLists): Shape => ({
          hasTasks,
          hasSetups,
          hasLists,
          mayBeExcluded,
          mayBeEmpty,
        })),
      ),
    ),
  ),
)

interface Case {
  readonly text: string
  readonly expected: string
}

function casesOf(
  rule: TriggerRule | 'teardown',
  { hasTasks, hasSetups, hasLists, mayBeExcluded, mayBeEmpty }: Shape,
): readonly Case[] {
  const some = (wanted: boolean, most: number) =>
    wanted ? sets(most).filter((list) => list.length > 0) : [[]]
  return some(hasTasks, 4).flatMap((above) =>
    some(hasSetups, 2).flatMap((setups) =>
      some(hasLists, 2).flatMap((lists) =>
        (mayBeExcluded ? [false, true] : [false]).flatMap((excluded) =>
          (mayBeEmpty ? [false, true] : [false]).map((empty) => {
            const decision = decide(rule, { excluded, states: above, setups, lists })
            return {
              text: [
                ...above.map((state, index) => `task_${index}=${state}`),
                ...setups.map((state, index) => `open_${index}:${state}`),
                ...lists.map((state, index) => `list_${index}<${state}`),
                ...(mayBeExcluded ? [`gate:${excluded ? 'excluded' : 'open'}`] : []),
                ...(empty ? ['days:empty'] : []),
              ].join(', '),
              expected: empty && decision === 'run' ? 'skipped' : decision,
            }
          }),
        ),
      ),
    ),
  )
}

/** Decisions over texts by what a task's routine tests, and `settle` after it. */
async function decisions(task: TaskDefinition, shape: Shape, texts: readonly string[]): Promise<unknown> {
  const tests = ruleTests(task, { parts: [], before: [], sources: [], ...shape })
  const run = map({
    known: map({}),
    again: bool(false),
    try: int(1),
    error: nul,
    not_success: str(notSuccess),
    ...Object.fromEntries(
      ['dag', 'run_id', 'prefix', 'execution', 'file'].map((field) => [field, str(field)]),
    ),
  })
  const args = {
    run: expr('run'),
    task: str('t/0'),
    upstream: expr('upstream'),
    ...(tests.state !== null && { state: expr(tests.state) }),
  }
  const decideOne = [
    step(
      'decide',
      switchOn([when(tests.notRun === null ? 'true' : `not(${tests.notRun})`, returns(str('run')))]),
    ),
    step('settle', call('settle', { args, result: 'ended' })),
    step('ended', returns(expr('ended.state'))),
  ]
  const each = step('collect', assign([['all', expr('list.concat(all, decide_one(run, upstream))')]]))
  const workflow = document([
    subworkflow(
      'main',
      ['texts'],
      [
        step(
          'start',
          assign([
            ['all', list([])],
            ['run', run],
          ]),
        ),
        step('each', forEach(loopIn('upstream', expr('texts'), [each]))),
        step('end', returns(expr('all'))),
      ],
    ),
    subworkflow('decide_one', ['run', 'upstream'], decideOne),
    settle,
    describeError,
    retryDelay,
  ])
  const { outcome } = compileWorkflow(workflow).execute({
    host: {
      clock: virtualClock(0),
      connector: () => null,
      http: () => Promise.reject(new Error('no call was expected')),
      environment: () => null,
      log: () => undefined,
    },
    argument: parseJson(JSON.stringify(texts)),
    history: { started: () => undefined, ended: () => undefined },
  })
  const ended = await outcome
  if (ended.state !== 'SUCCEEDED') throw new Error(JSON.stringify(ended.error))
  return JSON.parse(writeJson(ended.result))
}

it.each([...triggerRules, 'teardown'] as const)('rule %s', async (rule) => {
  const seen = new Set<string>()
  for (const shape of shapes) {
    // Teardowns are not excluded, and have setups; a task without anything above decides nothing. Tasks of mapped groups
    // may not have rule always.
    if (rule === 'always' && shape.mayBeEmpty) continue
    if (rule === 'teardown' && (shape.mayBeExcluded || !shape.hasSetups)) continue
    if (rule !== 'teardown' && shape.hasLists) continue
    const task = {
      triggerRule: rule === 'teardown' ? 'all_success' : rule,
      teardown: rule === 'teardown' ? { setups: ['open_0'], failsRun: false } : null,
    } as unknown as TaskDefinition
    const cases = casesOf(rule, shape)
    const found = await decisions(
      task,
      shape,
      cases.map(({ text }) => text),
    )
    const wanted = cases.map(({ expected }) => expected)
    const different = cases.filter((_, index) => (found as readonly string[])[index] !== wanted[index])
    expect(
      different,
      JSON.stringify(ruleTests(task, { parts: [], before: [], sources: [], ...shape })),
    ).toEqual([])
    expect(found).toHaveLength(wanted.length)
    for (const { expected } of cases) seen.add(expected)
  }
  expect(seen).toContain('run')
  expect(seen.size).toBeGreaterThan(1)
})
