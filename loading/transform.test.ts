import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as jitiLibrary from 'jiti'
import { afterAll, describe, expect, it } from 'vitest'
import { excerptOf } from '../dsl/errors/excerpt.ts'
import { callerOf, type Location } from '../dsl/location.ts'
import { quickly } from './quick.ts'
import { thoroughWith, transformWith } from './transform.ts'

const { createJiti } = jitiLibrary

/** Where `here()` was called, as the exports of a case. */
const here = (...rest: readonly unknown[]): Location | null => (rest.length < 9 ? callerOf(here) : null)
const same = <T>(value: T): T => value

const folder = mkdtempSync(join(tmpdir(), 'transform-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files: Readonly<Record<string, string>> = {
  'types.ts': 'export interface T { a: number }\nexport type U = T\nexport const v = 5\nexport default 6',
  'late.ts': 'export const late = await Promise.resolve(7)\n',
  'plain.cjs': 'module.exports = { a: 1, default: 2 }\n',
  'number.cjs': 'module.exports = 3\n',
  'own.mjs': 'export const a = 1\nexport default function two() { return 2 }\n',
  'data.json': '{ "a": [1, 2] }',
  'twice.ts': `export * from './types.ts'\nexport { default as six, v as five } from './types.ts'\nexport * from './own.mjs'`,
  'ping.ts': `import { pong } from './pong.ts'\nexport function ping(n: number): string { return n === 0 ? 'ping' : pong(n - 1) }`,
  'pong.ts': `import { ping } from './ping.ts'\nexport function pong(n: number): string { return n === 0 ? 'pong' : ping(n - 1) }`,
  'early.ts': `import { later } from './later.ts'\nexport const early: number = 1\nexport const both = () => [early, later]`,
  'later.ts': `import * as e from './early.ts'\nexport const seen = e.early\nexport const later: number = 2`,
  'side.ts': `(globalThis as any).sideOfTransform = 1`,
  'changes.ts': 'export let n = 1\nexport const up = (): void => { n++ }',
}
for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, name), source)

const from = "import { here, same } from 'kit'\n"

/** Files that are made quickly: what they export, and the places of their calls, are what the thorough transform has. */
const plain: Readonly<Record<string, string>> = {
  'annotations before a call': `${from}export const a: { readonly x: string } | null = here() as never\nexport const b: ReadonlyArray<string> = [same<string>('x')], c: unknown = here()`,
  'calls in calls': `${from}export const a = same(same<unknown>(here()))\nexport const b = same([here(), same(here())])`,
  'a call over lines': `${from}export const a = same(\n  same([\n    here(),\n\n    here(1),\n  ]),\n)\n\nexport const z = here()`,
  'no semicolons': `${from}const a = 1\nhere()\nsame([a])\nexport const x = here()\n;[1].map(same)\nexport default { a }`,
  'interfaces above': `${from}interface A {\n  x: string\n  y?: { z: 1 }\n}\ntype B<T> =\n  | A\n  | T\nexport const a: B<string> = here() as never\n`,
  'type imports': `import type { T } from './types.ts'\nimport { type U, v } from './types.ts'\nimport { here } from 'kit'\nexport const a: T | U = { a: v }\nexport const b = here()`,
  'imports used as types only': `import { T, U } from './types.ts'\nimport { T as Gone } from './nowhere.ts'\nimport type D from './gone.ts'\nexport const a: T & U & Gone & D = { a: 1 }`,
  'an import of no name': `import './side.ts'\nimport {} from './side.ts'\nexport const a = (globalThis as any).sideOfTransform`,
  'an import of types alone': `import { type T, type U } from './nowhere.ts'\nexport const a: T | U = 1`,
  'exported types': `${from}export type A = string\nexport interface B { a: A }\nexport type { T } from './types.ts'\nexport const c = here() satisfies unknown`,
  'a list of exported types': `interface A { a: 1 }\ntype B = A\nconst c = 1\nexport { A, type B, c }\nexport type { A as D }`,
  'satisfies, as const, !': `${from}const a = { x: [1, 2] } as const satisfies { x: readonly number[] }\nexport const b = a.x[0]! + a!.x[1]\nexport const c = here()!`,
  generics: `${from}const id = <T,>(x: T): T => x\nfunction two<A, B extends A>(a: A, b: B): [A, B] { return [a, b] }\nexport const a = [id<number>(1), two<number, 1>(2, 1), here()]`,
  'overloads, optional and this parameters': `${from}function f(a: string): string\nfunction f(a: number, b?: number): string\nfunction f(this: void, a: unknown, b: unknown = 3): string { return \`\${String(a)}\${String(b)}\` }\nexport const a = f('x')\nexport const b = here()`,
  'this alone': `function f(this: unknown) { return this === undefined }\nexport const a = f()`,
  'rest parameters': `const f = (...all: number[]): number => all.length\nconst g = ([a]: number[] = [], { b = 2 }: { b?: number } = {}, ...c: unknown[]) => [a, b, c]\nexport const a = [f(1, 2), ...g()]`,
  'names that hide final imports': `${from}export const a = [1].map((same) => same + 1)\nconst f = ({ here }: { here: number }) => here\nexport const b = f({ here: 2 })\nexport const c = { same, here: here() }.here`,
  'words as keys': `${from}const z = { enum: (x: string) => x, class: 'c', module: 3, exports: 4 }\nexport const a = [z.enum('x'), z.class, z.module, z.exports]\nexport const b = here()`,
  'templates and expressions': `${from}export const a = \`from \${same(1)} : \${\`\${same('x')}\`}\`\nexport const b = /[:<>]/.test('a:b') ? 1 < 2 : same(null) ?? 3\nexport const c = here()`,
  'a tagged template': `${from}export const a = same\`x \${1} y\`[1]\nexport const b = same<readonly string[]>\`z\`[0]`,
  'optional chains': `${from}const o: { f?: () => number } = {}\nexport const a = [o?.f?.(), same?.(1), o.f ?? 'none', o!.f?.()]\nlet p: number | undefined\np ??= 4\nexport const q = p`,
  functions: `${from}export function f(x: number): number { return x + 1 }\nexport default function g(): unknown { return 1 }\nexport const a = [f(1), g(), here()]`,
  'a function that is used before it stands': `export const a = f(1)\nexport { f as g }\nfunction f(x: number): number { return x }`,
  'an async function and a generator': `export async function f(): Promise<number> { return await 1 }\nexport function* g(): Generator<number> { yield 2 as number }\nexport const a = await f()\nexport const b = [...g()]`,
  'await at the top': `export const a = await Promise.resolve(1)\nfor await (const x of [Promise.resolve(2)]) (globalThis as any).lastOf = x`,
  'a module with await': `import { late } from './late.ts'\nexport const a: number = late + 1`,
  'a CommonJS module': `import c, { a as one } from './plain.cjs'\nimport * as d from './plain.cjs'\nexport const a: unknown = [c, one, d.a]`,
  'a CommonJS module that is a number': `import n from './number.cjs'\nexport const a: unknown = n`,
  'an ECMAScript module': `import two, { a } from './own.mjs'\nexport const b = [a, two()]`,
  'a package': `import { parse } from 'yaml'\nimport * as yaml from 'yaml'\nexport const a = parse('b: 1').b\nexport const c = typeof yaml.stringify`,
  'modules of Node': `import { join } from 'node:path'\nimport path from 'node:path'\nimport * as p from 'path'\nexport const a = [join('a', 'b'), path.sep, p.basename('c/d')]`,
  data: `import data from './data.json'\nexport const a = data.a`,
  'a namespace': `import * as t from './types.ts'\nimport * as k from 'kit'\nexport const a = [t.v, t.default, k.same(1)]\nexport const b = k.here()`,
  'a default and names': `import six, { v as five, default as again } from './types.ts'\nexport const a = { six, five, again }\nexport const b = [six, { five }]`,
  'exports from elsewhere': `export { v, default } from './types.ts'\nexport * from './types.ts'\nexport const x = 1`,
  'exports of what exports from elsewhere': `import * as t from './twice.ts'\nexport * from './twice.ts'\nexport const a = Object.keys(t).toSorted()\nexport const b = [t.five, t.six, t.v, t.a]`,
  'what is imported, exported again': `import { v, T } from './types.ts'\nimport { same } from 'kit'\nexport { v as w, same }\nexport const a: T = { a: v }`,
  'functions in a circle': `import { ping } from './ping.ts'\nexport const a = [ping(3), ping(4)]`,
  'values in a circle': `import { both } from './early.ts'\nimport { seen } from './later.ts'\nexport const a = [both(), seen]`,
  'comments everywhere': `/* a */ // b\n/**\n * c\n */\nimport { here } from 'kit' // d\n/* e */ export const a /* f */ : /* g */ number = here(/* h */) as never // i`,
  'an import over lines': `import {\n  here,\n  // a comment\n  same,\n} from 'kit'\nexport const a = here()\nexport const b = same(here())`,
  'destructured arrays': `const [x, [y = 2]] = [1, []] as [number, number[]]\nexport const [a, b]: number[] = [x, y]\nexport { x as c }`,
  destructuring: `${from}export const { a, b: d = 3, ...e }: { a: number; b?: number } = { a: 1 }\nexport const f = here()\nlet g: number, h: number\n;[g, h] = [1, 2]\n;({ g } = { g: 3 })\nexport default [g, h]`,
  'a class': `interface I { x: number }\nclass A<T> implements I { x = 1\n  readonly #p: number = 2\n  static s: string = 's'; private y: T | null = null\n  constructor(z: number) { this.x = z }\n  public get p(): number { return this.#p }\n  protected m<U>(u: U): U { return u }\n  static { A.s += 't' } }\nexport class B extends A<string> { override x = 9\n  q?: number | undefined = 3 as number }\nexport const a = [new A<number>(4).x, A.s, new B(1).p, new B(2).x]`,
  'fields without semicolons': `class A {\n  a = 1\n  g: unknown\n  ['b'] = 2\n  c = 3 as number\n  d(): number[] { return [1] }\n  e: unknown\n  private *f() { yield 2 }\n}\nconst x = new A()\nexport const a = [x.a, x.b, x.c, [...x.d()], 'e' in x]`,
  'a class as the default': `export default class A { a: number = 1 }\nexport const b = new A().a`,
  'fields that may be missing': `class A { a?: number\n  b!: string\n  ['c']?: number = 1 }\nexport const a = Object.keys(new A())`,
  'loops, labels and switches': `let sum = 0\nouter: for (let i: number = 0; i < 3; i++) {\n  for (const x of [1, 2] as number[]) { if (x === 2) continue outer; sum += x }\n}\nfor (const k in { a: 1 } as object) sum += k.length\ndo { sum++ } while (sum < (9 as number))\nswitch (sum as number) { case 9: sum = 10; break; default: sum = 0 }\ntry { throw new Error('x') } catch (e: unknown) { sum += (e as Error).message.length }\nexport const a = sum`,
  'statements that end with a type': `const b = [1]\nlet a = b as unknown as number[]\n;(a as any)[0] = 2\nlet c = a as number[]\n[0].toString()\nlet d: number\n;[d] = [3]\nexport const e = [a, c, d!]`,
  'what is declared alone': `declare const outside: string\ndeclare function f(): void\ndeclare global { interface X { a: 1 } }\ndeclare module 'other' { export const a: 1 }\ndeclare enum E { A }\nexport declare const more: number\nexport const a = typeof outside`,
  'an expression as the default': `${from}export default (\n  [same(1), here()] as unknown[]\n)`,
  'a function as the default': `export default (x: number): number => x + 1`,
  'an error': `${from}const a: string = 'x'\nsame(a)\nthrow new Error('at line 4' as string)`,
  'an error of a value': `const a: any = null\nexport const b = (a as { x: { y: number } }).x.y`,
  'an assignment to a constant': `const a: number = 1\n;(a as number)\na = 2`,
  'a missing module': `\nimport { a } from './missing.ts'\nexport const b = a`,
  'a missing package': `import a from 'no-such-package-at-all'\nexport const b = a`,
  'an error of an imported function': `import { v } from './types.ts'\n\nexport const a = (v as any).none.more`,
  'a script of Windows': `import { here } from 'kit'\r\ninterface A {\r\n  a: 1\r\n}\r\nexport const a = here() as unknown as A\r\n`,
  'text that is not ASCII': `${from}const ü: string = '🙂'; export const a = here() as unknown\nexport const b = \`🙂 \${ü as string}\``,
  'a directive': `'use strict'\nexport const a: boolean = (function (this: unknown) { return this === undefined })()`,
  'a new value of an import': `import { n, up } from './changes.ts'\nup()\nexport const a = typeof n`,
}

/** Files that only the thorough transform makes. */
const others: Readonly<Record<string, string>> = {
  'a parameter property': `class A { constructor(readonly x: number) {} }\nexport const a = new A(1).x`,
  'an abstract class': `abstract class A { abstract x(): number }\nexport const a = typeof A`,
  'a field that is declared': `class A { declare x: number }\nexport const a = Object.keys(new A())`,
  'an overloaded method': `class A { m(a: string): void\n  m(a: number): void\n  m(): void {} }\nexport const a = typeof new A().m`,
  'an enum': `enum E { A = 1, B }\nexport const a = E.B`,
  'a constant enum': `const enum E { A = 'a' }\nexport const a = E.A`,
  'a namespace': `namespace N { export const x = 1 }\nexport const a = N.x`,
  'a type before its value': `export const a = [<number>1, (<T>(x: T) => x)(2)]`,
  'import.meta': `export const a = import.meta.url.slice(0, 7)\nexport const b = typeof import.meta.dirname`,
  'a dynamic import': `export const a = import('./types.ts').then((m) => m.v)`,
  'a late import': `export const a = v\nimport { v } from './types.ts'`,
  'a late export from elsewhere': `export const a = 1\nexport * from './types.ts'`,
  'exports under a name': `export * as t from './types.ts'`,
  'an import with require': `import t = require('./types.ts')\nexport const a = t.v`,
  'an import with attributes': `import data from './data.json' with { type: 'json' }\nexport const a = data.a`,
  require: `export const a = typeof require('./plain.cjs')`,
  'module and exports': `export const a = typeof module + typeof exports`,
  'a name that hides an import': `import { v } from './types.ts'\nexport const a = [1].map((v) => v + 1), b = v`,
  'an export that changes': `export let a = 1\na++\nexport const set = (to: number): void => { a = to }`,
  'no name for the default': `export default function () { return 1 }`,
  'types over lines': `const f = () => {\n  return <T,>\n(x: T) => x\n}\nexport const a = f()`,
  'a type over lines before an arrow': `export const f = (x: number): {\n  a: number\n} => ({ a: x })`,
  'a syntax error': `const a = 1\nexport const b = = 2`,
  'a name that is declared twice': `const a = 1\nconst a = 2`,
  'a name that is exported twice': `export const a = 1\nexport { a }`,
  'an export of nothing': `export { nothing }`,
  'a type that is missing': `export const a: = 2`,
  'an import that is assigned': `import { v } from './types.ts'\nv = 3`,
}

let count = 0

type Transform = jitiLibrary.JitiOptions['transform']

/** What a file exports, or how it fails, and the places of its calls: `line:from-to` of the marks in it. */
async function run(
  source: string,
  transform: Transform,
  interopDefault = true,
): Promise<{ exported: unknown; marks: string[] }> {
  const file = join(folder, `case_${(count++).toString()}.ts`)
  writeFileSync(file, source)
  const jiti = createJiti(import.meta.url, {
    virtualModules: { kit: { here, same } },
    moduleCache: false,
    fsCache: false,
    interopDefault,
    ...(transform === undefined ? {} : { transform }),
  })
  const marks: string[] = []
  const placed = (at: Location) => {
    marks.push(`${at.line}:${excerptOf(source, at)?.mark.join('-') ?? 'none'}`)
    return { line: at.line, isOwn: at.file === file }
  }
  const settle = async (value: unknown): Promise<unknown> => {
    const known = await value
    if (Array.isArray(known)) return Promise.all(known.map(settle))
    if (typeof known === 'function') return `function ${known.length}`
    if (typeof known !== 'object' || known === null) return known
    if ('line' in known) return placed(known as Location)
    return Promise.all(Object.entries(known).map(async ([name, each]) => [name, await settle(each)]))
  }
  try {
    const exported = Object.entries(await jiti.import<object>(file))
    return { exported: await settle(exported.toSorted(([a], [b]) => (a < b ? -1 : 1))), marks }
  } catch (error) {
    const { message, stack = '' } = error as Error
    const line = new RegExp(`${file}:(\\d+)`).exec(stack)?.[1]
    const same = message.replaceAll(file, '').replace(/_imported\d|_types/, 'a module')
    return { exported: { message: same, line }, marks }
  }
}

const thoroughly = thoroughWith(jitiLibrary)
const transform = transformWith(jitiLibrary, new Set(['kit']))
const made = (source: string, isAsync = true) =>
  quickly({ source, filename: 'dag.ts', ts: true, async: isAsync, interopDefault: true }, new Set(['kit']))

describe('a plain file', () => {
  it.each(Object.entries(plain))('exports the same from the same places: %s', async (_, source) => {
    expect(made(source)).not.toBeNull()
    expect(made(source)?.split('\n').length).toBe(source.split('\n').length)
    const { exported, marks } = await run(source, transform)
    expect(exported).toEqual((await run(source, thoroughly)).exported)
    const places = source
      .split('\n')
      .flatMap((line, index) =>
        [...line.matchAll(/\bhere(?=\()/g)].map((match) => `${index + 1}:${match.index}-${match.index + 4}`),
      )
    expect(places).toEqual(expect.arrayContaining(marks))
    expect(new Set(marks).size).toBe(marks.length)
  })
})

describe('a file whose modules are taken as they are', () => {
  const imports = Object.entries(plain).filter(([, source]) =>
    /^import .* from '\.|from 'node:|from 'yaml/m.test(source),
  )
  it.each(imports)('exports the same: %s', async (_, source) => {
    const { exported } = await run(source, transform, false)
    expect(exported).toEqual((await run(source, thoroughly, false)).exported)
  })
})

describe('another file', () => {
  it.each(Object.entries(others))('is left to the thorough transform: %s', async (_, source) => {
    expect(made(source)).toBeNull()
    expect(await run(source, transform)).toEqual(await run(source, thoroughly))
  })
})
