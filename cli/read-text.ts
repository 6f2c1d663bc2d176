import { createReadStream, statSync } from 'node:fs'
import { UserError } from '../deploy/user-error.ts'

/** Far more than any source or argument may have; what never ends, such as a device, is cut off here. */
const MOST_BYTES = 16 * 1024 * 1024

/**
 * Reads a text file, or the standard input for `-`.
 *
 * @throws UserError for what is missing, no file, too large or no text in UTF-8
 */
export async function readText(name: string): Promise<string> {
  const place = name === '-' ? 'standard input' : name
  if (name !== '-') checkFile(name)
  const stream = name === '-' ? process.stdin : createReadStream(name)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MOST_BYTES) throw new UserError('DAG604', `is longer than ${MOST_BYTES} bytes`, { place })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new UserError('DAG604', 'is not text in UTF-8', { place, hint: 'give a YAML or JSON file' })
  }
}

function checkFile(name: string): void {
  const hint = 'give the name of a YAML or JSON file'
  let folder: boolean
  try {
    folder = statSync(name).isDirectory()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
    throw new UserError('DAG604', isMissing ? 'there is no such file' : message, { place: name, hint })
  }
  if (folder) throw new UserError('DAG604', 'is a folder, not a file', { place: name, hint })
}
