import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Output } from './command.ts'
import { compileDags } from './compile-dags.ts'
import { freshDag, printWarningsOf } from './fresh-dags.ts'

const project = mkdtempSync(join(tmpdir(), 'warnings-'))
const dagFile = (options: string) => `import { dag } from 'dagwright'

export default dag('shop', { description: 'Sales' }, ({ empty }) => {
  const first = empty('first')
  empty('report', { after: first${options} })
})
`

function recorder() {
  const notes: string[] = []
  const output: Output = {
    out: () => undefined,
    note: (text) => void notes.push(text),
    bytes: () => undefined,
    draw: () => undefined,
    terminal: false,
    live: false,
    width: 80,
  }
  return { notes, output }
}

const compile = (output: Output, strict: boolean) =>
  compileDags({ project, dags: [], check: false, strict, accepted: [], out: undefined, output })

beforeAll(() => {
  mkdirSync(join(project, 'dags', 'shop'), { recursive: true })
  writeFileSync(join(project, 'dags', 'shop', 'dag.ts'), dagFile(", triggerRule: 'always'"))
})
afterAll(() => rmSync(project, { recursive: true }))

test('a warning is printed with its line by whatever compiles, and fails only what is strict', async () => {
  const { notes, output } = recorder()
  expect(await compile(output, false)).toBe(true)
  expect(notes).toHaveLength(1)
  expect(notes[0]).toContain('warning DAG312 task report has rule always, and comes after first')
  expect(notes[0]).toContain(
    "    5 |   empty('report', { after: first, triggerRule: 'always' })\n          ^^^^^",
  )
  await freshDag(project, 'shop', output)
  await printWarningsOf(project, ['shop', 'elsewhere'], output)
  expect(notes).toEqual([notes[0], notes[0], notes[0]])
  expect(await compile(output, true)).toBe(false)
  expect(notes.at(-1)).toBe('  1 warning, and --strict')
})

test('what deserves no warning passes when it is strict, too', async () => {
  writeFileSync(join(project, 'dags', 'shop', 'dag.ts'), dagFile(''))
  const { notes, output } = recorder()
  expect(await compile(output, true)).toBe(true)
  await printWarningsOf(project, ['shop'], output)
  expect(notes).toEqual([])
})

test('deploying does not need the sources to compile', async () => {
  writeFileSync(join(project, 'dags', 'shop', 'dag.ts'), dagFile(', retry: 3'))
  const { notes, output } = recorder()
  await printWarningsOf(project, ['shop'], output)
  expect(notes).toEqual(['dags/shop does not compile as it is now: what is deployed is generated/shop'])
})
