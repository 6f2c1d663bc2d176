import { expect, test } from 'vitest'
import * as b from './build.ts'
import { isConnector, isExpressionConnector, libraryFunctions, libraryValues } from './functions.ts'
import { validateWorkflow } from './validate.ts'

test('required parameters come first, so that positional arguments can leave out the others', () => {
  for (const { name, params } of libraryFunctions.values()) {
    const firstOptional = params.findIndex((param) => !param.required)
    const lastRequired = params.findLastIndex((param) => param.required)
    expect(firstOptional === -1 || firstOptional > lastRequired ? [] : [name]).toEqual([])
  }
})

test('parameters have names of their own, and defaults only where they may be left out', () => {
  for (const { params } of libraryFunctions.values()) {
    expect(new Set(params.map((param) => param.name)).size).toBe(params.length)
    expect(params.filter((param) => param.required && param.default !== undefined)).toEqual([])
  }
})

test('the documented modules, in full', () => {
  const modules = new Map<string, number>()
  for (const name of libraryFunctions.keys()) {
    const module = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : 'helpers'
    modules.set(module, (modules.get(module) ?? 0) + 1)
  }
  expect(Object.fromEntries(modules)).toEqual({
    base64: 2,
    events: 2,
    'experimental.executions': 2,
    hash: 2,
    helpers: 8,
    http: 8,
    json: 3,
    list: 2,
    map: 4,
    math: 4,
    retry: 2,
    sys: 5,
    text: 14,
    time: 2,
    uuid: 1,
  })
  expect([...libraryValues].filter((name) => libraryFunctions.has(name))).toEqual([])
})

test.each([...libraryFunctions.values()])('$name can be the call of a step', ({ name, params }) => {
  const args = Object.fromEntries(params.filter(({ required }) => required).map((one) => [one.name, b.nul]))
  const document = b.document([b.subworkflow('main', [], [b.step('s', b.call(name, { args }))])])
  expect(validateWorkflow(document, 0)).toEqual([])
})

test('connectors', () => {
  expect(isConnector('googleapis.run.v2.projects.locations.jobs.run')).toBe(true)
  expect(isConnector('googleapis')).toBe(false)
  expect(isConnector('googleapis.')).toBe(false)
  expect(isConnector('http.get')).toBe(false)
  expect(isExpressionConnector('googleapis.run.v2.projects.locations.jobs.run')).toBe(false)
})
