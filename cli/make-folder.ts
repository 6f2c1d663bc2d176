import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UserError } from '../deploy/user-error.ts'

/**
 * Makes a folder and the folders above it, one by one: Node's own recursive mkdir never returns on file systems that
 * cannot have new folders at all, such as /proc.
 */
export function makeFolder(path: string, hint: string): void {
  const missing: string[] = []
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder)
  try {
    for (const folder of missing) mkdirSync(folder)
  } catch (error) {
    // Another process may have made it in between.
    if (!isFolder(path)) throw refused(path, hint, error)
  }
  if (!isFolder(path)) throw refused(path, hint, new Error('it is a file'))
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

function refused(path: string, hint: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error)
  return new UserError('DAG604', `cannot make the folder: ${reason}`, { place: path, hint })
}
