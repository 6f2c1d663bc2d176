import { startAniListService } from './service.ts'

export { generatedSource, recordedSource } from './source.ts'
export type { Source } from './source.ts'
export { startAniListService } from './service.ts'
export type { AniListService, AniListServiceOptions, ServiceRequest } from './service.ts'
export type { Fault } from './fault.ts'
export { totalsOf } from './totals.ts'
export type { Totals } from './totals.ts'

/** Starts the sample service of the `anilist` pipeline for a day; a step reaches it by ANILIST_ENDPOINT. */
export async function start(options: { date: string }): Promise<{ url: string; close(): Promise<void> }> {
  return startAniListService({ date: options.date })
}
