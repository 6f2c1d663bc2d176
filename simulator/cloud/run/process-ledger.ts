import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { listJsonFiles, readJsonFile, writeJson } from '../files.ts'

/**
 * Process groups of running tasks, one file each in the state folder: an emulator that was killed could not end
 * them, so the next one does.
 */
export class ProcessLedger {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
    for (const name of listJsonFiles(dir)) {
      const { pid, started } = (readJsonFile(join(dir, `${name}.json`)) ?? {}) as Partial<Entry>
      // The number may belong to somebody else by now: only the same process, started then, is killed.
      if (typeof pid === 'number' && typeof started === 'string' && startOf(pid) === started) killGroup(pid)
      rmSync(join(dir, `${name}.json`), { force: true })
    }
  }

  add(pid: number): void {
    const started = startOf(pid)
    if (started !== null) writeJson(this.#file(pid), { pid, started } satisfies Entry)
  }

  delete(pid: number): void {
    rmSync(this.#file(pid), { force: true })
  }

  #file(pid: number): string {
    return join(this.#dir, `${pid}.json`)
  }
}

interface Entry {
  readonly pid: number
  readonly started: string
}

/** Something that tells a process from a later one of the same number, or null where there is no such process. */
function startOf(pid: number): string | null {
  try {
    if (existsSync('/proc/self/stat')) {
      // Field 22 is the start in ticks since boot; the name in field 2 may contain anything but ends at the last `)`.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null
  } catch {
    return null
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}
