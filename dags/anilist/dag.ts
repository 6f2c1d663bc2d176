import { cron, dag } from 'dagwright'
import { z } from 'zod'
import { fetchMedia, fetchMediaList, fetchUser, loadRaw } from '../../steps/anilist/contract.ts'
import * as models from './models/index.ts'

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
    const media = task('fetch_media', fetchMedia, {
      userName: user.userName,
      date: run.date,
      list: list.manifest,
    })
    task(
      'load_raw',
      loadRaw,
      { userName: user.userName, manifests: [user.manifest, list.manifest, media.manifest] },
      { writes: [models.rawUser, models.rawList, models.rawMedia] },
    )

    group('trusted', () => {
      build(models.truUser)
      build(models.truEntry)
      build(models.truEntryList)
      build(models.truMedia)
      build(models.truMediaGenre)
      build(models.truMediaStudio)
      build(models.truMediaTag)
    })
    group('refined', () => {
      build(models.refEntryDay)
      build(models.refEntryHistory)
      build(models.refEntryGenre)
      build(models.refEntryStudio)
      build(models.refEntryTag)
    })
    group('marts', () => {
      build(models.dmtOverview)
      build(models.dmtGenre)
      build(models.dmtPopularAnime)
      build(models.dmtMeanScore)
      build(models.dmtWatchedOverTime)
      build(models.dmtScoreDistribution)
      build(models.dmtYouVsCommunity)
    })
  },
)
