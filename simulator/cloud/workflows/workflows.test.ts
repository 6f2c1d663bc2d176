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

describe('refused with 400', () => {
  const source = returns('1')
  it.each([
    ['an unknown field', 'x', { sourceContent: source }, 'Unknown name "sourceContent"'],
    ['an id that starts with a digit', '1x', { sourceContents: source }, 'workflow ID'],
    ['an id that ends with a hyphen', 'x-', { sourceContents: source }, 'workflow ID'],
    ['no id', '', { sourceContents: source }, 'workflow ID'],
    ['a source that is no string', 'x', { sourceContents: 1 }, 'sourceContents'],
    ['an unknown level', 'x', { sourceContents: source, callLogLevel: 'LOUD' }, 'callLogLevel'],
    [
      'an unknown level as number',
      'x',
      { sourceContents: source, executionHistoryLevel: 7 },
      'executionHistoryLevel',
    ],
    ['an upper-case label', 'x', { sourceContents: source, labels: { Dag: 'x' } }, 'label'],
    ['a label that is no string', 'x', { sourceContents: source, labels: { dag: 1 } }, 'labels[dag]'],
    ['a reserved variable', 'x', { sourceContents: source, userEnvVars: { GOOGLE_X: 'x' } }, 'GOOGLE_X'],
    ['a long description', 'x', { sourceContents: source, description: 'x'.repeat(1001) }, 'description'],
  ])('%s', async (_what, id, workflow, message) => {
    const { status, body } = await cloud.request(
      'POST',
      `/v1/${cloud.parent}/workflows?workflowId=${id}`,
      workflow,
    )
    expect(status).toBe(400)
    expect(body['error']).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' })
    expect(JSON.stringify(body)).toContain(JSON.stringify(message).slice(1, -1))
  })

  it('an unknown field in the mask', async () => {
    await create('masked')
    const { status } = await cloud.request(
      'PATCH',
      `/v1/${cloud.parent}/workflows/masked?updateMask=source`,
      {},
    )
    expect(status).toBe(400)
  })
})
