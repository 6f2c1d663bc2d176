import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

let cloud: BigQueryFixture

beforeAll(async () => {
  cloud = await startBigQuery((dir) => openWarehouse({ dir, project }))
  await cloud.client.createDataset('dmt')
  await cloud.client.query(
    "CREATE MODEL dmt.line OPTIONS (model_type = 'LINEAR_REG', input_label_cols = ['y'], data_split_method = 'NO_SPLIT') AS SELECT x, 3 * x + 1 AS y FROM UNNEST([1, 2, 3]) AS x",
  )
})
afterAll(() => cloud.stop())

test('the client lists, reads, describes and deletes models', async () => {
  const dataset = cloud.client.dataset('dmt')
  const [models] = await dataset.getModels()
  expect(models.map(({ id }) => id)).toEqual(['line'])
  const model = dataset.model('line')
  expect(await model.exists()).toEqual([true])
  const [metadata] = (await model.getMetadata()) as unknown as [Record<string, unknown>]
  expect(metadata).toMatchObject({
    modelReference: { projectId: project, datasetId: 'dmt', modelId: 'line' },
    modelType: 'LINEAR_REGRESSION',
    location: 'US',
    featureColumns: [{ name: 'x', type: { typeKind: 'INT64' } }],
    labelColumns: [{ name: 'y', type: { typeKind: 'INT64' } }],
  })
  await model.setMetadata({ description: 'a line', labels: { layer: 'dmt' } })
  expect((await model.getMetadata())[0]).toMatchObject({ description: 'a line', labels: { layer: 'dmt' } })
  await model.delete()
  expect(await model.exists()).toEqual([false])
})

test('models of a dataset that does not exist are a 404', async () => {
  await expect(cloud.client.dataset('nope').getModels()).rejects.toMatchObject({ code: 404 })
  await expect(cloud.client.dataset('dmt').model('nope').getMetadata()).rejects.toMatchObject({ code: 404 })
})

test('training is a query job of its own kind', async () => {
  const sql =
    "CREATE OR REPLACE MODEL dmt.other OPTIONS (model_type = 'LINEAR_REG') AS SELECT x, x AS label FROM UNNEST([1, 2]) AS x"
  const [job] = await cloud.client.createQueryJob(sql)
  await job.getQueryResults()
  expect((await job.getMetadata())[0]).toMatchObject({
    statistics: { query: { statementType: 'CREATE_MODEL', ddlOperationPerformed: 'CREATE' } },
  })
})
