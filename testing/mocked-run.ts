import type { Manifest } from '../artifact/manifest.ts'
import type { DagDefinition } from '../dsl/index.ts'
import { withMocks } from './install.ts'
import { mockLayer, type LayerOptions, type MockedCloud, type MockLayer } from './mock-layer.ts'
import type { RunFacts } from './mock.ts'
import type { Circumstances } from './options.ts'
import { asProblem, Mistakes } from './problem.ts'
import { readScript } from './script.ts'
import type { Stage } from './stage.ts'

/** A run in which some tasks are mocked and all others run for real, for a cloud that somebody else starts. */
export interface MockedRun {
  /** What the emulator is started with. */
  layer(cloud: MockedCloud): Omit<MockLayer, 'stage'>
  /** A compiled DAG with the containers of mocked tasks replaced. */
  replace<T extends { readonly manifest: Manifest }>(compiled: T): T
  /** Throws what a mock threw while the run went on. */
  check(): void
}

/** @throws DagProblems where the circumstances do not fit the DAG */
export function mockedRun(options: {
  readonly dag: DagDefinition
  readonly sourceMap: LayerOptions['sourceMap']
  readonly circumstances: Circumstances
  readonly run: RunFacts
}): MockedRun {
  const mistakes = new Mistakes(null)
  const script = readScript(options.dag, options.circumstances, mistakes)
  mistakes.check()
  const isMocked = (task: string) => script.has(task)
  let stage: Stage | null = null
  return {
    layer: (cloud) => {
      const { stage: opened, ...layer } = mockLayer({ ...options, script, isMocked }, cloud)
      stage = opened
      return layer
    },
    replace: (compiled) => withMocks(compiled, isMocked),
    check: () => {
      if (stage?.failure != null) throw asProblem(stage.failure.error, null)
    },
  }
}
