import type { CloudService } from './cloud/request.ts'

/** A service that opens its files, and loads its modules, when it is first needed. */
export interface LazyService<T extends CloudService> extends CloudService {
  /** Opens it where it is not open yet; a failed opening is tried again by the next call. */
  open(): Promise<T>
}

/** Wraps a service so that whoever never asks for it does not pay for it. */
export function lazyService<T extends CloudService>(name: string, create: () => Promise<T>): LazyService<T> {
  let opened: Promise<T> | null = null
  const open = (): Promise<T> => {
    opened ??= create().catch((error: unknown) => {
      opened = null
      throw error
    })
    return opened
  }
  return {
    name,
    open,
    handle: async (request) => (await open()).handle(request),
    close: async () => (await opened)?.close(),
  }
}
