type Json = Readonly<Record<string, unknown>>

interface Method {
  readonly id: string
  readonly verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** Query parameters, space-separated; `*` marks one that may be repeated. */
  readonly query?: string
  readonly request?: string
  readonly response?: string
}

const dataset = 'projects/{+projectId}/datasets/{+datasetId}'
const paging = 'maxResults pageToken'
const format = 'formatOptions.useInt64Timestamp formatOptions.timestampOutputFormat'

/** The methods that the service has, as https://cloud.google.com/bigquery/docs/reference/rest names them. */
const methods: readonly Method[] = [
  { id: 'projects.list', verb: 'GET', path: 'projects', query: paging },
  { id: 'projects.getServiceAccount', verb: 'GET', path: 'projects/{+projectId}/serviceAccount' },
  {
    id: 'datasets.list',
    verb: 'GET',
    path: 'projects/{+projectId}/datasets',
    query: `all filter ${paging}`,
  },
  { id: 'datasets.get', verb: 'GET', path: dataset, query: 'accessPolicyVersion datasetView' },
  {
    id: 'datasets.insert',
    verb: 'POST',
    path: 'projects/{+projectId}/datasets',
    query: 'accessPolicyVersion',
    request: 'Dataset',
  },
  {
    id: 'datasets.patch',
    verb: 'PATCH',
    path: dataset,
    query: 'accessPolicyVersion updateMode',
    request: 'Dataset',
  },
  {
    id: 'datasets.update',
    verb: 'PUT',
    path: dataset,
    query: 'accessPolicyVersion updateMode',
    request: 'Dataset',
  },
  { id: 'datasets.delete', verb: 'DELETE', path: dataset, query: 'deleteContents' },
  { id: 'tables.list', verb: 'GET', path: `${dataset}/tables`, query: paging },
  { id: 'tables.get', verb: 'GET', path: `${dataset}/tables/{+tableId}`, query: 'selectedFields view' },
  { id: 'tables.insert', verb: 'POST', path: `${dataset}/tables`, request: 'Table' },
  {
    id: 'tables.patch',
    verb: 'PATCH',
    path: `${dataset}/tables/{+tableId}`,
    query: 'autodetect_schema',
    request: 'Table',
  },
  {
    id: 'tables.update',
    verb: 'PUT',
    path: `${dataset}/tables/{+tableId}`,
    query: 'autodetect_schema',
    request: 'Table',
  },
  ...['tables', 'routines'].flatMap((resource) =>
    ['getIamPolicy', 'setIamPolicy', 'testIamPermissions'].map((name): Method => ({
      id: `${resource}.${name}`,
      verb: 'POST',
      path: `{+resource}:${name}`,
      request: 'Policy',
    })),
  ),
  { id: 'tables.delete', verb: 'DELETE', path: `${dataset}/tables/{+tableId}` },
  {
    id: 'tabledata.list',
    verb: 'GET',
    path: `${dataset}/tables/{+tableId}/data`,
    query: `${paging} startIndex selectedFields ${format}`,
  },
  {
    id: 'tabledata.insertAll',
    verb: 'POST',
    path: `${dataset}/tables/{+tableId}/insertAll`,
    request: 'TableDataInsertAllRequest',
  },
  {
    id: 'routines.list',
    verb: 'GET',
    path: `${dataset}/routines`,
    query: `${paging} filter readMask`,
  },
  { id: 'routines.get', verb: 'GET', path: `${dataset}/routines/{+routineId}`, query: 'readMask' },
  { id: 'routines.insert', verb: 'POST', path: `${dataset}/routines`, request: 'Routine' },
  { id: 'routines.update', verb: 'PUT', path: `${dataset}/routines/{+routineId}`, request: 'Routine' },
  { id: 'routines.delete', verb: 'DELETE', path: `${dataset}/routines/{+routineId}` },
  { id: 'models.list', verb: 'GET', path: `${dataset}/models`, query: paging },
  { id: 'models.get', verb: 'GET', path: `${dataset}/models/{+modelId}` },
  { id: 'models.patch', verb: 'PATCH', path: `${dataset}/models/{+modelId}`, request: 'Model' },
  { id: 'models.delete', verb: 'DELETE', path: `${dataset}/models/{+modelId}` },
  {
    id: 'jobs.list',
    verb: 'GET',
    path: 'projects/{+projectId}/jobs',
    query: `${paging} allUsers maxCreationTime minCreationTime parentJobId projection stateFilter*`,
  },
  { id: 'jobs.get', verb: 'GET', path: 'projects/{+projectId}/jobs/{+jobId}', query: 'location' },
  { id: 'jobs.insert', verb: 'POST', path: 'projects/{+projectId}/jobs', request: 'Job' },
  { id: 'jobs.cancel', verb: 'POST', path: 'projects/{+projectId}/jobs/{+jobId}/cancel', query: 'location' },
  {
    id: 'jobs.delete',
    verb: 'DELETE',
    path: 'projects/{+projectId}/jobs/{+jobId}/delete',
    query: 'location',
  },
  { id: 'jobs.query', verb: 'POST', path: 'projects/{+projectId}/queries', request: 'QueryRequest' },
  {
    id: 'jobs.getQueryResults',
    verb: 'GET',
    path: 'projects/{+projectId}/queries/{+jobId}',
    query: `${paging} location startIndex timeoutMs ${format}`,
  },
]

/** What a client that builds itself from a discovery document (`bq`) has to know of this service. */
export function discoveryDocument(rootUrl: string): Json {
  const resources: Record<string, { methods: Record<string, Json> }> = {}
  for (const method of methods) {
    const [resource = '', name = ''] = method.id.split('.')
    resources[resource] ??= { methods: {} }
    resources[resource].methods[name] = describe(method)
  }
  const names = [
    'Dataset',
    'Table',
    'Routine',
    'Model',
    'Job',
    'QueryRequest',
    'TableDataInsertAllRequest',
    'Policy',
    'Resource',
  ]
  return {
    kind: 'discovery#restDescription',
    discoveryVersion: 'v1',
    id: 'bigquery:v2',
    name: 'bigquery',
    version: 'v2',
    title: 'BigQuery, local',
    protocol: 'rest',
    rootUrl: `${rootUrl}/`,
    servicePath: 'bigquery/v2/',
    basePath: '/bigquery/v2/',
    baseUrl: `${rootUrl}/bigquery/v2/`,
    batchPath: 'batch/bigquery/v2',
    parameters: parameters(
      ['alt', 'fields', 'key', 'oauth_token', 'prettyPrint', 'quotaUser', 'userIp'],
      'query',
    ),
    // Bodies are checked by the service itself, so the document does not describe them.
    schemas: Object.fromEntries(
      names.map((id) => [id, { id, type: 'object', additionalProperties: { type: 'any' } }]),
    ),
    resources,
  }
}

function describe({ id, verb, path, query, request, response = 'Resource' }: Method): Json {
  const order = [...path.matchAll(/\{\+(\w+)\}/g)].map((match) => match[1]!)
  return {
    id: `bigquery.${id}`,
    httpMethod: verb,
    path,
    parameterOrder: order,
    parameters: {
      ...parameters(order, 'path'),
      ...parameters(
        (query ?? '').split(' ').filter((name) => name !== ''),
        'query',
      ),
    },
    ...(request === undefined ? {} : { request: { $ref: request } }),
    ...(verb === 'DELETE' ? {} : { response: { $ref: response } }),
    ...(id === 'jobs.insert'
      ? {
          supportsMediaUpload: true,
          mediaUpload: {
            accept: ['*/*'],
            protocols: {
              simple: { multipart: true, path: `/upload/bigquery/v2/${path}` },
              resumable: { multipart: true, path: `/resumable/upload/bigquery/v2/${path}` },
            },
          },
        }
      : {}),
  }
}

function parameters(names: readonly string[], location: 'path' | 'query'): Record<string, Json> {
  return Object.fromEntries(
    names.map((name) => [
      name.replace('*', ''),
      {
        type: 'string',
        location,
        ...(location === 'path' ? { required: true } : {}),
        ...(name.endsWith('*') ? { repeated: true } : {}),
      },
    ]),
  )
}
