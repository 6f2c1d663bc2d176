import type { DagDefinition } from '../dsl/index.ts'
import type { Clock } from '../simulator/clock.ts'
import type { CloudService, Dispatch } from '../simulator/cloud/request.ts'
import type { LocalImages } from '../simulator/cloud/run/images.ts'
import type { StandIn } from '../simulator/connectors/index.ts'
import { MOCK_IMAGE } from './mock-image.ts'
import type { RunFacts } from './mock.ts'
import type { Script } from './script.ts'
import { approvalService } from './services/approvals.ts'
import { hookService, hookStandIn, type ToldHook } from './services/hooks.ts'
import { httpStandIn } from './services/http.ts'
import { modelService } from './services/models.ts'
import { observer } from './services/observer.ts'
import { sensorService } from './services/sensors.ts'
import { stepProgram } from './services/steps.ts'
import { triggerService } from './services/triggers.ts'
import { Stage } from './stage.ts'

/** The local cloud that mocks stand in; known once its emulator runs. */
export interface MockedCloud {
  readonly clock: Clock
  readonly dispatch: () => Dispatch
}

/** What mocks need to know while they answer. */
export interface MockScene extends MockedCloud {
  readonly stage: Stage
  /** The task whose routine sends a request; null for requests of others. */
  readonly taskOf: (request: { readonly from?: { readonly routine: string } }) => string | null
}

/** What an emulator is started with, so that mocks answer in it. */
export interface MockLayer {
  readonly stage: Stage
  readonly images: LocalImages
  readonly apis: readonly CloudService[]
  readonly standIn: StandIn
}

export interface LayerOptions {
  readonly dag: DagDefinition
  /** Where the task of a subworkflow is known. */
  readonly sourceMap: { readonly tasks: readonly { readonly id: string; readonly routine: string }[] }
  readonly script: Script
  readonly run: RunFacts
  /** Whether a task's service is replaced. */
  readonly isMocked: (task: string) => boolean
  /** Gets what hooks are told in their place. @default hooks are told for real */
  readonly onHook?: (told: ToldHook) => void
}

/** Mocks where the services of a run answer: containers, BigQuery jobs, other workflows, HTTP, Storage. */
export function mockLayer(options: LayerOptions, cloud: MockedCloud): MockLayer {
  const stage = new Stage({ ...options, now: () => cloud.clock.now() })
  const routines = new Map(options.sourceMap.tasks.map(({ id, routine }) => [routine, id]))
  const scene: MockScene = {
    ...cloud,
    stage,
    taskOf: ({ from }) => routines.get(from?.routine ?? '') ?? null,
  }
  return {
    stage,
    images: { [MOCK_IMAGE]: stepProgram(scene) },
    apis: [
      ...(options.onHook ? [hookService(options.onHook)] : []),
      observer(scene),
      modelService(scene),
      sensorService(scene),
      approvalService(scene),
      triggerService(scene),
    ],
    standIn: options.onHook ? hookStandIn(options.onHook, httpStandIn(scene)) : httpStandIn(scene),
  }
}
