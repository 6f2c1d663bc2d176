import type { CloudResponse } from '../request.ts'
import type { ApiError } from '../routes.ts'

/** Codes of the XML API. https://cloud.google.com/storage/docs/xml-api/reference-status */
const codes: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ['InvalidArgument', 'Invalid argument.'],
  403: ['AccessDenied', 'Access denied.'],
  404: ['NoSuchKey', 'The specified key does not exist.'],
  412: ['PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.'],
}

const codesByReason: Readonly<Record<string, readonly [code: string, message: string]>> = {
  noSuchUpload: ['NoSuchUpload', 'The requested upload was not found.'],
  invalidPart: ['InvalidPart', 'A specified part could not be found.'],
  expiredToken: ['ExpiredToken', 'The provided token has expired.'],
}

/** An answer of the XML API. */
export function xml(
  status: number,
  root: string,
  children: readonly (readonly [string, string])[],
): CloudResponse {
  const namespace = root === 'Error' ? '' : ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
  const inner = children.map(([name, text]) => `<${name}>${escape(text)}</${name}>`).join('')
  const document = `<?xml version='1.0' encoding='UTF-8'?><${root}${namespace}>${inner}</${root}>`
  return {
    status,
    headers: { 'content-type': 'application/xml; charset=UTF-8' },
    body: { bytes: Buffer.from(document) },
  }
}

/** A refusal as the XML API words it. */
export function xmlError(error: ApiError): CloudResponse {
  const [code, message] = codesByReason[error.detail.reason ?? ''] ??
    codes[error.status] ?? ['InternalError', 'Internal error.']
  return xml(error.status, 'Error', [
    ['Code', code],
    ['Message', message],
    ['Details', error.message],
  ])
}

/** The parts that the body of a completion names, in its order; null where it is no such document. */
export function readCompletion(
  body: string,
): readonly { readonly number: number; readonly etag: string }[] | null {
  if (!/<(?:\w+:)?CompleteMultipartUpload[\s>]/.test(body)) return null
  const parts = [...body.matchAll(/<(?:\w+:)?Part>(.*?)<\/(?:\w+:)?Part>/gs)].map(([, part = '']) => {
    const number = /<(?:\w+:)?PartNumber>\s*(\d+)\s*</.exec(part)?.[1]
    const etag = /<(?:\w+:)?ETag>\s*(.*?)\s*<\//s.exec(part)?.[1]
    return { number: Number(number), etag: (etag ?? '').replaceAll(/&quot;|&#34;|"/g, '') }
  })
  return parts.length === 0 || parts.some(({ number }) => Number.isNaN(number)) ? null : parts
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
