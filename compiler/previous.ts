import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { manifestSchema, type Manifest } from '../artifact/manifest.ts'

/** The manifest of the last compile; null where there is none, or none that this version can read. */
export function previousManifest(folder: string): Manifest | null {
  const file = join(folder, 'manifest.json')
  if (!existsSync(file)) return null
  try {
    return manifestSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data ?? null
  } catch {
    return null
  }
}
