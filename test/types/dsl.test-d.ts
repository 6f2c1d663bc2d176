import { column, cron, dag, model, sql, z, type Ref, type StepContract } from '../../dsl/index.ts'
import { fetchMediaList, fetchUser, loadRaw, rawTables } from '../../steps/anilist/contract.ts'

/** Checked by `npm run typecheck`: each `@ts-expect-error` is a mistake that the editor shows. */

const rawList = model({ layer: 'raw', ...rawTables.media_list, retentionDays: null })
const genre = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'genre',
  description: 'Watched titles by genre',
  columns: {
    dt: column.date('reference date'),
    genre: column.required(column.string('genre')),
    title: column.struct('names', { romaji: column.string('in Latin letters') }),
    tags: column.array(column.string('tags')),
  },
  primaryKey: ['dt', 'genre'],
  partitionBy: 'dt',
  clusterBy: ['genre'],
  retentionDays: 730,
  sql: (self) => sql`INSERT INTO ${self} SELECT * FROM ${rawList}`,
})

export default dag(
  'anilist',
  {
    description: 'types',
    schedule: cron('0 6 * * *', 'America/Sao_Paulo'),
    params: z.object({ userName: z.string().default('Gajs'), limit: z.number().default(1) }),
    defaults: { retries: 3, retryDelay: '30s', retryBackoff: 2 },
  },
  ({ run, params, task, build, group }) => {
    const user = task('fetch_user', fetchUser, { userName: params.userName, date: run.date })
    const list = task(
      'fetch_list',
      fetchMediaList,
      { userName: user.userName },
      { after: user, timeout: '5m' },
    )
    const first: Ref<string> = list.objects[0].object
    const raw = task(
      'load_raw',
      loadRaw,
      { userName: user.userName, manifests: [user.manifest, list.manifest] },
      { writes: [rawList] },
    )
    task('load_two', loadRaw, {
      userName: 'x',
      manifests: [{ object: first, generation: '1' }, list.objects[2]],
    })
    const marts = group('marts', () => ({ genre: build(genre, { after: raw, retries: 1 }) }))
    task('again', fetchUser, { userName: 'x' }, { after: [marts, marts.value.genre, raw] })

    // @ts-expect-error no such field of the output
    void list.object
    // @ts-expect-error no such nested field
    void list.objects[0].size
    // @ts-expect-error a list of objects is no text
    task('wrong_type', fetchUser, { userName: list.objects })
    // @ts-expect-error a number is no text
    task('wrong_param', fetchUser, { userName: params.limit })
    // @ts-expect-error a literal of the wrong type
    task('wrong_literal', fetchUser, { userName: 1 })
    // @ts-expect-error an input is missing
    task('missing', fetchUser, {})
    // @ts-expect-error an input that the step does not take
    task('surplus', fetchUser, { userName: 'x', name: 'x' })
    // @ts-expect-error an option that does not exist
    task('option', fetchUser, { userName: 'x' }, { retry: 3 })
    // @ts-expect-error a duration needs a unit
    task('duration', fetchUser, { userName: 'x' }, { timeout: '30' })
    // @ts-expect-error a field is not a task
    task('after_field', fetchUser, { userName: 'x' }, { after: list.objects })
    // @ts-expect-error an id is not a task
    task('after_id', fetchUser, { userName: 'x' }, { after: 'fetch_user' })
    // @ts-expect-error a model task has no output
    task('model_output', fetchUser, { userName: marts.value.genre })
    // @ts-expect-error a function is not a contract
    task('handler', async () => ({}), {})
    // @ts-expect-error there is no such param
    void params.user
    // @ts-expect-error there is no such run value
    void run.day
    // @ts-expect-error build takes models, not contracts
    build(fetchUser)
    // @ts-expect-error references are read-only
    list.complete = true
  },
)

// @ts-expect-error an option of a DAG that does not exist
dag('options', { description: 'x', scedule: cron('0 6 * * *', 'Etc/UTC') }, () => {})

// @ts-expect-error a DAG needs a description
dag('description', {}, () => {})

model({
  layer: 'dmt',
  dataset: 'd',
  table: 't',
  description: 'x',
  columns: { day: column.date('day') },
  // @ts-expect-error not a column
  primaryKey: ['date'],
  // @ts-expect-error not a column
  partitionBy: 'dt',
  retentionDays: null,
})

model({
  // @ts-expect-error not a layer
  layer: 'gold',
  dataset: 'd',
  table: 't',
  description: 'x',
  columns: {},
  primaryKey: [],
  retentionDays: null,
})

// @ts-expect-error values are not spliced into SQL
void sql`SELECT ${'2025-01-01'}`

// @ts-expect-error a contract is more than its name
const contract: StepContract = { kind: 'step_contract', name: 'a/b' }
void contract
