import type { Limit } from '../../language/tree.ts'

const jobs = 'https://cloud.google.com/run/docs/create-jobs'
const run = 'https://cloud.google.com/run/quotas'
const bigquery = 'https://cloud.google.com/bigquery/quotas'
const bigqueryJobs = 'https://cloud.google.com/bigquery/docs/reference/rest/v2/JobReference'
const labels = 'https://cloud.google.com/bigquery/docs/labels-intro'
const storage = 'https://cloud.google.com/storage/docs/objects'

function limit(name: string, value: number, unit: string, doc: string): Limit {
  return Object.freeze({ name, value, unit, doc, evidence: 'documented' })
}

/** Limits of what a compiled workflow calls, and of what deploying makes besides it. */
export const serviceLimits = Object.freeze({
  cloudRunJobName: limit('name of a Cloud Run job', 63, 'characters', jobs),
  cloudRunJobs: limit('Cloud Run jobs per project and region', 1000, 'jobs', run),
  bigqueryJobId: limit('id of a BigQuery job', 1024, 'characters', bigqueryJobs),
  labelValue: limit('value of a label', 63, 'characters', labels),
  objectName: limit('name of a Cloud Storage object', 1024, 'bytes', storage),
  query: limit('text of a BigQuery procedure', 1024 * 1024, 'characters', bigquery),
  tableDescription: limit('description of a table', 16_384, 'characters', bigquery),
  columnDescription: limit('description of a column', 1024, 'characters', bigquery),
})
