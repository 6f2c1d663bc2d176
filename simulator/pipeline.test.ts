import { afterAll, beforeAll, expect, it } from 'vitest'
import { virtualClock } from './clock.ts'
import { executionEnd, startTestCloud, type TestCloud } from './testing/cloud.ts'

/** A step: writes what it was given to the object it was given, as the step protocol says. */
const step = `
const target = new URL(process.env.DAG_OUTPUT_URI.replace('gs://', 'http://'))
const metadata = { outcome: 'output', output: process.env.DAG_INPUT }
const body = ['--x', 'content-type: application/json', '', JSON.stringify({ contentType: 'application/json', metadata }),
  '--x', 'content-type: application/json', '', JSON.stringify({ output: JSON.parse(process.env.DAG_INPUT) }), '--x--', ''].join('\\r\\n')
const name = encodeURIComponent(target.pathname.slice(1))
fetch(process.env.STORAGE_EMULATOR_HOST + '/upload/storage/v1/b/' + target.hostname + '/o?uploadType=multipart&ifGenerationMatch=0&name=' + name,
  { method: 'POST', headers: { 'content-type': 'multipart/related; boundary=x' }, body })
  .then((response) => { console.log(JSON.stringify({ severity: 'INFO', message: 'stored', status: response.status })); process.exit(response.ok ? 0 : 1) })
`

const source = `
main:
  params: [args]
  steps:
    - start:
        assign:
          - parent: \${"projects/" + sys.get_env("GOOGLE_CLOUD_PROJECT_ID") + "/locations/" + sys.get_env("GOOGLE_CLOUD_LOCATION")}
          - folder: \${"runs/" + sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID") + "/"}
          - results: {}
    - lock:
        call: googleapis.storage.v1.objects.insert
        args:
          bucket: lake
          name: \${text.url_encode(folder + "lock.json")}
          uploadType: media
          ifGenerationMatch: 0
          body: { held: true }
    - lock_again:
        try:
          call: googleapis.storage.v1.objects.insert
          args:
            bucket: lake
            name: \${text.url_encode(folder + "lock.json")}
            uploadType: media
            ifGenerationMatch: 0
            body: { held: true }
        except:
          as: e
          steps:
            - note_code:
                assign: [{ "results.held": "\${e.code}" }]
    - tasks:
        parallel:
          shared: [results]
          for:
            value: task
            in: [one, two]
            steps:
              - prepare:
                  assign: [{ input: { task: "\${task}", n: "\${args.n}" } }]
              - run_job:
                  call: googleapis.run.v2.projects.locations.jobs.run
                  args:
                    name: \${parent + "/jobs/step"}
                    body:
                      overrides:
                        containerOverrides:
                          - env:
                              - name: DAG_INPUT
                                value: \${json.encode_to_string(input)}
                              - name: DAG_OUTPUT_URI
                                value: \${"gs://lake/" + folder + task + ".json"}
              - read_result:
                  call: googleapis.storage.v1.objects.get
                  args:
                    bucket: lake
                    object: \${text.url_encode(folder + task + ".json")}
                  result: object
              - keep_result:
                  assign:
                    - results[task]: \${json.decode(object.metadata.output)}
    - nap:
        call: sys.sleep
        args: { seconds: 7200 }
    - read_lock:
        call: googleapis.storage.v1.objects.get
        args: { bucket: lake, object: "\${text.url_encode(folder + \\"lock.json\\")}", alt: media }
        result: lock_content
    - fail_job:
        try:
          call: googleapis.run.v2.projects.locations.jobs.run
          args:
            name: \${parent + "/jobs/broken"}
        except:
          as: e
          steps:
            - note_failure:
                assign: [{ "results.failure": "\${e.message}" }, { "results.tags": "\${e.tags}" }]
    - unlock:
        call: googleapis.storage.v1.objects.delete
        args: { bucket: lake, object: "\${text.url_encode(folder + \\"lock.json\\")}" }
    - gone:
        try:
          call: googleapis.storage.v1.objects.get
          args: { bucket: lake, object: "\${text.url_encode(folder + \\"lock.json\\")}" }
        except:
          as: e
          steps:
            - note_gone:
                assign: [{ "results.gone": "\${e.code}" }, { "results.lock": "\${lock_content.held}" }]
    - child:
        call: googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run
        args: { workflow_id: child, argument: { x: 20 } }
        result: doubled
    - done:
        assign: [{ "results.child": "\${doubled}" }]
        next: finish
    - finish:
        return: \${results}
`

/** A table made by a job, its rows read by a query; a job id used twice and a job that fails. */
const warehouseSource = `
main:
  steps:
    - start:
        assign: [{ project: "\${sys.get_env(\\"GOOGLE_CLOUD_PROJECT_ID\\")}" }, { duplicate: null }, { tags: null }]
    - dataset:
        call: googleapis.bigquery.v2.datasets.insert
        args: { projectId: "\${project}", body: { datasetReference: { datasetId: lake }, location: US } }
    - table:
        call: googleapis.bigquery.v2.jobs.insert
        args:
          projectId: \${project}
          body:
            jobReference: { jobId: make, location: US }
            configuration:
              query: { query: "CREATE TABLE lake.t AS SELECT 9007199254740993 AS n", useLegacySql: false }
        result: job
    - again:
        try:
          call: googleapis.bigquery.v2.jobs.insert
          args:
            projectId: \${project}
            body:
              jobReference: { jobId: make, location: US }
              configuration: { query: { query: "SELECT 1", useLegacySql: false } }
        except:
          as: e
          steps:
            - note_code:
                assign: [{ duplicate: "\${e.code}" }]
    - broken:
        try:
          call: googleapis.bigquery.v2.jobs.insert
          args:
            projectId: \${project}
            body:
              jobReference: { jobId: broken, location: US }
              configuration: { query: { query: "SELECT * FROM lake.missing", useLegacySql: false } }
        except:
          as: e
          steps:
            - note_tags:
                assign: [{ tags: "\${e.tags}" }]
    - rows:
        call: googleapis.bigquery.v2.jobs.query
        args: { projectId: "\${project}", body: { query: "SELECT n FROM lake.t", useLegacySql: false } }
        result: rows
    - done:
        return: { n: "\${int(rows.rows[0].f[0].v)}", state: "\${job.status.state}", duplicate: "\${duplicate}", tags: "\${tags}" }
`

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ clock: virtualClock(Date.parse('2026-03-09T09:00:00Z')) })
  await cloud.request('POST', '/storage/v1/b?project=test-project', { name: 'lake' })
  const job = async (jobId: string, script: string) => {
    const template = { maxRetries: 0, containers: [{ image: 'script', args: [script] }] }
    await cloud.request('POST', `/v2/${cloud.parent}/jobs?jobId=${jobId}`, { template: { template } })
  }
  await job('step', step)
  await job('broken', 'process.exit(2)')
  const deploy = async (id: string, sourceContents: string) => {
    const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=${id}`, {
      sourceContents,
    })
    expect(body['error']).toBeUndefined()
  }
  await deploy('pipeline', source)
  await deploy('warehouse', warehouseSource)
  await deploy('child', 'main:\n  params: [args]\n  steps:\n    - done:\n        return: ${args.x * 2}\n')
})
afterAll(() => cloud.close())

it('runs jobs, reads their results and skips the waiting', async () => {
  const started = Date.now()
  const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/pipeline/executions`, {
    argument: '{"n": 9007199254740993}',
  })
  const execution = await executionEnd(cloud, String(body['name']))
  expect(execution['error']).toBeUndefined()
  expect(String(execution['result'])).toContain('"n":9007199254740993')
  expect(JSON.parse(String(execution['result']))).toMatchObject({
    held: 412,
    one: { task: 'one' },
    two: { task: 'two' },
    failure: expect.stringMatching(/^Task broken-\w{5}-task0 failed with message: .*exit code 2/) as string,
    tags: ['OperationError'],
    gone: 404,
    lock: true,
    child: 40,
  })
  const took = Date.parse(String(execution['endTime'])) - Date.parse(String(execution['startTime']))
  expect(took).toBeGreaterThan(7_200_000)
  expect(took).toBeLessThan(7_260_000)
  expect(Date.now() - started).toBeLessThan(10_000)
  const { body: children } = await cloud.request('GET', `/v1/${cloud.parent}/workflows/child/executions`)
  expect(children['executions']).toHaveLength(1)
})

it('runs BigQuery jobs and reads their rows', async () => {
  const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/warehouse/executions`, {})
  const execution = await executionEnd(cloud, String(body['name']))
  expect(execution['error']).toBeUndefined()
  expect(execution['result']).toBe(
    '{"n":9007199254740993,"state":"DONE","duplicate":409,"tags":["OperationError"]}',
  )
})
