import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDags, loadDags } from '../../compiler/index.ts'
import type { DagDefinition } from '../../dsl/index.ts'
import { failuresOf, simulate, type FailureCase, type SimulateOptions } from '../../testing/index.ts'
import type { InstanceEnd, State, TryEnd } from './description.ts'
import { describeDefinition, type Facts } from './from-definition.ts'
import { predict } from './oracle.ts'

/** Every way in which a task of a DAG of the project, or of an example, can go wrong; two of each DAG in the suite. */
const most = process.env['ORACLE_FAULTS'] === undefined ? 2 : Infinity
const root = join(import.meta.dirname, '../..')
const definitions = [
  ...(await loadDags(root, findDags(root))),
  ...(await loadDags(root, findDags(root, 'examples'), 'examples')),
]

/** What examples decide where every step gives the smallest output that its contract allows. */
const facts: Readonly<Record<string, Facts>> = {
  close_books: { passes: { any_invoice: false } },
  close_shops: { lengths: { shops: 0 } },
  full_or_delta: { chosen: { mode: ['full'] } },
  load_pages: { lengths: { fetch_page: 0 } },
  load_partners: { lengths: { load_partner: 0 } },
  only_when_new: { passes: { any_new: false } },
}

/** What a run needs for all to go well, where the smallest of everything is too little. */
const options: Readonly<Record<string, SimulateOptions>> = {
  publish_prices: { params: { region: 'north' } },
}

const ends: Readonly<Record<FailureCase['how'], TryEnd>> = {
  fail: 'fail',
  skip: 'skip',
  time_out: 'timeout',
  reject: 'skip',
}

describe.each(definitions.map((definition) => [definition.id, definition] as const))(
  'DAG %s',
  (id, definition) => {
    const cases = failuresOf(definition)

    it(
      `ends as the oracle says whatever goes wrong, ${cases.length} cases`,
      { timeout: 600_000 },
      async () => {
        const wrong: string[] = []
        for (const one of cases.slice(0, most)) {
          const expected = predict(
            describeDefinition(definition, { ...facts[id], script: scriptOf(definition, one) }),
          )
          const run = await simulate(definition, {
            ...options[id],
            ...one.circumstances,
            mocks: { ...options[id]?.mocks, ...one.circumstances.mocks },
            projectDir: root,
          })
          const states = Object.fromEntries(
            Object.entries(expected.tasks).map(([task, all]) => [task, wholeOf(all)]),
          )
          if (run.state !== expected.run || !isSame(run.states, states))
            wrong.push(
              `${one.task} ${one.how}: ${JSON.stringify([run.state, run.states, expected.run, states])}`,
            )
        }
        expect(wrong).toEqual([])
      },
    )
  },
)

function scriptOf({ tasks }: DagDefinition, { task, how }: FailureCase): NonNullable<Facts['script']> {
  const definition = tasks.find(({ id }) => id === task)
  // What becomes of these is for their options to say.
  const isSkipped =
    (definition?.kind === 'approval' &&
      (how === 'reject' ? definition.onReject : definition.onTimeout) === 'skip') ||
    (definition?.kind === 'sensor' && how === 'time_out' && definition.softFail)
  const isFinal = definition?.kind === 'approval' || (definition?.kind === 'sensor' && how === 'time_out')
  const end = isSkipped ? 'skip' : isFinal ? 'give_up' : ends[how]
  return { [task]: [{ ends: end, seconds: 10 }] }
}

const order: readonly State[] = ['failed', 'upstream_failed', 'success', 'skipped']

function wholeOf(all: readonly InstanceEnd[]): State {
  return order.find((state) => all.some((end) => end.state === state)) ?? 'skipped'
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(other)
  return keys.length === Object.keys(one).length && keys.every((key) => one[key] === other[key])
}
