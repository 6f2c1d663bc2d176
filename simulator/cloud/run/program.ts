import type { Clock } from '../../clock.ts'
import type { LocalProgram, StartedContainer } from './images.ts'
import type { ProcessEnd } from './process.ts'

export interface ProgramSpec extends Pick<StartedContainer, 'args' | 'env'> {
  readonly clock: Clock
  /** On the clock. */
  readonly timeoutMs: number
  /** Aborts to cancel. */
  readonly signal: AbortSignal
  onLine(stream: 'stdout' | 'stderr', line: string): void
}

/**
 * Runs a function in the place of a container's process. What it computes takes no time on the clock, however long it
 * takes; its sleeps do, and its timeout counts them.
 */
export async function runProgram(program: LocalProgram, spec: ProgramSpec): Promise<ProcessEnd> {
  const { clock, signal } = spec
  if (signal.aborted) return { kind: 'cancelled' }
  const stop = new AbortController()
  const over = new AbortController()
  let stopped: 'timeout' | 'cancelled' | null = null
  const end = (why: 'timeout' | 'cancelled') => {
    stopped ??= why
    stop.abort(new Error(why))
  }
  const cancel = () => end('cancelled')
  signal.addEventListener('abort', cancel, { once: true })
  clock.sleep(spec.timeoutMs, over.signal).then(
    () => end('timeout'),
    () => undefined,
  )
  let release = clock.hold?.()
  let sleeping = 0
  try {
    const code = await program.run({
      args: spec.args,
      env: spec.env,
      log: (stream, line) => spec.onLine(stream, line),
      signal: stop.signal,
      now: () => clock.now(),
      sleep: async (milliseconds) => {
        if (sleeping++ === 0) release?.()
        try {
          await clock.sleep(milliseconds, stop.signal)
        } finally {
          if (--sleeping === 0) release = clock.hold?.()
        }
      },
    })
    return stopped === null ? { kind: 'exited', code } : { kind: stopped }
  } catch (error) {
    if (stopped !== null) return { kind: stopped }
    spec.onLine('stderr', error instanceof Error ? (error.stack ?? error.message) : String(error))
    return { kind: 'exited', code: 1 }
  } finally {
    release?.()
    over.abort(new Error('the program has ended'))
    signal.removeEventListener('abort', cancel)
  }
}
