import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { invalidRequest } from '../resources/missing.ts'
import { type LoadFile, type LoadRequest, WarehouseError } from '../warehouse.ts'

const decoders: Readonly<Record<string, string>> = {
  'UTF-8': 'utf-8',
  'ISO-8859-1': 'latin1',
  'UTF-16BE': 'utf-16be',
  'UTF-16LE': 'utf-16le',
  'UTF-32BE': 'utf-32be',
  'UTF-32LE': 'utf-32le',
}

/** The encoding of a job's files, by the API's name. */
export function encodingOf(request: LoadRequest): string {
  const name = (request.csv?.encoding ?? 'UTF-8').toUpperCase()
  if (decoders[name] === undefined) throw invalidRequest(`Invalid value for encoding: ${name}`)
  return name
}

/** A file's bytes, decompressed. */
function bytesOf(file: LoadFile): Readable {
  const raw = createReadStream(file.path)
  if (!file.gzip) return raw
  const unzipped = createGunzip()
  raw.on('error', (error) => unzipped.destroy(error))
  return raw.pipe(unzipped)
}

/** The file's text in pieces; what is no text of the encoding comes as U+FFFD. Stops with the signal. */
export async function* textOf(
  file: LoadFile,
  encoding: string,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const decode = decoderOf(encoding)
  for await (const chunk of bytesOf(file)) {
    if (signal?.aborted)
      throw new WarehouseError({ reason: 'stopped', message: 'Job execution was cancelled' })
    yield decode(chunk as Buffer, false)
  }
  const last = decode(Buffer.alloc(0), true)
  if (last !== '') yield last
}

/** Text of the file's beginning, from about so many bytes of it. */
export async function headOf(file: LoadFile, encoding: string, bytes = 1 << 18): Promise<string> {
  const decode = decoderOf(encoding)
  let text = ''
  const stream = bytesOf(file)
  try {
    for await (const chunk of stream) {
      text += decode(chunk as Buffer, false)
      if (text.length >= bytes) break
    }
  } finally {
    stream.destroy()
  }
  return text
}

type Decode = (bytes: Buffer, last: boolean) => string

function decoderOf(encoding: string): Decode {
  const label = decoders[encoding]!
  if (label.startsWith('utf-32')) return utf32(label === 'utf-32be')
  // The label latin1 would mean windows-1252 to a TextDecoder, which has other characters from 0x80 to 0x9F.
  if (label === 'latin1') return (bytes) => bytes.toString('latin1')
  const decoder = new TextDecoder(label)
  return (bytes, last) => decoder.decode(bytes, { stream: !last })
}

function utf32(bigEndian: boolean): Decode {
  let rest = Buffer.alloc(0)
  return (bytes) => {
    const all = Buffer.concat([rest, bytes])
    const whole = all.length - (all.length % 4)
    let text = ''
    for (let at = 0; at < whole; at += 4) {
      const code = bigEndian ? all.readUInt32BE(at) : all.readUInt32LE(at)
      if (code !== 0xfeff) text += code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD'
    }
    rest = all.subarray(whole)
    return text
  }
}
