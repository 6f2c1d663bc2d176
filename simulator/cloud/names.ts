import { createHash } from 'node:crypto'
import { ApiError } from './errors.ts'
import type { Ids } from './ids.ts'

/** The emulator's own project and region. */
export interface Place {
  readonly project: string
  readonly location: string
}

/** 12 digits that stand for the project wherever Google shows or accepts its number. */
export function projectNumber(project: string): string {
  const digest = createHash('sha256').update(project).digest()
  return String(100_000_000_000n + (digest.readBigUInt64BE(0) % 900_000_000_000n))
}

/** A project as requests name it: a number and `-` mean the emulator's own project. Throws `ApiError` 400. */
export function resolveProject(given: string, place: Place): string {
  if (/^(\d+|-)$/.test(given)) return place.project
  if (!/^[A-Za-z0-9][A-Za-z0-9.:-]{0,62}$/.test(given)) throw new ApiError(400, `Invalid project "${given}".`)
  return given
}

/** A region as requests name it. It becomes part of paths on disk. Throws `ApiError` 400. */
export function checkLocation(given: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/.test(given)) throw new ApiError(400, `Invalid location "${given}".`)
  return given
}

/**
 * The folder of a resource: its id alone in the emulator's own project and region, and a name that cannot collide
 * with an id (ids have no dots) elsewhere.
 */
export function folderName(project: string, location: string, id: string, place: Place): string {
  if (project === place.project && location === place.location) return id
  return [project, location, id].map(encodeURIComponent).join('..')
}

/** `operation-<ms>-<hex>-<hex>-<hex>`, as the service names its operations. */
export function operationId(now: number, ids: Ids, target: string): string {
  const hex = ids.hex(`${target} operation`, 29)
  return `operation-${now}-${hex.slice(0, 13)}-${hex.slice(13, 21)}-${hex.slice(21)}`
}

/** RFC 3339 in UTC. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** A protobuf duration in JSON, which has no fraction or one of three digits: `2s`, `1.500s`. */
export function duration(milliseconds: number): string {
  const whole = Math.round(Math.max(0, milliseconds))
  return whole % 1000 === 0 ? `${whole / 1000}s` : `${(whole / 1000).toFixed(3)}s`
}
