import type { CodeEntry } from './code-entry.ts'

/** Environments, and what is deployed to them. */
export const deploymentCodes = {
  DAG801: {
    title: 'dag.config.ts is not usable',
    explanation:
      'Its default export is what `defineConfig` from `dagwright/config` returned. The message names the field and what it takes.',
    wrong: "export const config = { environments: { prod: { project: 'My Project' } } }",
    fixed: [
      "import { defineConfig } from 'dagwright/config'",
      '',
      'export default defineConfig({',
      '  environments: {',
      '    prod: {',
      "      project: 'my-project',",
      "      region: 'us-central1',",
      "      bucket: 'my-project-data',",
      "      datasetLocation: 'US',",
      '      images: {},',
      '    },',
      '  },',
      '})',
    ].join('\n'),
  },
  DAG802: {
    title: 'There is no such environment',
    explanation: 'Environments are declared in `dag.config.ts`; `local` is built in.',
    wrong: 'dag deploy --env production',
    fixed: 'dag deploy --env prod',
    language: 'sh',
  },
  DAG803: {
    title: 'A DAG is not compiled, or by another version',
    explanation:
      '`dag deploy` deploys what stands under `generated/`, which `dag compile` writes as a whole: files of it that are missing or ' +
      'changed by hand are not guessed.',
    wrong: 'dag deploy shop # generated/shop is not there',
    fixed: 'dag compile shop && dag deploy shop',
    language: 'sh',
  },
  DAG804: {
    title: 'An environment lacks a value that a DAG needs',
    explanation:
      'Compiled DAGs name images and variables; where they are is said for each environment in `dag.config.ts`. Locally an ' +
      'image stands for a command.',
    wrong: 'defineConfig({ images: {} })',
    fixed: "defineConfig({ images: { steps: { command: ['node', 'dist/steps/main.js'] } } })",
  },
  DAG805: {
    title: 'An environment refuses, or cannot be reached',
    explanation:
      'The message is that of the service: Google Cloud, or the local cloud. Usual reasons: no credentials on this machine, a ' +
      "role that is missing (the DAG's generated README.md lists the least that each identity needs), an API that is not enabled.",
    wrong: 'dag trigger shop --env prod # without credentials',
    fixed: 'gcloud auth application-default login && dag trigger shop --env prod',
    language: 'sh',
  },
  DAG806: {
    title: 'A change cannot be made to what is deployed',
    explanation:
      'Tables cannot change partition or column types in place, and nothing that holds data is deleted. Nothing is changed where ' +
      'one change is refused.',
    wrong: "model({ columns: { sold_at: column.date('day of sale') }, … }) // was a TIMESTAMP",
    fixed: "model({ columns: { sold_at: column.timestamp('time'), sold_on: column.date('day') }, … })",
  },
  DAG807: {
    title: 'A DAG is not deployed there',
    explanation: 'Runs are started of what is deployed to the environment.',
    wrong: 'dag trigger shop --env prod',
    fixed: 'dag deploy shop --env prod && dag trigger shop --env prod',
    language: 'sh',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
