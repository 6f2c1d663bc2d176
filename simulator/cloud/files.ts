import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const temporary = '.tmp'

/** Replaces a file in one step: whoever reads it after a kill sees the old content or the new one. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(`${path}${temporary}`, 'w')
  try {
    writeSync(file, `${JSON.stringify(value, null, 1)}\n`)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}${temporary}`, path)
}

/** The parsed file, or null where it is missing or not JSON (only a broken disk leaves such a file). */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

/** Names of the folders inside a folder, sorted; none where it does not exist. */
export function listFolders(path: string): readonly string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
}

/** Names of the `.json` files inside a folder, sorted, without the ending. Removes what a kill left half-written. */
export function listJsonFiles(path: string): readonly string[] {
  if (!existsSync(path)) return []
  const names: string[] = []
  for (const entry of readdirSync(path)) {
    if (entry.endsWith(temporary)) rmSync(join(path, entry), { force: true })
    else if (entry.endsWith('.json')) names.push(entry.slice(0, -'.json'.length))
  }
  return names.toSorted()
}

export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true })
}
