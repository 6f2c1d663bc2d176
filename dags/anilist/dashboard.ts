/** The questions that the AniList pipeline is asked, answered from its data marts. */
export default {
  charts: [
    {
      id: 'genres',
      title: 'Most watched genres',
      description: 'Anime completed or being rewatched; one counts for each of its genres',
      sql: `SELECT genre, watched, mean_score FROM anilist_dmt.genre
WHERE reference_date = @reference_date ORDER BY watched DESC, genre LIMIT 12`,
      spec: {
        mark: { type: 'bar', cornerRadiusEnd: 3 },
        encoding: {
          y: { field: 'genre', type: 'nominal', sort: null, title: null },
          x: { field: 'watched', type: 'quantitative', title: 'anime watched' },
        },
      },
      terminal: { label: 'genre', value: 'watched' },
    },
    {
      id: 'popular_anime',
      title: 'Most popular anime on the list',
      description: 'By the number of AniList users who have them on a list',
      sql: `SELECT title, popularity, score_100 FROM anilist_dmt.popular_anime
WHERE reference_date = @reference_date ORDER BY position, title LIMIT 10`,
      spec: {
        mark: { type: 'bar', cornerRadiusEnd: 3 },
        encoding: {
          y: { field: 'title', type: 'nominal', sort: null, title: null, axis: { labelLimit: 220 } },
          x: {
            field: 'popularity',
            type: 'quantitative',
            title: 'users',
            axis: { labelExpr: "format(datum.value, '~s')" },
          },
        },
      },
      terminal: { label: 'title', value: 'popularity' },
    },
    {
      id: 'mean_score',
      title: 'Mean score by decade',
      description: 'Scores on the scale of 100; entries without a score are left out',
      sql: `SELECT IF(dimension = 'overall', 'all', CONCAT(value, 's')) AS decade, mean, count
FROM anilist_dmt.mean_score
WHERE reference_date = @reference_date AND dimension IN ('overall', 'decade') ORDER BY dimension DESC, value`,
      spec: {
        mark: { type: 'bar', cornerRadiusEnd: 3 },
        encoding: {
          y: { field: 'decade', type: 'nominal', sort: null, title: null },
          x: { field: 'mean', type: 'quantitative', title: 'mean score', scale: { domain: [0, 100] } },
        },
      },
      terminal: { label: 'decade', value: 'mean' },
    },
  ],
}
