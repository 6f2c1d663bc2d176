import type { CloudRequest, CloudResponse } from '../request.ts'
import { ApiError } from '../routes.ts'
import { readBoundary, splitParts, type Part } from './multipart.ts'

/** https://cloud.google.com/storage/docs/batch: at most 100 calls, none of which carries content. */
const limit = 100

/** Answers a batch: each part is a request, and the answer has a part for each in the same order. */
export async function answerBatch(
  request: CloudRequest,
  answer: (call: CloudRequest) => Promise<CloudResponse>,
): Promise<CloudResponse> {
  const boundary = readBoundary(request.headers['content-type'])
  const parts = splitParts(Buffer.from(request.body), boundary)
  if (parts.length === 0) throw new ApiError(400, 'The batch has no parts.', 'badRequest')
  if (parts.length > limit) throw new ApiError(400, `The batch has more than ${limit} calls.`, 'invalid')
  const own = `batch_${boundary.replaceAll(/[^\w]/g, '')}`
  const answered: Buffer[] = []
  for (const part of parts) {
    const response = await answer(readCall(part, request.headers))
    answered.push(Buffer.from(`--${own}\r\n`), formatAnswer(response, part.headers['content-id']))
  }
  answered.push(Buffer.from(`--${own}--\r\n`))
  return {
    status: 200,
    headers: { 'content-type': `multipart/mixed; boundary=${own}` },
    body: { bytes: Buffer.concat(answered) },
  }
}

/** The request in a part; headers of the batch itself apply to every part that does not give its own. */
function readCall(part: Part, outer: CloudRequest['headers']): CloudRequest {
  const [head = '', ...rest] = part.content.toString('utf8').split(/\r?\n\r?\n/)
  const [line = '', ...headerLines] = head.trimStart().split(/\r?\n/)
  const match = /^(GET|POST|PUT|PATCH|DELETE) (\S+)(?: HTTP\/[\d.]+)?$/.exec(line.trim())
  if (match === null) throw new ApiError(400, `Not a request line: ${line}`, 'badRequest')
  const headers: Record<string, string> = {}
  for (const header of headerLines) {
    const colon = header.indexOf(':')
    if (colon > 0) headers[header.slice(0, colon).trim().toLowerCase()] = header.slice(colon + 1).trim()
  }
  const { authorization } = outer
  const target = match[2]!.replace(/^https?:\/\/[^/?#]*/i, '')
  const [path = '', query = ''] = target.split('?', 2)
  if (
    /^\/(upload|download|resumable|batch)\//.test(path) ||
    new URLSearchParams(query).get('alt') === 'media'
  )
    throw new ApiError(400, 'A batch cannot carry the content of objects.', 'badRequest')
  return {
    method: match[1] as CloudRequest['method'],
    path,
    query: new URLSearchParams(query),
    headers: { ...(authorization === undefined ? {} : { authorization }), ...headers },
    body: Buffer.from(rest.join('\r\n\r\n').trimEnd()),
  }
}

function formatAnswer(response: CloudResponse, id: string | undefined): Buffer {
  const { body } = response
  const content =
    body === undefined
      ? Buffer.alloc(0)
      : 'json' in body
        ? Buffer.from(JSON.stringify(body.json))
        : Buffer.from(body.bytes)
  const reference =
    id === undefined ? [] : [`Content-ID: ${id.replace(/^<?/, '<response-').replace(/>?$/, '>')}`]
  const type = content.length === 0 ? [] : ['Content-Type: application/json; charset=UTF-8']
  const head = [
    'Content-Type: application/http',
    ...reference,
    '',
    `HTTP/1.1 ${response.status} ${phrases[response.status] ?? 'Error'}`,
    ...type,
    `Content-Length: ${content.length}`,
    '',
    '',
  ]
  return Buffer.concat([Buffer.from(head.join('\r\n')), content, Buffer.from('\r\n')])
}

const phrases: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
}
