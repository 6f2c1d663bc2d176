import { defineConfig } from 'dagwright/config'

export default defineConfig({
  environments: {
    // Where the project's own pipelines would go on Google Cloud; replace the names by yours.
    prod: {
      project: 'my-project',
      region: 'us-central1',
      bucket: 'my-project-data',
      datasetLocation: 'US',
      images: { steps: 'us-central1-docker.pkg.dev/my-project/dagwright/steps:0.1.0' },
    },
  },
  images: {
    steps: { command: ['node', 'dist/steps/bundle/main.mjs'] },
  },
  sampleServices: {
    anilist: { module: './samples/anilist/index.ts', env: 'ANILIST_ENDPOINT' },
  },
})
