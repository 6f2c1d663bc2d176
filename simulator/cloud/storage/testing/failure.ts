import type { ApiError } from '@google-cloud/storage'

/** What the client throws for a request that must be refused. */
export async function failure(work: Promise<unknown>): Promise<ApiError> {
  try {
    await work
  } catch (error) {
    return error as ApiError
  }
  throw new Error('expected a refusal')
}
