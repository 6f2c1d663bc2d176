// Bundles the fuzzer, which Node cannot run as TypeScript, and runs it: FUZZ_SECONDS (default 30), FUZZ_SEED
// (default: the time), FUZZ_FAILURES to go on after the first.
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
const sources = join(root, 'simulator/engine/testing')
const outdir = join(root, 'dist/fuzz')
await build({
  entryPoints: { main: join(sources, 'fuzz-main.ts'), worker: join(sources, 'fuzz-worker.ts') },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'error',
})
process.setSourceMapsEnabled(true)
await import(join(outdir, 'main.mjs'))
