import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import type { ProcessLedger } from '../process-ledger.ts'
import { runProcess, type ProcessEnd } from '../process.ts'

export interface InstanceSpec {
  readonly command: readonly [string, ...string[]]
  readonly cwd?: string
  readonly env: Readonly<Record<string, string>>
  readonly ledger: ProcessLedger
  onLine(stream: 'stdout' | 'stderr', line: string): void
}

/** A process that serves a Cloud Run service. */
export interface Instance {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Resolves once the process has ended. */
  readonly ended: Promise<ProcessEnd>
  stop(): Promise<void>
}

/** How long a container may take to listen. https://cloud.google.com/run/docs/configuring/healthchecks */
const STARTUP_MS = 240_000
const PROBE_MS = 20
/** Longer than any timer: the process runs until it is stopped. */
const FOREVER_MS = 2 ** 31 - 1

/** Starts a command with `PORT` and waits until it listens there; rejects where it ends before. */
export async function startInstance(spec: InstanceSpec): Promise<Instance> {
  const port = await freePort()
  const abort = new AbortController()
  const ended = runProcess({
    ...spec,
    env: { ...spec.env, PORT: String(port) },
    timeoutMs: FOREVER_MS,
    signal: abort.signal,
  })
  const stop = async () => {
    abort.abort()
    await ended
  }
  let end: ProcessEnd | undefined
  void ended.then((value) => (end = value))
  for (const deadline = performance.now() + STARTUP_MS; !(await listens(port));) {
    if (end !== undefined) throw new Error(`the process ended before it listened on PORT: ${describe(end)}`)
    if (performance.now() > deadline) {
      await stop()
      throw new Error(`the process did not listen on PORT within ${STARTUP_MS / 1000} seconds`)
    }
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS))
  }
  return { url: `http://127.0.0.1:${port}`, ended, stop }
}

function describe(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exited':
      return `exit code ${end.code}`
    case 'signalled':
      return `signal ${end.signal}`
    case 'not_started':
      return end.message
    default:
      return end.kind
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}
