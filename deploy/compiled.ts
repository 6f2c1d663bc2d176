import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dashboardSchema, type Dashboard } from '../artifact/dashboard.ts'
import { manifestSchema, type Manifest } from '../artifact/manifest.ts'
import { sourceMapSchema, type SourceMap } from '../artifact/map.ts'
import { UserError } from './user-error.ts'

/** A compiled DAG: `generated/<dag>/`, from disk or fresh from the compiler. */
export interface Compiled {
  readonly manifest: Manifest
  readonly sourceMap: SourceMap | null
  readonly dashboard: Dashboard | null
  /** Source of the workflow. */
  readonly source: string
  /** Files beside the manifest, by path relative to it. */
  readonly files: Readonly<Record<string, string>>
}

/** Reads a compiled DAG from its folder. */
export async function readCompiled(folder: string): Promise<Compiled> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => {
    throw new UserError('DAG803', 'no manifest.json here', { place: folder, hint: 'run `dag compile` first' })
  })
  const manifest = parseManifest(folder, text)
  const names = [manifest.workflow.file, ...manifest.routines.map((routine) => routine.file)]
  const required = await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(folder, name), 'utf8').catch(() => {
        throw new UserError('DAG803', `the manifest names ${name}, which is missing`, {
          place: folder,
          hint: 'run `dag compile` again',
        })
      })
      return [name, content] as const
    }),
  )
  const optional = await Promise.all(
    ['map.json', 'dashboard.json', 'lineage.json'].map(async (name) => {
      const content = await readFile(join(folder, name), 'utf8').catch(() => null)
      return content === null ? [] : [[name, content] as const]
    }),
  )
  try {
    return compiledFrom({ 'manifest.json': text, ...Object.fromEntries([...required, ...optional.flat()]) })
  } catch (error) {
    throw unreadable(folder, error)
  }
}

function parseManifest(folder: string, text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (error) {
    throw unreadable(folder, error)
  }
}

function unreadable(folder: string, cause: unknown): UserError {
  if (cause instanceof UserError) return cause
  return new UserError('DAG803', 'these compiled files are not of this version of dagwright', {
    place: folder,
    hint: 'run `dag compile` again',
    cause,
  })
}

/** Puts a compiled DAG together from its files' contents, by path relative to `generated/<dag>/`. */
export function compiledFrom(files: Readonly<Record<string, string>>): Compiled {
  const manifest = manifestSchema.parse(json(files, 'manifest.json'))
  const map = json(files, 'map.json')
  const dashboard = json(files, 'dashboard.json')
  return {
    manifest,
    sourceMap: map === null ? null : sourceMapSchema.parse(map),
    dashboard: dashboard === null ? null : dashboardSchema.parse(dashboard),
    source: fileOf(files, manifest.workflow.file),
    files,
  }
}

/** Content of a file that the manifest names. */
export function fileOf(files: Readonly<Record<string, string>>, name: string): string {
  const content = files[name]
  if (content === undefined) throw new UserError('DAG803', `the manifest names ${name}, which is missing`)
  return content
}

function json(files: Readonly<Record<string, string>>, name: string): unknown {
  const text = files[name]
  return text === undefined ? null : JSON.parse(text)
}
