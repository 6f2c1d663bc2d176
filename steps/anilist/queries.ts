/**
 * The three documents. Variables bear the names of the API's arguments. Checked in a test against AniList's schema and
 * its complexity cap of 500.
 */

const userFields = /* GraphQL */ `
  id
  name
  mediaListOptions {
    scoreFormat
    rowOrder
    animeList {
      sectionOrder
      splitCompletedSectionByFormat
      customLists
      advancedScoring
      advancedScoringEnabled
    }
  }
`

/** The profile and its list options. */
export const userQuery = /* GraphQL */ `
query ($name: String) {
  User(name: $name) {${userFields}    siteUrl
    createdAt
    updatedAt
  }
}
`

const date = '{ year month day }'

const mediaFields = /* GraphQL */ `
  id
  idMal
  type
  format
  status
  title { romaji english native userPreferred }
  description
  startDate ${date}
  endDate ${date}
  season
  seasonYear
  episodes
  duration
  source
  countryOfOrigin
  isAdult
  genres
  averageScore
  meanScore
  popularity
  favourites
  tags { id name category rank isGeneralSpoiler isMediaSpoiler }
  studios { edges { isMain node { id name isAnimationStudio } } }
  updatedAt
`

/**
 * One chunk of the anime list. `score` comes in the user's own format, `score100` on the scale that all users share.
 * Only public data: without a token AniList leaves private entries out by itself.
 */
export const mediaListQuery = /* GraphQL */ `
query ($userName: String, $type: MediaType, $chunk: Int, $perChunk: Int) {
  MediaListCollection(userName: $userName, type: $type, chunk: $chunk, perChunk: $perChunk) {
    hasNextChunk
    user {${userFields.replaceAll('\n', '\n    ')}}
    lists {
      name
      isCustomList
      isSplitCompletedList
      status
      entries {
        id
        userId
        mediaId
        status
        score
        score100: score(format: POINT_100)
        progress
        progressVolumes
        repeat
        priority
        private
        notes
        hiddenFromStatusLists
        customLists
        advancedScores
        startedAt ${date}
        completedAt ${date}
        updatedAt
        createdAt
        media {${mediaFields.replaceAll('\n', '\n        ')}}
      }
    }
  }
}
`

/** Up to 50 anime by id. What AniList does not know is missing from the answer. */
export const mediaPageQuery = /* GraphQL */ `
query ($id_in: [Int], $type: MediaType, $perPage: Int) {
  Page(perPage: $perPage) {
    media(id_in: $id_in, type: $type) {${mediaFields.replaceAll('\n', '\n    ')}}
  }
}
`
