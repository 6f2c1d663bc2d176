import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../compiler/graph/build-graph.ts'
import { declaredOf } from '../../compiler/graph/graph.ts'
import { collectProblems } from '../../dsl/problems.ts'
import { author } from './authored.ts'
import { randomDag } from './random-dag.ts'
import { describeText } from './show.ts'
import { structureOf } from './structure.ts'

const seed = Number(process.env['ORACLE_SEED'] ?? 20261121)
const numRuns = Number(process.env['ORACLE_RUNS'] ?? 40)
const timeout = 30_000 + 200 * numRuns

test(`groups, cases, lists and setups draw the edges that the oracle has (seed ${seed})`, { timeout }, () => {
  fc.assert(
    fc.property(randomDag(), (dag) => {
      const { definition } = author(dag)
      const problems = collectProblems(definition.at)
      const graph = buildGraph(definition, problems)
      const found = [...definition.problems, ...problems.list].map(({ message }) => message)
      expect({ dag: describeText(dag), found }).toEqual({ dag: describeText(dag), found: [] })
      if (graph === null) throw new Error('no graph')
      const { edges } = structureOf(dag)
      const due = dag.tasks.map(({ id }) => [
        id,
        edges
          .get(id)!
          .map(({ from }) => from)
          .toSorted(),
      ])
      expect(dag.tasks.map(({ id }) => [id, declaredOf(graph, id).toSorted()])).toEqual(due)
    }),
    { seed, numRuns },
  )
})
