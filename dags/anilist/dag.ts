import { cron, dag } from 'dagwright'
import { z } from 'zod'
import { fetchMediaList, fetchUser, loadRaw } from '../../steps/anilist/contract.ts'
import {
  dmtGenre,
  dmtMeanScore,
  dmtPopularAnime,
  rawList,
  refEntryDay,
  truEntry,
  truMedia,
  truMediaGenre,
  truMediaStudio,
  truRejected,
} from './models/index.ts'

export default dag(
  'anilist',
  {
    description: 'A public AniList profile, day by day, to data marts in BigQuery',
    schedule: cron('0 6 * * *', 'America/Sao_Paulo'),
    params: z.object({
      userName: z.string().trim().min(1).default('Gajs').describe('name of a public AniList profile'),
    }),
    defaults: { retries: 3, retryDelay: '30s', retryBackoff: 2, maxRetryDelay: '10m' },
    maxActiveRuns: 1,
  },
  ({ run, params, task, build, group }) => {
    const user = task('fetch_user', fetchUser, { userName: params.userName, date: run.date })
    // The name as AniList spells it, so that one profile is one profile however it was asked for.
    const list = task('fetch_media_list', fetchMediaList, { userName: user.userName, date: run.date })
    task(
      'load_raw',
      loadRaw,
      { userName: user.userName, manifest: list.manifest, objects: list.objects },
      { writes: [rawList] },
    )

    group('trusted', () => {
      build(truEntry)
      build(truMedia)
      build(truMediaGenre)
      build(truMediaStudio)
      build(truRejected)
    })
    group('refined', () => {
      build(refEntryDay)
    })
    group('marts', () => {
      build(dmtGenre)
      build(dmtPopularAnime)
      build(dmtMeanScore)
    })
  },
)
