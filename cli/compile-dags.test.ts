import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Output } from './command.ts'
import { compileDags } from './compile-dags.ts'

const project = mkdtempSync(join(tmpdir(), 'dag-compile-'))
const output: Output = {
  out: () => {},
  note: () => {},
  bytes: () => {},
  terminal: false,
  draw: () => {},
  live: false,
  width: 100,
}

beforeAll(() => {
  mkdirSync(join(project, 'dags/shop'), { recursive: true })
  const text =
    "import { dag } from 'dagwright'\nexport default dag('shop', { description: 'Shop' }, ({ empty }) => empty('a'))\n"
  writeFileSync(join(project, 'dags/shop/dag.ts'), text)
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

function configure(prices: string): void {
  const text = `import { defineConfig } from 'dagwright/config'\nexport default defineConfig({ prices: ${prices} })\n`
  writeFileSync(join(project, 'dag.config.ts'), text)
}

const compile = (check: boolean) =>
  compileDags({ project, dags: [], check, strict: false, accepted: [], out: undefined, output })

test("the project's prices stand in the README, and a change of them is drift", async () => {
  await compile(false)
  configure("{ of: 'our contract', internalSteps: { usd: 0.02 } }")
  expect(await compile(true)).toBe(false)
  await compile(false)
  expect(readFileSync(join(project, 'generated/shop/README.md'), 'utf8')).toMatch(
    /× 0\.02 \/ 1,000[\s\S]*Workflows, internal steps are those of `dag\.config\.ts`: our contract\./,
  )
  expect(await compile(true)).toBe(true)
})

test('prices that are none are refused with the key', async () => {
  configure("{ of: 'our contract', internalSteps: { usd: -1 } }")
  await expect(compile(false)).rejects.toMatchObject({
    code: 'DAG801',
    place: 'dag.config.ts',
    message: expect.stringMatching(/^prices\.internalSteps\.usd: /),
  })
})
