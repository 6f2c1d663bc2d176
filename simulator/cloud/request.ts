import type { StepPlace } from '../engine/host.ts'

/**
 * One request to the local cloud, whether it came over the socket or from a connector in the same process:
 * both go through the same services.
 */
export interface CloudRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'
  /** Percent-encoded path without the query, e.g. `/storage/v1/b/data/o/a%2Fb`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The raw body; empty when there is none. */
  readonly body: Uint8Array
  /** The step of a workflow that asks; not there where a request came over the socket. */
  readonly from?: StepPlace
}

export interface CloudResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /**
   * A JSON value (sent as `application/json; charset=UTF-8`), bytes, or nothing. `isJson` marks an answer that was
   * written as text for the sake of its 64-bit integers.
   */
  readonly body?: { readonly json: unknown } | { readonly bytes: Uint8Array; readonly isJson?: true }
}

/** One API of the local cloud. Returns null where the path is not its own. */
export interface CloudService {
  readonly name: string
  handle(request: CloudRequest): Promise<CloudResponse | null>
  /** Writes what is pending and releases files and processes. */
  close(): Promise<void>
}

/** Sends a request to whichever service owns the path; 404 in Google's form where none does. */
export type Dispatch = (request: CloudRequest) => Promise<CloudResponse>
