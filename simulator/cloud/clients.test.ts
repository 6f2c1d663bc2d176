import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executionEnd, startTestCloud, type TestCloud } from '../testing/cloud.ts'

/** What `@google-cloud/workflows` offers over REST, method by method; what it sends is told by the clients alone. */
let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ executionQuota: { concurrent: 3, backlog: 0 } })
  for (const id of ['client-a', 'client-b', 'client-c']) await deploy(id, '[{a: {return: 1}}]', id.slice(-1))
  await deploy('napping', '[{nap: {call: sys.sleep, args: {seconds: 600}}}]', 'n')
  await deploy('echo', '{main: {params: [a], steps: [{give: {return: "${a}"}}]}}', 'e')
})
afterAll(() => cloud.close())

/** The iterators page by themselves, and warn where they are asked to. */
const eachPage = { autoPaginate: false }

const nameOf = (id: string) => `${cloud.parent}/workflows/${id}`

async function deploy(workflowId: string, sourceContents: string, letter: string): Promise<string> {
  const [operation] = await cloud.workflows.createWorkflow({
    parent: cloud.parent,
    workflowId,
    workflow: { sourceContents, labels: { letter } },
  })
  await operation.promise()
  return operation.name ?? ''
}

/** Google's error body, which the REST transport leaves in the message. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Error)) throw new Error('nothing was refused')
  return (JSON.parse(error.message) as { error: unknown }).error
}

describe('WorkflowsClient', () => {
  it('follows an operation by its name alone', async () => {
    const name = await deploy('followed', '[{a: {return: 1}}]', 'f')
    const progress = await cloud.workflows.checkCreateWorkflowProgress(name)
    expect(progress.done).toBe(true)
    expect(progress.metadata).toMatchObject({ target: nameOf('followed'), verb: 'create', apiVersion: 'v1' })
    expect(progress.result).toMatchObject({ name: nameOf('followed'), state: 1 })
  })

  it('lists with filter and order, page by page and all at once', async () => {
    const ids = (found: readonly { name?: string | null }[]) =>
      found.map(({ name }) => name?.split('/').at(-1))
    const { parent } = cloud
    const filter = 'name:client-'
    const [all] = await cloud.workflows.listWorkflows({ parent, filter, orderBy: 'name desc' })
    expect(ids(all)).toEqual(['client-c', 'client-b', 'client-a'])
    const iterated = []
    for await (const one of cloud.workflows.listWorkflowsAsync({ parent, filter, pageSize: 1 }, eachPage)) {
      iterated.push(one)
    }
    expect(ids(iterated)).toEqual(['client-a', 'client-b', 'client-c'])
    const [labelled] = await cloud.workflows.listWorkflows({ parent, filter: 'labels.letter="b"' })
    expect(ids(labelled)).toEqual(['client-b'])
    const [page, next, answer] = await cloud.workflows.listWorkflows(
      { parent, filter, pageSize: 2 },
      { autoPaginate: false },
    )
    expect(ids(page)).toEqual(['client-a', 'client-b'])
    expect(next).toMatchObject({ pageToken: answer.nextPageToken })
  })

  it('updates by a mask, all fields of which it sends in snake case', async () => {
    const [operation] = await cloud.workflows.updateWorkflow({
      workflow: {
        name: nameOf('client-a'),
        description: 'changed',
        callLogLevel: 'LOG_NONE',
        userEnvVars: { A: 'b' },
        sourceContents: 'ignored',
      },
      updateMask: { paths: ['description', 'call_log_level', 'user_env_vars'] },
    })
    const [updated] = await operation.promise()
    expect(updated).toMatchObject({
      description: 'changed',
      callLogLevel: 3,
      userEnvVars: { A: 'b' },
      labels: { letter: 'a' },
      sourceContents: '[{a: {return: 1}}]',
    })
    const revisions = []
    const request = { name: nameOf('client-a'), pageSize: 1 }
    for await (const one of cloud.workflows.listWorkflowRevisionsAsync(request, eachPage)) {
      revisions.push(one.revisionId?.slice(0, 6))
    }
    expect(revisions).toEqual(['000002', '000001'])
  })

  it('deletes, and then finds nothing', async () => {
    await deploy('gone', '[{a: {return: 1}}]', 'g')
    const [operation] = await cloud.workflows.deleteWorkflow({ name: nameOf('gone') })
    await operation.promise()
    expect(operation.metadata).toMatchObject({ verb: 'delete', target: nameOf('gone') })
    const missing = { code: 404, status: 'NOT_FOUND', message: `Workflow "${nameOf('gone')}" not found` }
    const calls = [
      () => cloud.workflows.getWorkflow({ name: nameOf('gone') }),
      () => cloud.workflows.deleteWorkflow({ name: nameOf('gone') }),
      () => cloud.workflows.updateWorkflow({ workflow: { name: nameOf('gone') } }),
      () => cloud.workflows.listWorkflowRevisions({ name: nameOf('gone') }),
      () => cloud.executions.createExecution({ parent: nameOf('gone'), execution: {} }),
      () => cloud.executions.listExecutions({ parent: nameOf('gone') }),
    ]
    for (const call of calls) expect(await refusal(call())).toMatchObject(missing)
  })

  it.each<[string, object, string]>([
    ['1', {}, 'workflow_id'],
    ['x', { labels: { Upper: 'a' } }, 'workflow.labels'],
    ['x', { description: 'x'.repeat(1001) }, 'workflow.description'],
    ['x', { userEnvVars: { GOOGLE_A: 'x' } }, 'workflow.user_env_vars'],
    ['x', { callLogLevel: 9 }, 'workflow.call_log_level'],
  ])('is refused the id %s with %j, and told the field', async (workflowId, workflow, field) => {
    const call = cloud.workflows.createWorkflow({ parent: cloud.parent, workflowId, workflow })
    expect(await refusal(call)).toMatchObject({
      code: 400,
      status: 'INVALID_ARGUMENT',
      details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field }] }],
    })
  })

  it('gets ALREADY_EXISTS and INVALID_ARGUMENT from operations as codes', async () => {
    await expect(deploy('client-b', '[{a: {return: 1}}]', 'b')).rejects.toMatchObject({
      code: 6,
      message: `workflow "${nameOf('client-b')}" already exists`,
    })
    await expect(deploy('bad', '[{a: {retrun: 1}}]', 'x')).rejects.toMatchObject({
      code: 3,
      message: expect.stringMatching(/^failed to build: /) as string,
    })
  })

  it('knows where it is', async () => {
    // Its type leaves out that the answer comes in a list, as with all methods.
    const answer: unknown = await cloud.workflows.getLocation({ name: cloud.parent })
    expect((answer as readonly unknown[])[0]).toMatchObject({ name: cloud.parent, locationId: 'us-central1' })
    const found = []
    const request = { name: cloud.parent.split('/').slice(0, 2).join('/') }
    for await (const one of cloud.workflows.listLocationsAsync(request, eachPage)) found.push(one.locationId)
    expect(found).toEqual(['us-central1'])
  })
})

describe('ExecutionsClient', () => {
  const start = async (workflow: string, argument?: string) => {
    const [execution] = await cloud.executions.createExecution({
      parent: nameOf(workflow),
      execution: argument === undefined ? {} : { argument },
    })
    return execution.name ?? ''
  }

  it('gets both views', async () => {
    const name = await start('echo', '"x"')
    await executionEnd(cloud, name)
    const [full] = await cloud.executions.getExecution({ name, view: 'FULL' })
    expect(full).toMatchObject({ name, state: 'SUCCEEDED', argument: '"x"', result: '"x"' })
    expect(full.labels).toEqual({ letter: 'e' })
    expect(Number(full.endTime?.seconds)).toBeGreaterThanOrEqual(Number(full.startTime?.seconds))
    const [basic] = await cloud.executions.getExecution({ name, view: 'BASIC' })
    expect(basic).toMatchObject({ name, state: 'SUCCEEDED', argument: '', result: '', labels: {} })
  })

  it('lists by view, filter, order and page', async () => {
    const names = []
    for (const argument of ['1', '2', '3']) {
      names.push(await start('echo', argument))
      await executionEnd(cloud, names.at(-1) ?? '')
    }
    const parent = nameOf('echo')
    const results = async (request: object) => {
      const [found] = await cloud.executions.listExecutions({ parent, view: 'FULL', ...request })
      return found.map(({ result }) => result)
    }
    expect((await results({})).slice(0, 3)).toEqual(['3', '2', '1'])
    const oldest = names[0]?.split('/').at(-1) ?? ''
    expect(await results({ filter: `executionId="${oldest}"` })).toEqual(['1'])
    expect(await results({ filter: 'state="FAILED"' })).toEqual([])
    expect((await results({ orderBy: 'createTime desc' }))[0]).toBe('3')
    expect((await results({ orderBy: 'createTime', pageSize: 1 })).at(-1)).toBe('3')
    const [basic] = await cloud.executions.listExecutions({ parent })
    expect(basic.every(({ result, state }) => result === '' && state === 'SUCCEEDED')).toBe(true)
    const refused = { code: 400, status: 'INVALID_ARGUMENT' }
    for (const request of [{ filter: 'nothing="1"' }, { orderBy: 'labels.a' }, { pageToken: 'x' }]) {
      expect(await refusal(cloud.executions.listExecutions({ parent, ...request }))).toMatchObject(refused)
    }
  })

  it('cancels, once; above the quota nothing starts', async () => {
    const running = [await start('napping'), await start('napping'), await start('napping')]
    expect(await refusal(start('napping'))).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' })
    for (const name of running) {
      const [cancelled] = await cloud.executions.cancelExecution({ name })
      expect(cancelled).toMatchObject({
        name,
        state: 'CANCELLED',
        error: { context: expect.any(String) as string },
      })
      expect(await refusal(cloud.executions.cancelExecution({ name }))).toMatchObject({
        code: 400,
        status: 'FAILED_PRECONDITION',
      })
    }
  })

  it('is refused what is no JSON, and what is not there', async () => {
    expect(await refusal(start('echo', '{'))).toMatchObject({
      code: 400,
      status: 'INVALID_ARGUMENT',
      details: [{ fieldViolations: [{ field: 'execution.argument' }] }],
    })
    const name = `${nameOf('echo')}/executions/none`
    for (const call of [
      cloud.executions.getExecution({ name }),
      cloud.executions.cancelExecution({ name }),
    ]) {
      expect(await refusal(call)).toMatchObject({ code: 404, status: 'NOT_FOUND' })
    }
  })
})
