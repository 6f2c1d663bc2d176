// Builds dist/ anew: what the package exports, the bundle of the steps, and a `dag` that can be executed.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
rmSync(join(root, 'dist'), { recursive: true, force: true })

run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
// In few files, since Node takes longer to find and link a module than to read it. The parts that they share lie one folder
// deep as every room does, so that what a module finds beside it is found from its source and from here alike.
await build({
  absWorkingDir: root,
  entryPoints: [
    'cli/main.ts',
    'deploy/config.ts',
    'dsl/index.ts',
    'steps/runtime/index.ts',
    'testing/index.ts',
    'testing/vitest.ts',
  ],
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
})
run('scripts/bundle-steps.mjs')
for (const file of readdirSync(join(root, 'probes'))) {
  if (file.endsWith('.yaml')) copyFileSync(join(root, 'probes', file), join(root, 'dist/probes', file))
}
// npm makes a binary executable when it links it, which is not each time that it is built.
chmodSync(join(root, 'dist/cli/main.js'), 0o755)

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
