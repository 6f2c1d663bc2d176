import type { Config } from '../deploy/config.ts'
import { localNames } from '../deploy/environment.ts'
import { UserError } from '../deploy/user-error.ts'
import type { LocalImages } from '../simulator/cloud/run/images.ts'
import type { LocalServices } from '../simulator/cloud/run/services/local-service.ts'
import type { Emulator } from '../simulator/emulator.ts'
import type { Readings } from '../simulator/engine/index.ts'
import type { MockedRun } from '../testing/mocked-run.ts'
import { makeFolder } from './make-folder.ts'
import { noSampleServices, startSampleServices } from './sample-services.ts'

export interface LocalCloudOptions {
  readonly project: string
  readonly config: Config
  readonly state: string
  /** Free loopback port by default. */
  readonly port?: number
  /** @default 'virtual'; with `live`, one on which only polls of the local cloud take no time */
  readonly clock?: 'real' | 'virtual'
  /** Where a virtual clock begins, in milliseconds. @default now */
  readonly start?: number
  /** Calendar date that the sample services serve. */
  readonly date?: string
  /** Ask the real sources: no sample services. */
  readonly live?: boolean
  /** Variables that steps let the environment set; passed on from the user's own. */
  readonly variables?: readonly string[]
  readonly seed?: number
  /** Where the documentation of Workflows is silent: other than the default readings. */
  readonly readings?: Partial<Readings>
  /** Mocks that answer in place of services. */
  readonly mocks?: Pick<MockedRun, 'layer'>
  /** It ends with the command. @default false */
  readonly brief?: boolean
  /** Gets whom hooks would tell, were the run live. */
  readonly note: (text: string) => void
}

/** The local cloud that a command works with. */
export interface LocalCloud {
  readonly url: string
  /** Whether this process started it; otherwise it is another process's and stays. */
  readonly own: boolean
  /** The cloud's time, as far as this process can tell. */
  now(): number
  close(): Promise<void>
}

/** The emulator that holds the state folder; where none runs, one in this process until `close`. */
export async function openLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { findEmulator } = await import('../simulator/emulator.ts')
  const running = await findEmulator(options.state)
  if (running === null) return startLocalCloud({ ...options, brief: true })
  const { live = false, clock, seed, readings, mocks } = options
  if (mocks !== undefined) {
    throw new UserError('DAG606', `an emulator at ${running.url} holds this state folder already`, {
      place: options.state,
      hint: 'mocks answer in an emulator of their own: stop that one, or choose another folder with --state',
    })
  }
  if (live || clock !== undefined || seed !== undefined || readings !== undefined) {
    throw new UserError('DAG606', `an emulator at ${running.url} holds this state folder already`, {
      place: options.state,
      hint: '--live, --clock, --seed and --reading belong to the emulator: stop it, or choose another folder with --state',
    })
  }
  return { url: running.url, own: false, now: () => Date.now(), close: () => Promise.resolve() }
}

/** Starts an emulator in this process, with the sources' sample services unless it is live. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  checkPort(options.port)
  makeFolder(options.state, 'choose another folder with --state')
  const [{ startEmulator }, clocks, { heldBack }, samples] = await Promise.all([
    import('../simulator/emulator.ts'),
    import('../simulator/clock.ts'),
    import('./held-back.ts'),
    options.live ? noSampleServices : startSampleServices(options),
  ])
  const clock =
    options.clock === 'real'
      ? clocks.realClock()
      : options.live
        ? clocks.liveClock(Date.now())
        : clocks.virtualClock(options.start ?? Date.now())
  try {
    const layer = options.mocks?.layer({ clock, dispatch: () => emulator.dispatch })
    // Without --live the sources are the sample services, whatever the user's environment says.
    const stepEnv = { ...ownVariables(options.variables ?? []), ...samples.env }
    const { note, brief = false } = options
    const held = options.live ? null : heldBack({ note, variables: stepEnv, topics: brief })
    const emulator: Emulator = await startEmulator({
      stateDir: options.state,
      port: options.port ?? 0,
      clock,
      project: localNames.project,
      location: localNames.region,
      ...layer,
      ...held,
      apis: [...(layer?.apis ?? []), ...(held?.apis ?? [])],
      images: { ...localImages(options.config, options.project), ...layer?.images },
      services: localServices(options.config, options.project),
      stepEnv,
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.readings === undefined ? {} : { readings: options.readings }),
      brief,
    })
    return {
      url: emulator.url,
      own: true,
      now: () => clock.now(),
      close: async () => {
        await emulator.close()
        await samples.close()
      },
    }
  } catch (error) {
    await samples.close()
    throw portTaken(error, options.port) ?? error
  }
}

/** The commands of `dag.config.ts` that stand for images. */
export function localImages(config: Config, project: string): LocalImages {
  return Object.fromEntries(
    Object.entries(config.images).map(([name, { command }]) => [name, { command, cwd: project }]),
  )
}

/** Commands and servers of the project that stand for Cloud Run services. */
export function localServices(config: Config, project: string): LocalServices {
  return Object.fromEntries(
    Object.entries(config.services).map(([address, { public: isPublic, audiences, ...target }]) => [
      address,
      {
        ...('url' in target
          ? { kind: 'url', url: target.url }
          : { kind: 'command', command: target.command, cwd: project }),
        public: isPublic,
        audiences,
      },
    ]),
  )
}

function checkPort(port: number | undefined): void {
  if (port === undefined || port <= 65_535) return
  throw new UserError('DAG601', `--port takes a number up to 65535, not ${port}`, { place: `--port ${port}` })
}

/** Another process listens there, or this user may not. */
function portTaken(error: unknown, port: number | undefined): UserError | null {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (syscall !== 'listen' || (code !== 'EADDRINUSE' && code !== 'EACCES')) return null
  return new UserError(
    'DAG606',
    code === 'EADDRINUSE'
      ? `another process listens on port ${port}`
      : `this user may not listen on port ${port}`,
    {
      place: `--port ${port}`,
      hint: 'choose another port with --port; 0 takes a free one',
      cause: error,
    },
  )
}

/** Values of the user's environment, which wins over what a job was deployed with. */
function ownVariables(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
