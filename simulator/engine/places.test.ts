import { expect, test } from 'vitest'
import { parseWorkflow, validateWorkflow } from '../../language/index.ts'
import { writeJson } from './json.ts'
import { runSource } from './testing/host.ts'

/** Bodies of every kind; each leaves `done` behind, in `x` or by leaving. */
const KINDS: Readonly<Record<string, string>> = {
  assign: '{"assign": [{"x": "done"}]}',
  call: '{"call": "give", "result": "x"}',
  for: '{"for": {"value": "v1", "in": [1], "steps": [{"k": {"assign": [{"x": "done"}]}}]}}',
  parallel:
    '{"parallel": {"shared": ["x"], "for": {"value": "v2", "in": [1], "steps": [{"k": {"assign": [{"x": "done"}]}}]}}}',
  raise: '{"raise": "done"}',
  return: '{"return": "done"}',
  steps: '{"steps": [{"k": {"assign": [{"x": "done"}]}}]}',
  switch: '{"switch": [{"condition": true, "assign": [{"x": "done"}]}]}',
  try: '{"try": {"raise": "done"}, "except": {"as": "e1", "steps": [{"k": {"assign": [{"x": "${e1}"}]}}]}}',
}

/** Every place that has a list of steps, given the list. */
const PLACES: Readonly<Record<string, (steps: string) => string>> = {
  steps: (steps) => `{"steps": ${steps}}`,
  for: (steps) => `{"for": {"value": "w", "in": [1], "steps": ${steps}}}`,
  branch: (steps) =>
    `{"parallel": {"shared": ["x"], "branches": [{"b1": {"steps": ${steps}}}, {"b2": {"steps": [{"n": {"assign": [{"y": 1}]}}]}}]}}`,
  iteration: (steps) =>
    `{"parallel": {"shared": ["x"], "for": {"value": "w", "in": [1], "steps": ${steps}}}}`,
  try: (steps) =>
    `{"try": {"steps": ${steps}}, "except": {"as": "e2", "steps": [{"n": {"raise": "\${e2}"}}]}}`,
  except: (steps) => `{"try": {"raise": "first"}, "except": {"as": "e2", "steps": ${steps}}}`,
  switch: (steps) => `{"switch": [{"condition": true, "steps": ${steps}}]}`,
}

const failed = '${e.branches[0].error.payload}'
const source = (hole: string) => `{
  "main": {"steps": [
    {"init": {"assign": [{"x": "untouched"}]}},
    {"guard": {
      "try": {"steps": [{"there": ${hole}}]},
      "except": {"as": "e", "steps": [
        {"which": {"switch": [{"condition": "\${get_type(e) == \\"map\\"}", "return": "${failed}"}]}},
        {"text": {"return": "\${e}"}}
      ]}
    }},
    {"end_of_main": {"return": "\${x}"}}
  ]},
  "give": {"steps": [{"g": {"return": "done"}}]}
}`

const pairs = Object.keys(PLACES).flatMap((place) => Object.keys(KINDS).map((kind) => ({ place, kind })))

test.each(pairs)('$kind in the steps of $place', async ({ place, kind }) => {
  const text = source(PLACES[place]!(`[{"hole": ${KINDS[kind]!}}]`))
  const { document, problems } = parseWorkflow(text)
  expect(problems).toEqual([])
  const refused = validateWorkflow(document!, text.length).map(({ message }) => message)
  if (kind === 'return' && (place === 'branch' || place === 'iteration')) {
    expect(refused).toEqual([
      "failed to build: error in step hole: 'return' cannot leave a parallel branch or iteration",
    ])
    return
  }
  expect(refused).toEqual([])
  const { outcome } = await runSource(text)
  expect(outcome.state === 'SUCCEEDED' ? writeJson(outcome.result) : outcome.error).toBe('"done"')
})

const flat = (hole: string) =>
  `[{"init": {"assign": [{"x": "untouched"}]}}, {"hole": ${hole}}, {"last": {"return": "\${x}"}}]`

test.each(Object.keys(KINDS))('%s in the steps of main and of a subworkflow', async (kind) => {
  const give = '"give": {"steps": [{"g": {"return": "done"}}]}'
  const steps = flat(KINDS[kind]!)
  const called = '[{"c": {"call": "sub", "result": "r"}}, {"d": {"return": "${r}"}}]'
  for (const text of [
    `{"main": {"steps": ${steps}}, ${give}}`,
    `{"main": {"steps": ${called}}, "sub": {"steps": ${steps}}, ${give}}`,
  ]) {
    const { outcome } = await runSource(text)
    expect(outcome.state).toBe(kind === 'raise' ? 'FAILED' : 'SUCCEEDED')
    expect(outcome.state === 'SUCCEEDED' ? writeJson(outcome.result) : outcome.error.payload).toBe('"done"')
  }
})
