/** One version of an object, as it is kept. Times are milliseconds since the epoch. */
export interface ObjectVersion {
  readonly bucket: string
  readonly name: string
  readonly generation: number
  readonly metageneration: number
  readonly sha256: string
  readonly size: number
  readonly crc32c: string
  /** Absent for composed objects. */
  readonly md5?: string
  readonly componentCount?: number
  /** The resumable upload that it came by, so that a client that asks again after a restart learns of its success. */
  readonly uploadId?: string
  readonly attributes: ObjectAttributes
  /** Absent where the default list of a project's bucket applies. */
  readonly acl?: readonly Grant[]
  readonly createdAt: number
  readonly updatedAt: number
  /** Set once a newer version or a deletion has made this one noncurrent. */
  readonly noncurrentAt?: number
  /** When an event-based hold was lifted, from which on retention counts. */
  readonly releasedAt?: number
  /** Set while a deleted version can still be restored. */
  readonly softDeleted?: { readonly at: number; readonly until: number }
}

/** What a writer may say about an object. */
export interface ObjectAttributes {
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly contentDisposition?: string
  readonly contentLanguage?: string
  readonly cacheControl?: string
  readonly customTime?: string
  readonly storageClass?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly temporaryHold?: boolean
  readonly eventBasedHold?: boolean
  readonly contexts?: ObjectContexts
}

/** Labels of an object by which listings can be filtered. https://cloud.google.com/storage/docs/object-contexts */
export interface ObjectContexts {
  readonly custom: Readonly<
    Record<string, { readonly value: string; readonly createTime: string; readonly updateTime: string }>
  >
}

/** One entry of an access control list. */
export interface Grant {
  readonly entity: string
  readonly role: string
}

export interface Bucket {
  readonly name: string
  readonly metageneration: number
  readonly createdAt: number
  readonly updatedAt: number
  /** The caller's fields of the resource, JSON as given. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly policy?: Policy
  /** Absent where the default list applies; so too with those of new objects. */
  readonly acl?: readonly Grant[]
  readonly defaultObjectAcl?: readonly Grant[]
}

export interface Policy {
  readonly version: number
  readonly bindings: readonly unknown[]
  /** Counts the changes; the etag is made from it. */
  readonly revision: number
}

export type Change =
  | { readonly kind: 'bucket'; readonly bucket: Bucket }
  | { readonly kind: 'bucket_deleted'; readonly name: string }
  | { readonly kind: 'object'; readonly object: ObjectVersion }
  | {
      readonly kind: 'object_deleted'
      readonly bucket: string
      readonly name: string
      readonly generation: number
    }
  /** The highest generation given out so far, where no object carries it any more. */
  | { readonly kind: 'generation'; readonly generation: number }
