/** One version of an object as the store knows it. */
export interface StoredObject {
  readonly bucket: string
  readonly name: string
  /** Decimal text: Google's generations are 64-bit. */
  readonly generation: string
  /** Of the bytes, hexadecimal. */
  readonly md5: string
  readonly bytes: number
  readonly metadata: Readonly<Record<string, string>>
}

export interface PutOptions {
  contentType: string
  /** Custom metadata; ASCII, since it travels in HTTP headers too. At most 8 KiB in all. */
  metadata?: Readonly<Record<string, string>>
  /**
   * The generation that is current now: `'0'` to create only. Always given, so that a write repeated by the client
   * or by a second start of the step cannot take effect twice.
   */
  ifGeneration: string
}

/** The objects of one bucket: what a step needs of Cloud Storage, and nothing more. */
export interface ObjectStore {
  readonly bucket: string
  /** Throws PreconditionFailed when another generation is current. */
  put(name: string, body: Uint8Array | string, options: PutOptions): Promise<StoredObject>
  /** Throws ObjectNotFound. Without a generation, the current one. */
  get(name: string, generation?: string): Promise<Uint8Array>
  /** Null when there is no such object, or no such generation. */
  stat(name: string, generation?: string): Promise<StoredObject | null>
}

/** Opens a bucket. */
export type OpenBucket = (bucket: string) => ObjectStore

export class PreconditionFailed extends Error {
  override readonly name = 'PreconditionFailed'
}

export class ObjectNotFound extends Error {
  override readonly name = 'ObjectNotFound'
}

export function objectUri(bucket: string, name: string): string {
  return `gs://${bucket}/${name}`
}

/** Throws a TypeError on anything but `gs://bucket/name`. */
export function parseObjectUri(uri: string): { bucket: string; name: string } {
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? []
  if (bucket && name) return { bucket, name }
  throw new TypeError(`not an object address of the form gs://bucket/name: ${uri}`)
}
