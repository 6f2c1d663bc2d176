import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileDag, findDags, loadDags } from '../../compiler/index.ts'
import { parseWorkflow, printWorkflow, validateWorkflow } from '../../language/index.ts'

/** `UPDATE_GOLDEN=1 npx vitest run test/golden` writes the expected files anew; a CI cannot be told to. */
const update = process.env['UPDATE_GOLDEN'] === '1'
if (update && process.env['CI']) throw new Error('UPDATE_GOLDEN is refused where CI is set')

const projectDir = dirname(import.meta.dirname)
const names = findDags(projectDir, 'golden')
const compiled = new Map(
  (await loadDags(projectDir, names, 'golden')).map((definition) => [
    definition.id,
    compileDag(definition, { projectDir }),
  ]),
)

describe.each(names)('golden %s', (name) => {
  const folder = join(import.meta.dirname, name)

  it('compiles to the files that stand beside it', () => {
    const { files } = compile(name)
    if (update) writeGolden(folder, files)
    expect(Object.keys(goldenFiles(folder)).toSorted()).toEqual(Object.keys(files).toSorted())
    for (const [file, content] of Object.entries(files)) {
      expect(readFileSync(join(folder, file), 'utf8'), `${name}/${file}`).toBe(content)
    }
  })

  it('can be deployed, and reads back as the same workflow', () => {
    const { source } = compile(name)
    const { document, problems } = parseWorkflow(source, `${name}/workflow.yaml`)
    expect(problems).toEqual([])
    if (document === null) throw new Error('no document')
    const readings = {
      duplicateSteps: 'refused',
      parallelNesting: 'refused',
      branchExit: 'refused',
    } as const
    expect(validateWorkflow(document, Buffer.byteLength(source), readings)).toEqual([])
    expect(withoutComments(printWorkflow(document))).toBe(withoutComments(source))
  })
})

it('finds its DAGs', () => {
  expect(names.length).toBeGreaterThanOrEqual(8)
})

function compile(name: string) {
  const found = compiled.get(name)
  if (!found) throw new Error(`no DAG ${name}`)
  return found
}

function goldenFiles(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file !== 'dag.ts' && statSync(join(folder, file)).isFile(),
  )
  return Object.fromEntries(names.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

function writeGolden(folder: string, files: Readonly<Record<string, string>>): void {
  for (const stale of Object.keys(goldenFiles(folder))) rmSync(join(folder, stale))
  for (const [file, content] of Object.entries(files)) {
    const path = join(folder, file)
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

function withoutComments(source: string): string {
  return source
    .split('\n')
    .filter((line) => !line.startsWith('#') && line !== '')
    .join('\n')
}
