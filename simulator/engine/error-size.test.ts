import { describe, expect, test } from 'vitest'
import { writeJson } from './index.ts'
import { sizeOf } from './size.ts'
import { runSource } from './testing/host.ts'
import { isMap } from './value.ts'
import type { RuntimeValue } from './value.ts'

/* What errors hold is bounded, whatever the workflow raises and however often. */

/** Six characters of JSON for each of these. */
const control = (length: number) => '\u0001'.repeat(length)

async function failed(source: string, argument: RuntimeValue) {
  const { outcome, entries } = await runSource(source, { argument })
  if (outcome.state !== 'FAILED') throw new Error(`the execution ended ${outcome.state}`)
  return { ...outcome.error, entries }
}

describe('an uncaught error', () => {
  const source = 'main: {params: [args], steps: [{s: {raise: "${args}"}}]}'

  test('of text shows all of it in the payload and its beginning in the context', async () => {
    const { payload, context } = await failed(source, control(250_000))
    expect(JSON.parse(payload)).toBe(control(250_000))
    expect(context).toMatch(/^RuntimeError: "(\\u0001)+…?/)
    expect(context).toMatch(/…\nin step "s", routine "main", line: 1$/)
    expect(context.length).toBeLessThan(9_000)
  })

  test('of the largest value that can be raised', async () => {
    const { payload, context } = await failed(source, [control(250_000), control(250_000)])
    expect(payload.length).toBeGreaterThan(3_000_000)
    expect(payload.length).toBeLessThan(4 * 1024 * 1024)
    expect(context.length).toBeLessThan(9_000)
  })

  test('of a short message is in the context as it is', async () => {
    const message = `${'x'.repeat(8_000)}\u{1f600}`
    const { context } = await failed(
      source,
      new Map<string, RuntimeValue>([
        ['message', message],
        ['tags', ['T']],
      ]),
    )
    expect(context).toBe(`${message}\nin step "s", routine "main", line: 1`)
  })

  test('in steps of long names', async () => {
    const name = 'n'.repeat(6_000)
    const steps = `[{${name}: {call: sub, args: {depth: '\${depth + 1}'}}}]`
    const long = `main: {steps: [{s: {call: sub, args: {depth: 0}}}]}\nsub: {params: [depth], steps: ${steps}}`
    const { context, stackTrace } = await failed(long, null)
    expect(stackTrace.length).toBeGreaterThan(10)
    expect(context.length).toBeLessThan(17_000)
  })
})

describe('an UnhandledBranchError', () => {
  const caught = (raised: string) => `
main:
  params: [args]
  steps:
    - all:
        try:
          parallel:
            for:
              value: n
              range: [1, 100]
              steps: [{s: {raise: "${raised}"}}]
        except:
          as: e
          steps: [{give: {return: "\${e}"}}]
`
  async function branchesOf(raised: string, argument: RuntimeValue) {
    const { outcome } = await runSource(caught(raised), { argument })
    if (outcome.state !== 'SUCCEEDED' || !isMap(outcome.result)) throw new Error(writeJson(outcome.state))
    const branches = outcome.result.get('branches') as readonly ReadonlyMap<string, RuntimeValue>[]
    return { size: sizeOf(outcome.result), truncated: outcome.result.get('truncated'), branches }
  }

  test('of small errors holds all of them', async () => {
    const { branches, truncated } = await branchesOf('${args + n}', 'x')
    expect(branches.map((branch) => branch.get('id'))).toEqual(
      Array.from({ length: 100 }, (_, n) => String(n)),
    )
    expect(truncated).toBe(false)
  })

  test('of large errors holds as many as half of the memory takes, some without their payload', async () => {
    const { branches, truncated, size } = await branchesOf('${args + n}', control(100_000))
    const payloads = branches.filter((branch) =>
      (branch.get('error') as ReadonlyMap<string, RuntimeValue>).has('payload'),
    )
    expect(payloads).toHaveLength(2)
    expect(branches.length).toBeGreaterThan(2)
    expect(branches.length).toBeLessThan(100)
    expect(truncated).toBe(true)
    expect(size).toBeLessThan(257 * 1024)
    const ids = branches.map((branch) => Number(branch.get('id')))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  })

  test('of errors that are larger than it may be still names the branches', async () => {
    const { branches, truncated } = await branchesOf('${[args, args]}', 'x'.repeat(200_000))
    expect(branches.length).toBeGreaterThan(20)
    expect(truncated).toBe(true)
  })
})

test('errors raised again and again take a bounded part of the history', async () => {
  const source = `
main:
  params: [args]
  steps:
    - each:
        for:
          value: n
          range: [1, 600]
          steps:
            - attempt:
                try: {raise: "\${args + n}"}
                except: {as: e, steps: [{go_on: {next: continue}}]}
    - last: {raise: "\${args + args}"}
`
  const { entries, payload } = await failed(source, 'x'.repeat(20_000))
  const shown = entries.filter((entry) => entry.exception !== undefined)
  const sizes = shown.map((entry) => sizeOf(entry.exception!))
  expect(shown.length).toBeGreaterThan(1_200)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(17 * 1024 * 1024)
  expect(shown[0]?.exception).toBe(`${'x'.repeat(20_000)}1`)
  const last = shown.at(-1)?.exception ?? null
  expect(isMap(last) && last.get('message')).toMatch(/^x{256}… \(40008 bytes\)$/)
  expect(JSON.parse(payload)).toBe('x'.repeat(40_000))
})
