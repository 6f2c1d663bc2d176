import { rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { withCommas } from '../artifact/numbers.ts'
import {
  compileDag,
  driftOf,
  loadDags,
  loadModule,
  percentUsed,
  previousManifest,
  type CompiledDag,
  type Drift,
  type HeadRoom,
} from '../compiler/index.ts'
import * as configModule from '../deploy/config.ts'
import { loadConfig } from '../deploy/load-config.ts'
import type { Output } from './command.ts'
import { makeFolder } from './make-folder.ts'
import { printWarnings } from './problem-text.ts'

export interface CompileRequest {
  readonly project: string
  /** Empty for all under `dags/`. */
  readonly dags: readonly string[]
  /** Write nothing, report drift. */
  readonly check: boolean
  /** Tables that may change in any way, as `dataset.table`. */
  readonly accepted: readonly string[]
  /** Warnings count as failures. */
  readonly strict: boolean
  /** @default `generated` in the project */
  readonly out: string | undefined
  readonly output: Output
}

/**
 * Compiles DAGs to files. Resolves with whether `generated/` is now, or with `check` was, what they compile to, without
 * warnings if it is strict.
 */
export async function compileDags(request: CompileRequest): Promise<boolean> {
  const { project, check, strict, output } = request
  const out = request.out === undefined ? join(project, 'generated') : resolve(request.out)
  let clean = true
  let warnings = 0
  const modules = { 'dagwright/config': configModule }
  const { prices } = await loadConfig(project, (file) => loadModule(project, file, modules))
  for (const definition of await loadDags(project, request.dags)) {
    const folder = join(out, definition.id)
    const compiled = compileDag(definition, {
      projectDir: project,
      prices,
      previous: previousManifest(folder),
      accepted: request.accepted,
    })
    const drift = driftOf(compiled, folder)
    if (check) {
      for (const one of drift) output.note(`${compiled.id}: ${driftText(one)}`)
      clean &&= drift.length === 0
    } else {
      await bringUpToDate(folder, compiled, drift)
    }
    printWarnings(compiled.warnings, output)
    warnings += compiled.warnings.length
    output.out(compiledText(compiled, filesText(drift.length, check)))
  }
  if (!clean) output.note('  fix: run `dag compile` and commit generated/')
  if (strict && warnings > 0) output.note(`  ${warnings} warning${warnings === 1 ? '' : 's'}, and --strict`)
  return clean && !(strict && warnings > 0)
}

async function bringUpToDate(folder: string, compiled: CompiledDag, drift: readonly Drift[]): Promise<void> {
  for (const { file, kind } of drift) if (kind === 'surplus') await rm(join(folder, file))
  // Lines move without being a drift, and are still those of now.
  const stale = new Set(['map.json', ...drift.map(({ file }) => file)])
  const files = Object.entries(compiled.files).filter(([file]) => stale.has(file))
  for (const parent of new Set(files.map(([file]) => dirname(join(folder, file)))))
    makeFolder(parent, 'choose another folder with --out')
  await Promise.all(files.map(([file, content]) => writeFile(join(folder, file), content)))
}

/** One line for the DAG, one for each limit that it comes near to most. Small structural limits are met or not. */
function compiledText({ id, manifest, headRoom }: CompiledDag, files: string): string {
  const nearest = headRoom
    .filter(({ limit }) => limit.value > 20)
    .toSorted((a, b) => percentUsed(b) - percentUsed(a))
    .slice(0, 4)
  return [`${id}: ${manifest.tasks.length} tasks, ${files}`, ...nearest.map(headRoomText)].join('\n')
}

function filesText(drifted: number, check: boolean): string {
  if (drifted === 0) return 'up to date'
  const files = `${drifted} file${drifted === 1 ? '' : 's'}`
  return check ? `${files} not up to date` : `${files} written`
}

function headRoomText(room: HeadRoom): string {
  const { limit, used, note } = room
  const percent = `${percentUsed(room)}%`.padStart(6)
  const more = note === undefined ? '' : `, ${note}`
  return `${percent} of ${limit.name} (${withCommas(used)} of ${withCommas(limit.value)} ${limit.unit}${more})`
}

function driftText({ file, kind, line }: Drift): string {
  const words = { missing: 'is missing', surplus: 'is left over', changed: 'is not what the DAG compiles to' }
  return `${file}${line === undefined ? '' : `:${line}`} ${words[kind]}`
}
