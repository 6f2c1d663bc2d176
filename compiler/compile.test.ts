import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { manifestSchema } from '../artifact/manifest.ts'
import { sourceMapSchema } from '../artifact/map.ts'
import { compileDag, driftOf, findDags, loadDags, percentUsed, type CompiledDag } from './index.ts'

const root = resolve(import.meta.dirname, '..')
const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

describe('a project', () => {
  it('is found by its folders', () => {
    const project = projectOf({ shop: 'chain', films: 'diamond' })
    mkdirSync(join(project, 'dags/notes'))
    expect(findDags(project)).toEqual(['films', 'shop'])
    expect(findDags(join(project, 'nowhere'))).toEqual([])
  })

  it('compiles to the same bytes wherever it lies, whoever asks', async () => {
    const here = await compileIn(projectOf({ chain: 'chain' }), 'chain')
    const folder = process.cwd()
    process.chdir(tmpdir())
    try {
      const there = await compileIn(projectOf({ chain: 'chain' }, 'another place'), 'chain')
      expect(there.files).toEqual(here.files)
    } finally {
      process.chdir(folder)
    }
  })

  it('names no machine, project, region or bucket', async () => {
    const { files } = await compileIn(projectOf({ models: 'models' }), 'models')
    const text = Object.values(files).join('\n')
    expect(text).not.toContain(tmpdir())
    expect(text).not.toMatch(/local-project|us-central1|gs:\/\/[a-z]/)
  })

  it('sees a changed contract in the same process', async () => {
    const project = projectOf({ chain: 'chain' })
    const before = await compileIn(project, 'chain')
    const file = join(project, 'contracts.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace("timeout: '10m'", "timeout: '11m'"))
    const after = await compileIn(project, 'chain')
    expect(before.manifest.jobs[0]?.timeoutSeconds).toBe(600)
    expect(after.manifest.jobs[0]?.timeoutSeconds).toBe(660)
  })
})

describe('a compiled DAG', () => {
  it('has a manifest and a source map of the agreed formats', async () => {
    const { files, manifest } = await compileIn(projectOf({ models: 'models' }), 'models')
    expect(manifestSchema.parse(JSON.parse(files['manifest.json'] ?? ''))).toEqual(manifest)
    const map = sourceMapSchema.parse(JSON.parse(files['map.json'] ?? ''))
    const lines = readFileSync(join(root, 'test/golden/models/dag.ts'), 'utf8').split('\n')
    for (const task of map.tasks) {
      expect(task.at.file).toBe('dags/models/dag.ts')
      expect(lines[task.at.line - 1]).toMatch(/task\(|build\(/)
    }
    expect(lines[map.at.line - 1]).toContain('dag(')
  })

  it.each([
    ['a note', '// a\n// b\n'],
    ['a licence and a page of words', '// licence\n/**\n * c\n */\n'],
    ['a shebang', '#!/usr/bin/env node\n// b\n'],
  ])('has its lines below %s at the head of the file', async (_, head) => {
    const project = projectOf({ chain: 'chain' })
    const file = join(project, 'dags/chain/dag.ts')
    const source = `${head}import { dag } from 'dagwright'
export default dag('chain', { description: 'One' }, ({ empty }) => {
  empty('only')
})
`
    writeFileSync(file, source)
    const { files } = await compileIn(project, 'chain')
    const map = sourceMapSchema.parse(JSON.parse(files['map.json'] ?? ''))
    const lines = source.split('\n')
    expect(map.tasks.map(({ at }) => lines[at.line - 1])).toEqual(["  empty('only')"])
    expect(lines[map.at.line - 1]).toContain("dag('chain'")
  })

  it('lists tables, procedures, jobs and roles', async () => {
    const { manifest, files } = await compileIn(projectOf({ models: 'models' }), 'models')
    expect(manifest.tables.map((table) => `${table.layer} ${table.dataset}.${table.table}`)).toEqual([
      'raw shop_raw.sale',
      'tru shop_tru.sale',
      'tru shop_tru.rejected',
      'dmt shop_dmt.rejected',
      'ops models_ops.load',
    ])
    expect(manifest.routines.map((routine) => routine.file)).toEqual([
      'sql/shop_tru.sale.sql',
      'sql/shop_dmt.rejected.sql',
    ])
    for (const { routine, file } of manifest.routines) expect(files[file]).toContain(`.${routine}\``)
    expect(manifest.jobs.map((job) => job.id)).toEqual(['models--fetch-rows', 'models--load-rows'])
    expect(manifest.tasks.map((task) => [task.id, task.upstream, task.reads, task.writes])).toEqual([
      ['fetch_rows', [], [], []],
      ['load_rows', ['fetch_rows'], [], ['shop_raw.sale']],
      ['tru_sale', ['load_rows'], ['shop_raw.sale'], ['shop_tru.sale', 'shop_tru.rejected']],
      ['count_rejected', ['tru_sale'], ['shop_tru.rejected'], ['shop_dmt.rejected']],
    ])
    expect(manifest.identities.map(({ name }) => name)).toEqual(['workflow', 'steps', 'scheduler'])
  })

  it('names a procedure anew when its SQL changes, and only then', async () => {
    const project = projectOf({ models: 'models' })
    const before = await compileIn(project, 'models')
    const file = join(project, 'dags/models/dag.ts')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('Refused sales by rule', 'Refused sales, by rule'))
    expect((await compileIn(project, 'models')).manifest.routines).toEqual(before.manifest.routines)
    writeFileSync(file, text.replace('GROUP BY rule', 'GROUP BY rule HAVING TRUE'))
    const after = await compileIn(project, 'models')
    expect(after.manifest.routines[0]).toEqual(before.manifest.routines[0])
    expect(after.manifest.routines[1]?.routine).not.toBe(before.manifest.routines[1]?.routine)
  })

  it('says how much room it leaves', async () => {
    const { headRoom, source, files } = await compileIn(projectOf({ wide: 'wide' }), 'wide')
    const used = Object.fromEntries(headRoom.map((room) => [room.limit.name, room.used]))
    expect(used).toMatchObject({
      'source size': Buffer.byteLength(source),
      'branches per parallel step': 6,
      'nesting of parallel steps': 2,
    })
    for (const room of headRoom) expect(percentUsed(room)).toBeLessThanOrEqual(100)
    expect(files['README.md']).toContain('flowchart LR')
  })
})

describe('driftOf', () => {
  it('finds none in what was just written, nor in moved lines', async () => {
    const project = projectOf({ chain: 'chain' })
    const compiled = await compileIn(project, 'chain')
    const folder = written(project, compiled)
    expect(driftOf(compiled, folder)).toEqual([])
    const file = join(project, 'dags/chain/dag.ts')
    writeFileSync(file, `\n\n${readFileSync(file, 'utf8')}`)
    const moved = await compileIn(project, 'chain')
    expect(moved.files['map.json']).not.toBe(compiled.files['map.json'])
    expect(driftOf(moved, folder)).toEqual([])
  })

  it('names what is missing, changed and left over', async () => {
    const project = projectOf({ chain: 'chain' })
    const compiled = await compileIn(project, 'chain')
    const folder = written(project, compiled)
    rmSync(join(folder, 'README.md'))
    writeFileSync(join(folder, 'old.sql'), '')
    writeFileSync(join(folder, 'workflow.yaml'), compiled.source.replace('start_run', 'begin_run'))
    const line = compiled.source.split('\n').findIndex((each) => each.includes('start_run')) + 1
    expect(driftOf(compiled, folder)).toEqual([
      { file: 'workflow.yaml', kind: 'changed', line },
      { file: 'README.md', kind: 'missing' },
      { file: 'old.sql', kind: 'surplus' },
    ])
    expect(driftOf(compiled, join(project, 'nowhere'))).toHaveLength(Object.keys(compiled.files).length)
  })
})

/** A project outside of the repository whose DAGs are goldens. */
function projectOf(dags: Readonly<Record<string, string>>, name = 'project'): string {
  const folder = mkdtempSync(join(tmpdir(), 'dagwright-'))
  folders.push(folder)
  const project = join(folder, name)
  for (const [dag, golden] of Object.entries(dags)) {
    mkdirSync(join(project, 'dags', dag), { recursive: true })
    const text = readFileSync(join(root, 'test/golden', golden, 'dag.ts'), 'utf8')
    writeFileSync(
      join(project, 'dags', dag, 'dag.ts'),
      text.replace("'../contracts.ts'", "'../../contracts.ts'"),
    )
  }
  const contracts = readFileSync(join(root, 'test/golden/contracts.ts'), 'utf8')
  writeFileSync(
    join(project, 'contracts.ts'),
    contracts
      .replace("import { z } from 'zod'", "import { z } from 'dagwright'")
      .replace("'../../steps/runtime/contract.ts'", "'dagwright/steps'"),
  )
  return project
}

async function compileIn(projectDir: string, name: string): Promise<CompiledDag> {
  const [definition] = await loadDags(projectDir, [name])
  if (!definition) throw new Error(`no DAG ${name}`)
  return compileDag(definition, { projectDir })
}

function written(project: string, compiled: CompiledDag): string {
  const folder = join(project, 'generated', compiled.id)
  for (const [file, content] of Object.entries(compiled.files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), content)
  }
  return folder
}
