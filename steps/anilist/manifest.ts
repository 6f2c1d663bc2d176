import { z } from 'zod'

const headers = z.record(z.string(), z.string())

/** `manifest.json` beside the staged bodies of one snapshot: how each came about, and whether all are there. */
export const snapshotManifest = z.object({
  version: z.literal(1),
  resource: z.enum(['user', 'media_list', 'media']),
  user_name: z.string(),
  /** Media type that was asked for; null for a profile. */
  type: z.string().nullable(),
  date: z.iso.date(),
  run_id: z.string(),
  complete: z.boolean(),
  chunks: z.array(
    z.object({
      chunk: z.int().positive(),
      object: z.string(),
      generation: z.string(),
      md5: z.string(),
      bytes: z.int().nonnegative(),
      has_next: z.boolean(),
      status: z.int(),
      headers,
      requested_at: z.iso.datetime(),
    }),
  ),
  /** Answers without data that came in between: their bodies are kept here, the first 2,000 bytes of each. */
  refusals: z.array(
    z.object({
      chunk: z.int().positive(),
      status: z.int(),
      headers,
      requested_at: z.iso.datetime(),
      body: z.string(),
    }),
  ),
})

export type SnapshotManifest = z.infer<typeof snapshotManifest>
export type SnapshotResource = SnapshotManifest['resource']

/** Folder of one snapshot. A name is user text: what could be taken for a folder is escaped. */
export function snapshotFolder(options: {
  userName: string
  resource: SnapshotResource
  date: string
  runId: string
}): string {
  const user = encodeURIComponent(options.userName).replaceAll('.', '%2E')
  return `anilist/${user}/${options.resource}/dt=${options.date}/run=${options.runId}`
}
