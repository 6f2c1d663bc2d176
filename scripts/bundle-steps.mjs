// Bundles the image `steps` to one file that needs no node_modules: main.mjs in the folder given, by default
// dist/steps/bundle.
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
const folder = resolve(process.argv[2] ?? join(root, 'dist', 'steps', 'bundle'))

await mkdir(folder, { recursive: true })
await build({
  absWorkingDir: root,
  entryPoints: ['steps/main.ts'],
  outfile: join(folder, 'main.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifyWhitespace: true,
  minifySyntax: true,
  // Names stay, so that stacks in logs can be read.
  keepNames: true,
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'linked',
  // Google's clients are CommonJS, which asks for Node's modules with `require`.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
  },
  logLevel: 'warning',
})
