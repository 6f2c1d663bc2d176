import { describe, expect, it } from 'vitest'
import type { CloudRequest } from './request.ts'
import { ApiError, json, readJson, routes } from './routes.ts'

function request(method: CloudRequest['method'], path: string, body = ''): CloudRequest {
  return { method, path, query: new URLSearchParams(), headers: {}, body: new TextEncoder().encode(body) }
}

const route = routes([
  {
    method: 'GET',
    path: '/v1/projects/{project}/jobs/{job}',
    handle: (_request, { project, job }) => json(200, { get: [project, job] }),
  },
  {
    method: 'GET',
    path: '/v1/projects/{project}/jobs/{job}:export',
    handle: (_request, { project, job }) => json(200, { export: [project, job] }),
  },
  {
    method: 'POST',
    path: '/v1/projects/{project}/jobs',
    handle: (given) => json(200, readJson(given)),
  },
  {
    method: 'GET',
    path: '/files/{name=**}',
    handle: (_request, { name }) => json(200, { name }),
  },
  {
    method: 'DELETE',
    path: '/v1/projects/{project}',
    handle: () => {
      throw new ApiError(409, 'busy', 'conflict')
    },
  },
])

describe('routes', () => {
  it.each([
    ['/v1/projects/p/jobs/j', { get: ['p', 'j'] }],
    ['/v1/projects/p/jobs/a%2Fb%20%C3%A9', { get: ['p', 'a/b é'] }],
    ['/v1/projects/p/jobs/j:export', { export: ['p', 'j'] }],
    ['/v1/projects/p/jobs/j%3Aexport', { get: ['p', 'j:export'] }],
    ['/files/a/b%2Fc', { name: 'a/b/c' }],
  ])('GET %s', async (path, expected) => {
    expect(await route(request('GET', path))).toEqual({ status: 200, body: { json: expected } })
  })

  it.each(['/v1/projects/p/jobs/', '/v1/projects/p/jobs/j/more', '/v1/projects//jobs/j', '/', '', '/files/'])(
    'leaves %s to others',
    async (path) => {
      expect(await route(request('GET', path))).toBeNull()
    },
  )

  it('answers 400 for a broken escape', async () => {
    expect((await route(request('GET', '/v1/projects/p/jobs/%E0%A4%A')))?.status).toBe(400)
  })

  it.each(['{', '[]', '"x"', 'null', '\u0000'])('answers 400 for the body %j', async (body) => {
    expect((await route(request('POST', '/v1/projects/p/jobs', body)))?.status).toBe(400)
  })

  it('takes an empty body as an empty message', async () => {
    expect(await route(request('POST', '/v1/projects/p/jobs'))).toEqual({ status: 200, body: { json: {} } })
  })

  it("turns ApiError into Google's error body", async () => {
    expect(await route(request('DELETE', '/v1/projects/p'))).toEqual({
      status: 409,
      body: {
        json: {
          error: {
            code: 409,
            message: 'busy',
            status: 'ALREADY_EXISTS',
            errors: [{ message: 'busy', domain: 'global', reason: 'conflict' }],
          },
        },
      },
    })
  })
})
