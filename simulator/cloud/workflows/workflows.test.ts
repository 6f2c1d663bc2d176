import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestCloud, type TestCloud } from '../../testing/cloud.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(() => cloud.close())

const returns = (value: string) => `main:\n  steps:\n    - done:\n        return: ${value}\n`

async function create(workflowId: string, source = returns('1')) {
  const workflow = { sourceContents: source }
  const [operation] = await cloud.workflows.createWorkflow({ parent: cloud.parent, workflowId, workflow })
  const [created] = await operation.promise()
  return created
}

describe('@google-cloud/workflows', () => {
  it('deploys with enums as numbers and reads them back', async () => {
    const [operation] = await cloud.workflows.createWorkflow({
      parent: cloud.parent,
      workflowId: 'levels',
      workflow: {
        sourceContents: returns('1'),
        executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
        callLogLevel: 'LOG_ERRORS_ONLY',
        labels: { dag: 'levels' },
        userEnvVars: { DAG_BUCKET: 'b' },
      },
    })
    expect(operation.metadata).toMatchObject({ target: `${cloud.parent}/workflows/levels`, verb: 'create' })
    await operation.promise()
    const { body } = await cloud.request('GET', `/v1/${cloud.parent}/workflows/levels`)
    expect(body).toMatchObject({
      name: `${cloud.parent}/workflows/levels`,
      state: 'ACTIVE',
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
      callLogLevel: 'LOG_ERRORS_ONLY',
      labels: { dag: 'levels' },
      userEnvVars: { DAG_BUCKET: 'b' },
    })
    expect(body['revisionId']).toMatch(/^000001-[0-9a-f]{3}$/)
    expect(body['serviceAccount']).toMatch(/^projects\/test-project\/serviceAccounts\/\d{12}-compute@/)
  })

  it('makes a revision of what the mask names, and only for what belongs to one', async () => {
    await create('revised')
    const name = `${cloud.parent}/workflows/revised`
    const patch = async (workflow: object, ...paths: string[]) => {
      const [operation] = await cloud.workflows.updateWorkflow({
        workflow: { name, ...workflow },
        updateMask: { paths },
      })
      const [updated] = await operation.promise()
      return updated
    }
    const labelled = await patch({ labels: { a: 'b' }, sourceContents: returns('9') }, 'labels')
    expect(labelled).toMatchObject({ labels: { a: 'b' }, sourceContents: returns('1') })
    expect(labelled.revisionId).toMatch(/^000001-/)
    const changed = await patch({ sourceContents: returns('2') }, 'source_contents')
    expect(changed).toMatchObject({ labels: { a: 'b' }, sourceContents: returns('2') })
    expect(changed.revisionId).toMatch(/^000002-/)
    const unchanged = await patch({ sourceContents: returns('2') }, 'source_contents')
    expect(unchanged.revisionId).toBe(changed.revisionId)
    const camelCase = await cloud.request('PATCH', `/v1/${name}?updateMask=userEnvVars`, {
      userEnvVars: { X: 'y' },
    })
    expect(camelCase.body['response']).toMatchObject({
      userEnvVars: { X: 'y' },
      sourceContents: returns('2'),
    })

    const [revisions] = await cloud.workflows.listWorkflowRevisions({ name })
    expect(revisions.map(({ revisionId }) => revisionId?.slice(0, 6))).toEqual(['000003', '000002', '000001'])
    const [first] = await cloud.workflows.getWorkflow({ name, revisionId: revisions[2]?.revisionId ?? '' })
    expect(first.sourceContents).toBe(returns('1'))
    await expect(cloud.workflows.getWorkflow({ name, revisionId: '000009-abc' })).rejects.toMatchObject({
      code: 404,
    })
  })

  it('replaces the whole workflow without a mask', async () => {
    await create('replaced')
    await cloud.request('PATCH', `/v1/${cloud.parent}/workflows/replaced`, {
      source_contents: returns('2'),
      labels: { a: 'b' },
    })
    const { body } = await cloud.request('PATCH', `/v1/${cloud.parent}/workflows/replaced`, {
      sourceContents: returns('3'),
    })
    expect(body['response']).toMatchObject({ sourceContents: returns('3') })
    expect(body['response']).not.toHaveProperty('labels')
  })

  it('refuses an invalid source in the operation', async () => {
    await expect(create('invalid', returns('${varC}'))).rejects.toMatchObject({
      code: 3,
      // As documented: https://cloud.google.com/workflows/docs/troubleshooting#deployment
      message:
        "failed to build: error in step done: error evaluating return value: symbol 'varC' is neither a variable nor a sub-workflow name",
    })
    await expect(create('invalid', 'main: [')).rejects.toMatchObject({
      code: 3,
      message: expect.stringMatching(/^failed to build: main.yaml:1:\d+: /) as string,
    })
    await expect(create('invalid', '')).rejects.toMatchObject({ code: 3 })
    await expect(
      cloud.workflows.getWorkflow({ name: `${cloud.parent}/workflows/invalid` }),
    ).rejects.toMatchObject({
      code: 404,
    })
  })

  it('keeps the deployed source when a redeployment is refused', async () => {
    await create('kept')
    const name = `${cloud.parent}/workflows/kept`
    const [operation] = await cloud.workflows.updateWorkflow({
      workflow: { name, sourceContents: 'nonsense' },
      updateMask: { paths: ['source_contents'] },
    })
    await expect(operation.promise()).rejects.toMatchObject({ code: 3 })
    expect((await cloud.workflows.getWorkflow({ name }))[0].sourceContents).toBe(returns('1'))
  })

  it('answers a second create with ALREADY_EXISTS in the operation', async () => {
    await create('twice')
    await expect(create('twice')).rejects.toMatchObject({ code: 6 })
  })

  it('keeps operations readable', async () => {
    const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=operated`, {
      sourceContents: returns('1'),
    })
    expect(body).toMatchObject({ done: true, metadata: { verb: 'create', apiVersion: 'v1' } })
    const name = String(body['name'])
    expect(name).toMatch(/\/operations\/operation-\d+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$/)
    expect((await cloud.request('GET', `/v1/${name}`)).body).toEqual(body)
    expect((await cloud.request('GET', `/v1/${cloud.parent}/operations?pageSize=1`)).body).toMatchObject({
      operations: [{ name }],
    })
    expect((await cloud.request('DELETE', `/v1/${name}`)).status).toBe(200)
    expect((await cloud.request('GET', `/v1/${name}`)).status).toBe(404)
  })

  it('lists by page and deletes', async () => {
    await Promise.all(['page-a', 'page-b', 'page-c'].map((id) => create(id)))
    const listed = []
    for await (const one of cloud.workflows.listWorkflowsAsync(
      { parent: cloud.parent, pageSize: 2 },
      { autoPaginate: false },
    )) {
      listed.push(one.name?.split('/').at(-1))
    }
    expect(listed).toEqual(listed.toSorted((a, b) => String(a).localeCompare(String(b))))
    expect(listed).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']))
    const [operation] = await cloud.workflows.deleteWorkflow({ name: `${cloud.parent}/workflows/page-b` })
    await operation.promise()
    const [rest] = await cloud.workflows.listWorkflows({ parent: cloud.parent, filter: 'name:page-' })
    expect(rest.map(({ name }) => name?.split('/').at(-1))).toEqual(['page-a', 'page-c'])
  })

  it('lists all regions for the location -', async () => {
    await create('here')
    const elsewhere = '/v1/projects/test-project/locations/europe-west4/workflows'
    await cloud.request('POST', `${elsewhere}?workflowId=there`, { sourceContents: returns('1') })
    const { body } = await cloud.request('GET', '/v1/projects/test-project/locations/-/workflows')
    const names = (body['workflows'] as { name: string }[]).map(({ name }) =>
      name.split('/').slice(3).join('/'),
    )
    expect(names).toEqual(
      expect.arrayContaining(['us-central1/workflows/here', 'europe-west4/workflows/there']),
    )
    const { body: one } = await cloud.request('GET', elsewhere)
    expect(one['workflows']).toHaveLength(1)
  })

  it('takes a project number for the project', async () => {
    await create('numbered')
    const { body } = await cloud.request(
      'GET',
      '/v1/projects/123456789012/locations/us-central1/workflows/numbered',
    )
    expect(body['name']).toBe(`${cloud.parent}/workflows/numbered`)
    const elsewhere = await cloud.request(
      'GET',
      '/v1/projects/other/locations/us-central1/workflows/numbered',
    )
    expect(elsewhere.status).toBe(404)
  })
})

/** Every limit of the resource, at its edge and one above. */
describe('limits', () => {
  const source = returns('1')
  const text = (length: number) => 'x'.repeat(length)
  const many = (count: number, key: (index: number) => string, value: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [key(index), value]))
  const labels = (count: number) => many(count, (index) => `l${index}`, 'v')
  const variables = (count: number) => many(count, (index) => `V${index}`, 'v')
  /** A source of exactly so many bytes, which comments do not shorten. */
  const sized = (bytes: number) => `${source}#${text(bytes - source.length - 1)}`

  it.each<[string, object]>([
    ['no label', { labels: {} }],
    ['64 labels', { labels: labels(64) }],
    ['a label of one letter without a value', { labels: { a: '' } }],
    ['a label of 63 characters', { labels: { ['k'.repeat(63)]: text(63) } }],
    ['all characters of labels', { labels: { 'a-b_c9': '0-_z' } }],
    ['international letters in labels', { labels: { übung: 'ß漢字' } }],
    ['a description of 1000 characters', { description: '漢'.repeat(1000) }],
    ['20 variables', { userEnvVars: variables(20) }],
    ['a variable of 4 KiB', { userEnvVars: { [text(4096)]: text(4096) } }],
    ['a lower-case variable that begins like a reserved one', { userEnvVars: { google_x: '1' } }],
    ['a source of 128 KB', { sourceContents: sized(128 * 1024) }],
    ['a key', { cryptoKeyName: 'projects/p/locations/l/keyRings/r/cryptoKeys/k' }],
  ])('%s', async (_what, workflow) => {
    const id = `w${randomUUID()}`
    const { status, body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=${id}`, {
      sourceContents: source,
      ...workflow,
    })
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('error')
    expect((await cloud.request('GET', `/v1/${cloud.parent}/workflows/${id}`)).body).toMatchObject(workflow)
  })

  it.each(['a', 'A', 'a-b', 'a_b', 'a1', text(64), `a${'-'.repeat(62)}1`])('the id %s', async (id) => {
    const { status } = await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=${id}`, {
      sourceContents: source,
    })
    expect(status).toBe(200)
  })

  it.each<[string, string, object, string, string | RegExp]>([
    ['no id', '', {}, 'workflow_id', /workflow ID/],
    ['an id that starts with a digit', '1x', {}, 'workflow_id', /workflow ID/],
    ['an id that ends with a hyphen', 'x-', {}, 'workflow_id', /workflow ID/],
    ['an id with a dot', 'x.y', {}, 'workflow_id', /workflow ID/],
    ['an id of 65 characters', text(65), {}, 'workflow_id', /workflow ID/],
    [
      'an unknown field',
      'x',
      { sourceContent: '' },
      'workflow',
      `Invalid JSON payload received. Unknown name "sourceContent" at 'workflow': Cannot find field.`,
    ],
    [
      'a source that is no string',
      'x',
      { sourceContents: 1 },
      'workflow.source_contents',
      `Invalid value at 'workflow.source_contents' (TYPE_STRING), 1`,
    ],
    [
      'an unknown level',
      'x',
      { callLogLevel: 'LOUD' },
      'workflow.call_log_level',
      `Invalid value at 'workflow.call_log_level' (type.googleapis.com/google.cloud.workflows.v1.Workflow.CallLogLevel), "LOUD"`,
    ],
    [
      'an unknown level as number',
      'x',
      { executionHistoryLevel: 7 },
      'workflow.execution_history_level',
      /ExecutionHistoryLevel\), 7$/,
    ],
    [
      'a label that is no string',
      'x',
      { labels: { dag: 1 } },
      'workflow.labels[0].value',
      `Invalid value at 'workflow.labels[0].value' (TYPE_STRING), 1`,
    ],
    ['65 labels', 'x', { labels: labels(65) }, 'workflow.labels', /64 labels/],
    ['an upper-case label', 'x', { labels: { Dag: 'x' } }, 'workflow.labels', /label key: "Dag"/],
    ['an upper-case value', 'x', { labels: { dag: 'X' } }, 'workflow.labels', /label "dag": "X"/],
    ['a label that begins with a digit', 'x', { labels: { '1a': '' } }, 'workflow.labels', /label key/],
    ['an empty label', 'x', { labels: { '': 'x' } }, 'workflow.labels', /label key/],
    ['a label of 64 characters', 'x', { labels: { [text(64)]: '' } }, 'workflow.labels', /label key/],
    ['a value of 64 characters', 'x', { labels: { a: text(64) } }, 'workflow.labels', /label "a"/],
    ['a description of 1001 characters', 'x', { description: text(1001) }, 'workflow.description', /1000/],
    ['21 variables', 'x', { userEnvVars: variables(21) }, 'workflow.user_env_vars', /at most 20/],
    ['a variable without a name', 'x', { userEnvVars: { '': '1' } }, 'workflow.user_env_vars', /name/],
    ['a reserved variable', 'x', { userEnvVars: { GOOGLE_X: 'x' } }, 'workflow.user_env_vars', /GOOGLE_X/],
    ['another', 'x', { userEnvVars: { WORKFLOWS_X: 'x' } }, 'workflow.user_env_vars', /WORKFLOWS_X/],
    ['a name above 4 KiB', 'x', { userEnvVars: { [text(4097)]: '' } }, 'workflow.user_env_vars', /4 KiB/],
    ['a value above 4 KiB', 'x', { userEnvVars: { A: text(4097) } }, 'workflow.user_env_vars', /4 KiB/],
  ])('refused with 400: %s', async (_what, id, workflow, field, message) => {
    const path = `/v1/${cloud.parent}/workflows?workflowId=${id}`
    const { status, body } = await cloud.request('POST', path, { sourceContents: source, ...workflow })
    expect(status).toBe(400)
    const description =
      typeof message === 'string' ? message : (expect.stringMatching(message) as unknown as string)
    expect(body).toEqual({
      error: {
        code: 400,
        status: 'INVALID_ARGUMENT',
        message: description,
        details: [
          { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description }] },
        ],
      },
    })
  })

  it('a source above 128 KB is refused by the deployment', async () => {
    const { status, body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=large`, {
      sourceContents: sized(128 * 1024 + 1),
    })
    expect({ status, body }).toMatchObject({ status: 200, body: { done: true, error: { code: 3 } } })
  })

  it.each(['source', 'name', 'revisionId', 'labels,nope', 'source-contents'])('the mask %s', async (mask) => {
    await create('masked').catch(() => undefined)
    const path = `/v1/${cloud.parent}/workflows/masked?updateMask=${mask}`
    expect(await cloud.request('PATCH', path, {})).toMatchObject({
      status: 400,
      body: { error: { details: [{ fieldViolations: [{ field: 'update_mask' }] }] } },
    })
  })
})
