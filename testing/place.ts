/** Names of the local cloud that a simulation runs in; docs/architecture.md, "The local cloud". */
export const place = {
  project: 'local-project',
  location: 'us-central1',
  bucket: 'local-project-data',
  datasetLocation: 'US',
} as const

export const parent = `projects/${place.project}/locations/${place.location}`
