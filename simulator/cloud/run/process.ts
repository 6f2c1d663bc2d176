import { spawn } from 'node:child_process'
import { liveGroups } from './live-groups.ts'
import { LineSplitter } from './lines.ts'
import type { ProcessLedger } from './process-ledger.ts'

export interface ProcessSpec {
  readonly command: readonly [string, ...string[]]
  readonly cwd?: string
  readonly env: Readonly<Record<string, string>>
  /** Wall time. */
  readonly timeoutMs: number
  /** From SIGTERM to SIGKILL. @default 10_000, as on Cloud Run: https://cloud.google.com/run/docs/container-contract */
  readonly graceMs?: number
  /** Remembers the process beyond a kill of this one. */
  readonly ledger?: ProcessLedger
  /** Aborts to cancel. */
  readonly signal: AbortSignal
  onLine(stream: 'stdout' | 'stderr', line: string): void
}

export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'not_started'; readonly message: string }

/**
 * Runs one command in a process group of its own, the way a container is its own world: when its first process
 * ends, whatever it left behind is killed.
 */
export function runProcess(spec: ProcessSpec): Promise<ProcessEnd> {
  if (spec.signal.aborted) return Promise.resolve({ kind: 'cancelled' })
  const [file, ...args] = spec.command
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      env: spec.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const group = child.pid
    let stopped: 'timeout' | 'cancelled' | null = null
    let kill: NodeJS.Timeout | undefined
    const stop = (why: 'timeout' | 'cancelled') => {
      if (stopped !== null || group === undefined) return
      stopped = why
      signalGroup(group, 'SIGTERM')
      kill = setTimeout(() => signalGroup(group, 'SIGKILL'), spec.graceMs ?? 10_000)
    }
    const timer = setTimeout(() => stop('timeout'), Math.min(spec.timeoutMs, 2 ** 31 - 1))
    const cancel = () => stop('cancelled')
    spec.signal.addEventListener('abort', cancel, { once: true })
    if (group !== undefined) {
      liveGroups.add(group)
      spec.ledger?.add(group)
    }

    const splitters = (['stdout', 'stderr'] as const).map((stream) => {
      const splitter = new LineSplitter((line) => spec.onLine(stream, line))
      child[stream].on('data', (chunk: Buffer) => splitter.push(chunk))
      return splitter
    })
    const end = (result: ProcessEnd) => {
      clearTimeout(timer)
      clearTimeout(kill)
      spec.signal.removeEventListener('abort', cancel)
      for (const splitter of splitters) splitter.end()
      resolve(result)
    }
    child.once('error', (error) => {
      if (group === undefined) end({ kind: 'not_started', message: error.message })
    })
    child.once('exit', () => {
      if (group === undefined) return
      signalGroup(group, 'SIGKILL')
      liveGroups.delete(group)
      spec.ledger?.delete(group)
      // Whoever left the group may still hold the pipes.
      setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, 1000).unref()
    })
    child.once('close', (code, signal) => {
      if (stopped !== null) end({ kind: stopped })
      else if (signal !== null) end({ kind: 'signalled', signal })
      else end({ kind: 'exited', code: code ?? 0 })
    })
  })
}

/** Nothing happens where the group is gone already. */
function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch {
    // ESRCH: ended between two looks at it.
  }
}
