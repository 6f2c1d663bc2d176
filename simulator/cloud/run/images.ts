/** How a job's image runs on this machine: the command stands for the image's entry point. */
export interface LocalImage {
  readonly command: readonly string[]
  /** @default the emulator's working directory */
  readonly cwd?: string
}

/** By image reference, with or without tag and digest. */
export type LocalImages = Readonly<Record<string, LocalImage>>

/** Finds the local command of an image: the exact reference first, then without digest, then without tag. */
export function findImage(images: LocalImages, image: string): LocalImage | null {
  const bare = image.replace(/@sha256:[0-9a-f]+$/i, '')
  for (const name of [image, bare, bare.replace(/:[\w.-]+$/, '')]) {
    if (Object.hasOwn(images, name)) return images[name] ?? null
  }
  return null
}

/** What a run of an unmapped image fails with. */
export function unmappedImage(image: string): string {
  return (
    `No local command is mapped to the image "${image}". ` +
    `Add it to dag.config.ts: images: { '${image}': { command: ['node', 'path/to/main.js'] } }`
  )
}
