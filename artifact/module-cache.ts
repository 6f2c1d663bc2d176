import { join } from 'node:path'

/** Raised with every change of how JavaScript is made of a file: entries of before are left alone. */
const form = 'form-2'

/**
 * The folder that keeps files of a project as the JavaScript that was made of them. An entry holds for the content that
 * it was made of: what changes is made anew.
 */
export function moduleCache(projectDir: string): string {
  return join(projectDir, '.dag', 'cache', form)
}
