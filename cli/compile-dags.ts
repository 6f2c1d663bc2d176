import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { compileDag, loadDags } from '../compiler/index.ts'
import type { Output } from './command.ts'

export interface CompileRequest {
  readonly project: string
  /** Empty for all under `dags/`. */
  readonly dags: readonly string[]
  /** Write nothing, report drift. */
  readonly check: boolean
  /** @default `generated` in the project */
  readonly out: string | undefined
  readonly output: Output
}

/** Compiles DAGs to files. Resolves with whether `generated/` is now, or with `check` was, what they compile to. */
export async function compileDags(request: CompileRequest): Promise<boolean> {
  const { project, output } = request
  const out = request.out === undefined ? join(project, 'generated') : resolve(request.out)
  let clean = true
  for (const definition of await loadDags(project, request.dags)) {
    const compiled = compileDag(definition, { projectDir: project })
    const folder = join(out, compiled.id)
    if (request.check) {
      const drift = await driftOf(folder, compiled.files)
      for (const line of drift) output.note(`${compiled.id}: ${line}`)
      clean &&= drift.length === 0
    } else {
      await writeFiles(folder, compiled.files)
    }
    output.out(`${compiled.id}: ${compiled.manifest.tasks.length} tasks`)
  }
  if (!clean) output.note('  fix: run `dag compile` and commit generated/')
  return clean
}

type Files = Readonly<Record<string, string>>

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const stale of (await filesUnder(folder)).filter((name) => !(name in files)))
    await rm(join(folder, stale))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

async function driftOf(folder: string, files: Files): Promise<string[]> {
  const extra = (await filesUnder(folder))
    .filter((name) => !(name in files))
    .map((name) => `${name} is left over`)
  const changed = await Promise.all(
    Object.entries(files).map(async ([name, content]) => {
      const there = await readFile(join(folder, name), 'utf8').catch(() => null)
      return there === null ? [`${name} is missing`] : there === content ? [] : [`${name} differs`]
    }),
  )
  return [...changed.flat(), ...extra]
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
}
