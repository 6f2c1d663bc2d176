import type { Clients } from '../deploy/clients.ts'
import type { Config } from '../deploy/config.ts'
import type { Readings } from '../simulator/engine/index.ts'
import { MOCK_IMAGE } from '../testing/mock-image.ts'
import type { MockedRun } from '../testing/mocked-run.ts'
import type { CommandInput } from './command.ts'
import type { LocalCloud } from './local-cloud.ts'
import { projectFolder, stateFolder } from './project.ts'

/** What commands that talk to an environment share. */
export interface Connection {
  readonly project: string
  readonly config: Config
  readonly environment: string
  readonly clients: Clients
  /** Null on Google Cloud. */
  readonly local: LocalCloud | null
  readonly state: string
  close(): Promise<void>
}

export interface ConnectionOptions {
  /** Calendar date for the sample services of an emulator that has to be started. */
  readonly date?: string
  readonly live?: boolean
  /** Variables that steps let the environment set; passed on from the user's own. */
  readonly variables?: readonly string[]
  readonly clock?: 'real' | 'virtual'
  readonly seed?: number
  readonly readings?: Partial<Readings>
  /** Mocks that answer in an emulator of this command's own. */
  readonly mocks?: Pick<MockedRun, 'layer'>
}

/** Connects to `--env` (local unless given); starts an emulator in this process where none holds the state folder. */
export async function openConnection(
  input: CommandInput,
  options: ConnectionOptions = {},
): Promise<Connection> {
  const project = projectFolder()
  const environment = input.options.text('env') ?? 'local'
  const state = stateFolder(project, input.options.text('state'))
  const [{ loadConfig }, { connect }, { cloudEnvironment, localEnvironment }] = await Promise.all([
    import('../deploy/load-config.ts'),
    import('../deploy/clients.ts'),
    import('../deploy/environment.ts'),
  ])
  const config = await loadConfig(project)
  const shared = { project, config, environment, state }
  if (environment !== 'local') {
    if (options.live === true) {
      const { UserError } = await import('../deploy/user-error.ts')
      throw new UserError('DAG602', '--live is for runs on this machine', {
        place: `--env ${environment}`,
        hint: `leave --live out: runs in ${environment} are live`,
      })
    }
    const clients = connect(cloudEnvironment(config, environment))
    // Whoever is not signed in hears of it first.
    await clients.token()
    return { ...shared, clients, local: null, close: () => clients.close() }
  }
  const { openLocalCloud } = await import('./local-cloud.ts')
  const local = await openLocalCloud({
    project,
    config,
    state,
    note: (text) => input.output.note(text),
    ...options,
  })
  const clients = connect(
    localEnvironment(options.mocks === undefined ? config : withMockImage(config), local.url),
  )
  const close = async () => {
    await clients.close()
    await local.close()
  }
  return { ...shared, clients, local, close }
}

/** Jobs of mocked tasks have an image that no configuration names. */
function withMockImage(config: Config): Config {
  return { ...config, images: { ...config.images, [MOCK_IMAGE]: { command: [MOCK_IMAGE] } } }
}
