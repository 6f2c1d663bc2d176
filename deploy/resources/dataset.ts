import type { Manifest } from '../../artifact/manifest.ts'
import type { Environment } from '../environment.ts'
import { isNotFound } from '../google-error.ts'
import { labelsAmong, ownLabels } from '../labels.ts'
import { labelFacts, present, type Resource } from '../resource.ts'

type ManifestDataset = Manifest['datasets'][number]

/** A dataset of one layer. */
export function datasetResource(dag: string, dataset: ManifestDataset, environment: Environment): Resource {
  const labels = { ...ownLabels(dag), layer: dataset.layer }
  const { description } = dataset
  return {
    kind: 'dataset',
    name: dataset.id,
    facts: present({ location: environment.datasetLocation, description, ...labelFacts(labels) }),
    async read(clients) {
      try {
        const [metadata] = await (await clients.bigquery()).dataset(dataset.id).getMetadata()
        return present({
          location: metadata.location,
          description: metadata.description,
          ...labelFacts(labelsAmong(metadata.labels, labels)),
        })
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async create(clients) {
      const location = environment.datasetLocation
      await (await clients.bigquery()).createDataset(dataset.id, { location, description, labels })
    },
    async update(clients) {
      await (await clients.bigquery()).dataset(dataset.id).setMetadata({ description, labels })
    },
    refuse: ({ fact, from, to }) =>
      fact === 'location' && from?.toUpperCase() !== to?.toUpperCase()
        ? `a dataset cannot move from ${from} to ${to}; set datasetLocation to ${from}, or copy the data and delete the dataset`
        : undefined,
  }
}
