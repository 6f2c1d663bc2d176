import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who holds a state folder; `emulator.json` in it. */
export interface StateHolder {
  readonly pid: number
  readonly port: number
  readonly url: string
  /** It goes away with the command that started it. */
  readonly brief?: boolean
}

/** Another emulator holds the state folder. */
export class StateInUseError extends Error {
  override readonly name = 'StateInUseError'
  readonly holder: StateHolder

  constructor(stateDir: string, holder: StateHolder) {
    super(`The state folder ${stateDir} is in use by the emulator with pid ${holder.pid} at ${holder.url}.`)
    this.holder = holder
  }
}

/** Where an emulator says who it is; the only path of its own. */
export const IDENTITY_PATH = '/emulator'

/** The live emulator of a state folder, or null: its process and its port must both answer. */
export async function findHolder(stateDir: string): Promise<StateHolder | null> {
  const holder = readHolder(stateDir)
  return holder !== null && (await isAlive(holder)) ? holder : null
}

/**
 * Takes the folder for this process, from a dead emulator too; throws `StateInUseError` where a live one holds it.
 * The port must be listening already, so that others see a live holder from the first moment. Returns the release.
 */
export async function holdState(stateDir: string, holder: StateHolder): Promise<() => void> {
  mkdirSync(stateDir, { recursive: true })
  for (let attempt = 0; ; attempt += 1) {
    if (claim(stateDir, holder)) return () => release(stateDir, holder)
    const found = readHolder(stateDir)
    if (found !== null && (await isAlive(found))) throw new StateInUseError(stateDir, found)
    if (attempt > 10) throw new Error(`Cannot take over ${fileOf(stateDir)}: it keeps coming back.`)
    setAside(stateDir, found)
  }
}

function fileOf(stateDir: string): string {
  return join(stateDir, 'emulator.json')
}

function readHolder(stateDir: string): StateHolder | null {
  return parseHolder(fileOf(stateDir))
}

function parseHolder(file: string): StateHolder | null {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<StateHolder> | null
    const { pid, port, url, brief } = value ?? {}
    if (typeof pid !== 'number' || typeof port !== 'number' || typeof url !== 'string') return null
    return { pid, port, url, ...(brief === true ? { brief } : {}) }
  } catch {
    return null
  }
}

/** Creates the file with its content in one step, or not at all where there is one. */
function claim(stateDir: string, holder: StateHolder): boolean {
  const draft = join(stateDir, `emulator.${randomUUID()}.tmp`)
  writeFileSync(draft, `${JSON.stringify(holder)}\n`)
  try {
    linkSync(draft, fileOf(stateDir))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Moves a dead holder's file away; puts it back if another emulator took over in the meantime. */
function setAside(stateDir: string, dead: StateHolder | null): void {
  const aside = join(stateDir, `emulator.${randomUUID()}.tmp`)
  try {
    renameSync(fileOf(stateDir), aside)
  } catch {
    return
  }
  const moved = parseHolder(aside)
  try {
    if (moved !== null && (moved.pid !== dead?.pid || moved.port !== dead.port))
      linkSync(aside, fileOf(stateDir))
  } catch {
    // A third one was faster: the next attempt sees it.
  } finally {
    rmSync(aside, { force: true })
  }
}

function release(stateDir: string, holder: StateHolder): void {
  const found = readHolder(stateDir)
  if (found?.pid === holder.pid && found.port === holder.port) rmSync(fileOf(stateDir), { force: true })
}

/**
 * A port that accepts but does not answer in time belongs to a busy emulator: it counts as alive. One that answers
 * with another pid has been taken by somebody else.
 */
async function isAlive(holder: StateHolder): Promise<boolean> {
  if (!processExists(holder.pid)) return false
  try {
    const response = await fetch(`http://127.0.0.1:${holder.port}${IDENTITY_PATH}`, {
      signal: AbortSignal.timeout(3000),
    })
    const body = (await response.json()) as { readonly pid?: unknown } | null
    return body?.pid === holder.pid
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError'
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
