import type { Manifest } from '../artifact/manifest.ts'
import type { DagDefinition } from '../dsl/index.ts'
import type { OpenBucket } from '../steps/runtime/object-store.ts'
import { withMocks } from './install.ts'
import { fillLedger, type KnownState } from './ledger.ts'
import { mockLayer, type LayerOptions, type MockedCloud, type MockLayer } from './mock-layer.ts'
import type { RunFacts } from './mock.ts'
import type { Circumstances } from './options.ts'
import { Mistakes, thrownByMock } from './problem.ts'
import { readScript } from './script.ts'
import { selectTasks } from './selection.ts'
import type { Stage } from './stage.ts'

/** A run of which a part is mocked or left out, and the rest runs for real, in a cloud that somebody else starts. */
export interface MockedRun {
  /** Whether anything is mocked. */
  readonly hasMocks: boolean
  /** What the emulator is started with. */
  layer(cloud: MockedCloud): Omit<MockLayer, 'stage'>
  /** A compiled DAG with the containers of mocked tasks replaced. */
  replace<T extends { readonly manifest: Manifest }>(compiled: T): T
  /** What the run's workflow is told of the tasks that are left out. Throws DagProblems where a result is missing. */
  known(bucket: string, open: OpenBucket): Promise<Readonly<Record<string, KnownState>>>
  /** @throws DagProblems where a mock threw anything but a StepError while the run went on */
  check(): void
}

export interface MockedRunOptions {
  readonly dag: DagDefinition
  readonly manifest: Pick<Manifest, 'tasks'>
  readonly sourceMap: LayerOptions['sourceMap']
  readonly circumstances: Circumstances
  /** Which tasks run: these, or one and everything below it. @default all */
  readonly selection: { readonly only?: readonly string[]; readonly from?: string }
  readonly run: RunFacts
  /** Gets whom hooks would tell; where anything is mocked nobody is told for real. */
  readonly onHook: NonNullable<LayerOptions['onHook']>
}

/** @throws DagProblems where the circumstances do not fit the DAG */
export function mockedRun(options: MockedRunOptions): MockedRun {
  const { dag, run, manifest } = options
  const mistakes = new Mistakes(null)
  const script = readScript(dag, options.circumstances, mistakes)
  const selection = selectTasks(manifest.tasks, options.selection, mistakes)
  mistakes.check()
  const isMocked = (task: string) => script.has(task)
  let stage: Stage | null = null
  return {
    hasMocks: dag.tasks.some(({ id }) => isMocked(id)),
    layer: (cloud) => {
      const { stage: opened, ...layer } = mockLayer({ ...options, script, isMocked }, cloud)
      stage = opened
      return layer
    },
    replace: (compiled) => withMocks(compiled, isMocked),
    known: async (bucket, open) => {
      if (selection === null) return {}
      const known = await fillLedger({ dag, selection, script, run, bucket, open, isMocked, mistakes })
      mistakes.check()
      return known
    },
    check: () => {
      if (stage?.failure != null) throw thrownByMock(stage.failure)
    },
  }
}
