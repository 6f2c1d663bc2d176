import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { lineageSchema, type Lineage } from '../../artifact/lineage.ts'
import { compileDag, loadDags } from '../../compiler/index.ts'

/*
 * Where every column of AniList's data marts comes from, read by hand out of dags/anilist/models. `e` is entry_day; what the
 * write mode fills is left out.
 */
const marts = {
  overview: {
    user_id: 'e.user_id',
    entries: 'e.*',
    current: 'e.status',
    planning: 'e.status',
    completed: 'e.status',
    dropped: 'e.status',
    paused: 'e.status',
    repeating: 'e.status',
    episodes: 'e.episodes e.progress e.repeats',
    hours: 'e.minutes_watched',
    mean_score: 'e.score_100',
    scored: 'e.score_100',
  },
  genre: {
    genre: 'e.genres',
    watched: 'e.*',
    minutes: 'e.minutes_watched',
    mean_score: 'e.score_100',
    community_score: 'e.community_score',
    position: 'e.*',
  },
  popular_anime: {
    media_id: 'e.media_id',
    title: 'e.title',
    popularity: 'e.popularity',
    favourites: 'e.favourites',
    score_100: 'e.score_100',
    position: 'e.popularity',
  },
  mean_score: {
    dimension: '',
    value: 'e.decade e.format e.main_studio e.season_year entry_genre.genre entry_tag.tag',
    count: 'e.* entry_genre.* entry_tag.*',
    mean: 'e.score_100 entry_genre.score_100 entry_tag.score_100',
    stddev: 'e.score_100 entry_genre.score_100 entry_tag.score_100',
    minimum: 'e.score_100 entry_genre.score_100 entry_tag.score_100',
    maximum: 'e.score_100 entry_genre.score_100 entry_tag.score_100',
  },
  watched_over_time: {
    granularity: '',
    period: 'e.completed_date e.completed_precision',
    completed: 'e.*',
    minutes: 'e.minutes_watched',
  },
  score_distribution: { band: '', count: 'e.*', share: 'e.*' },
  you_vs_community: {
    media_id: 'e.media_id',
    title: 'e.title',
    score_100: 'e.score_100',
    community_score: 'e.community_score',
    difference: 'e.community_difference',
    position: 'e.community_difference',
  },
} as const

/** Of `entry_day`: columns of the latest state; each is read from RAW as well, for days that TRU has left behind. */
const entryDay = {
  title: 'media.title',
  status: 'entry.status',
  score_100: 'entry.score_100',
  episodes: 'media.episodes',
  minutes_watched: 'entry.progress entry.repeats media.duration_minutes media.episodes',
  genres: 'media_genre.genre',
  main_studio: 'media_studio.main media_studio.name media_studio.studio_id',
  season_year: 'media.season_year media.started',
  decade: 'media.season_year media.started',
  completed_date: 'entry.completed_date',
  days_to_complete:
    'entry.completed_date entry.completed_precision entry.started_date entry.started_precision',
  community_score: 'media.mean_score',
  community_difference: 'entry.score_100 media.mean_score',
  popularity: 'media.popularity',
} as const

const root = join(import.meta.dirname, '../..')
let lineage: Lineage

beforeAll(async () => {
  const [definition] = await loadDags(root, ['anilist'])
  const { files } = compileDag(definition!, { projectDir: root })
  lineage = lineageSchema.parse(JSON.parse(files['lineage.json']!))
})

function columnOf(table: string, column: string) {
  const found = lineage.tables.find((each) => each.table === table)
  return found?.columns.find(({ name }) => name === column)
}

describe('lineage of AniList', () => {
  it.each(Object.entries(marts))('%s', (table, columns) => {
    const found = lineage.tables.find((each) => each.table === `anilist_dmt.${table}`)
    const filled = (found?.columns ?? []).filter(({ by }) => by === undefined)
    const named = filled.map(({ name, from }) => [
      name,
      from.map((each) => each.replace('anilist_ref.', '').replace('entry_day.', 'e.')).join(' '),
    ])
    expect(Object.fromEntries(named)).toEqual(columns)
    const others = (found?.columns ?? []).filter(({ by }) => by !== undefined)
    expect(others.map(({ name, by }) => `${name} ${by}`)).toEqual([
      'reference_date replace_partition',
      '_load_id replace_partition',
      '_loaded_at replace_partition',
    ])
  })

  it.each(Object.entries(entryDay))('entry_day.%s', (column, from) => {
    const found = columnOf('anilist_ref.entry_day', column)?.from ?? []
    const trusted = found.filter((each) => each.startsWith('anilist_tru.'))
    expect(trusted.map((each) => each.replace('anilist_tru.', '')).join(' ')).toBe(from)
    expect(found).toContain('anilist_raw.list.payload')
  })

  it('ends at what the API sent, for every column of every mart', () => {
    for (const { table, columns } of lineage.tables.filter(({ layer }) => layer === 'dmt'))
      for (const { name, from } of columns) {
        if (from.length === 0) continue
        const ends = endsOf(from)
        expect(ends.length, `${table}.${name}`).toBeGreaterThan(0)
        for (const end of ends) expect(end, `${table}.${name}`).toMatch(/^anilist_raw\.\w+\.(payload|\*)$/)
        expect(ends.some((end) => end.startsWith('anilist_raw.list.'))).toBe(true)
      }
  })

  it('says what a write mode fills, and where refused rows go', () => {
    const by = (table: string) =>
      (lineage.tables.find((each) => each.table === table)?.columns ?? [])
        .filter((column) => column.by !== undefined)
        .map((column) => `${column.name} ${column.by}`)
    expect(by('anilist_tru.entry')).toEqual(
      ['active', 'removed_at', 'reference_date', 'row_hash', '_load_id', '_loaded_at'].map(
        (name) => `${name} merge`,
      ),
    )
    expect(by('anilist_ref.entry_history')).toEqual(
      ['valid_from', 'valid_to', 'is_current', 'reference_date', 'row_hash', '_load_id', '_loaded_at'].map(
        (name) => `${name} history`,
      ),
    )
    const rejected = lineage.tables.find(({ table }) => table === 'anilist_tru.rejected')
    expect(rejected?.write).toBe('quarantine')
    expect(columnOf('anilist_tru.rejected', 'rule')?.from).toEqual(['anilist_raw.list.payload'])
  })

  it('knows the step that loads RAW and its objects', () => {
    const raw = lineage.tables.find(({ table }) => table === 'anilist_raw.list')
    expect(raw?.step?.name).toBe('anilist/load-raw')
    expect(raw?.step?.objects).toContain('anilist/<user>/media_list/dt=<date>/run=<run>/')
  })

  it('knows the marts that charts read', () => {
    expect(lineage.charts.length).toBeGreaterThan(0)
    for (const { id, reads, columns } of lineage.charts) {
      expect(
        reads.filter((table) => table.startsWith('anilist_dmt.')),
        id,
      ).not.toEqual([])
      for (const { from } of columns) for (const each of from) expect(each).toMatch(/^anilist_dmt\./)
    }
  })
})

/** Columns of RAW that columns come from, through all layers. */
function endsOf(start: readonly string[]): readonly string[] {
  const seen = new Set(start)
  for (const each of seen) {
    const parts = each.split('.')
    const table = lineage.tables.find(({ table: name }) => name === parts.slice(0, 2).join('.'))
    const above =
      parts[2] === '*'
        ? (table?.rows ?? []).filter((row) => row.endsWith('.*'))
        : (columnOf(parts.slice(0, 2).join('.'), parts[2] ?? '')?.from ?? [])
    for (const one of above) seen.add(one)
  }
  return [...seen].filter((each) => each.startsWith('anilist_raw.'))
}
