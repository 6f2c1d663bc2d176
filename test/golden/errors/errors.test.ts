import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileDag, findDags, loadDags } from '../../../compiler/index.ts'
import { codes, DagProblems, pageOf, renderProblems } from '../../../dsl/errors/index.ts'
import type { ErrorCode } from '../../../dsl/errors/codes.ts'

/**
 * One DAG file per code, with what the author would read beside it: code, `file:line`, way out.
 * `UPDATE_GOLDEN=1` writes the expected texts and the pages under docs/errors/ anew.
 */
const update = process.env['UPDATE_GOLDEN'] === '1'
if (update && process.env['CI']) throw new Error('UPDATE_GOLDEN is refused where CI is set')

const root = resolve(import.meta.dirname, '../../..')
const folder = import.meta.dirname
const names = findDags(join(root, 'test'), 'golden/errors')
const seen = new Set<string>()

describe.each(names)('mistake %s', (name) => {
  it('is told with its code, its line and a way out', async () => {
    const problems = await problemsOf(name)
    const text = `${renderProblems(problems, join(root, 'test'), { source })}\n`
    const file = join(folder, name, 'expected.txt')
    if (update) writeFileSync(file, text)
    expect(text).toBe(readFileSync(file, 'utf8'))
    if (name.startsWith('dag')) expect(problems.map((problem) => problem.code)).toContain(name.toUpperCase())
    for (const problem of problems) {
      seen.add(problem.code)
      expect(problem.at, problem.message).not.toBeNull()
      expect(problem.hint).not.toBe('')
    }
  })
})

describe('the registry', () => {
  const all = Object.keys(codes) as ErrorCode[]

  it('has a case for every code', () => {
    // DAG506 has no file: there is no such DAG. DAG417 needs what was compiled before: test/models/schema-change.test.ts. Codes of simulations have cases in
    // testing/mistakes.test.ts, and those of commands and deployments are counted below.
    const elsewhere = /^DAG[678]/
    expect(all.filter((code) => !seen.has(code) && !elsewhere.test(code))).toEqual(['DAG417', 'DAG506'])
  })

  it('has the codes that commands and deployments throw, and no others', () => {
    const thrown = new Set(
      ['cli', 'deploy'].flatMap((room) =>
        readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'user-error.ts')
          .flatMap((file) => readFileSync(join(root, room, file), 'utf8').match(/'DAG[68]\d\d'/g) ?? [])
          .map((text) => text.slice(1, -1)),
      ),
    )
    expect([...thrown].toSorted()).toEqual(all.filter((code) => /^DAG[68]/.test(code)).toSorted())
  })

  it('knows what DAG506 is', async () => {
    const error = await loadDags(join(root, 'test'), ['dag11'], 'golden/errors').catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(DagProblems)
    expect(renderProblems((error as DagProblems).problems, root)).toBe(
      'DAG506 there is no DAG "dag11"\n  fix: did you mean "dag101"? (dag explain DAG506)',
    )
  })

  it.each(all)('%s has a page that says what the registry says', (code) => {
    const file = join(root, 'docs/errors', `${code}.md`)
    if (update) writeFileSync(file, pageOf(code))
    expect(existsSync(file)).toBe(true)
    expect(readFileSync(file, 'utf8')).toBe(pageOf(code))
  })

  it('has no page without a code', () => {
    const pages = readdirSync(join(root, 'docs/errors')).filter((file) => file !== 'README.md')
    expect(pages.toSorted()).toEqual(all.map((code) => `${code}.md`).toSorted())
  })
})

const source = (file: string) => readFileSync(file, 'utf8')

async function problemsOf(name: string) {
  try {
    for (const definition of await loadDags(join(root, 'test'), [name], 'golden/errors')) {
      const { warnings } = compileDag(definition, { projectDir: join(root, 'test') })
      if (warnings.length > 0) return warnings
    }
  } catch (error) {
    if (error instanceof DagProblems) return error.problems
    throw error
  }
  throw new Error(`${name} compiles without a warning`)
}
