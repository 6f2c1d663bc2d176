import { StepError } from '../runtime/error.ts'
import { defineStep } from '../runtime/step.ts'
import { createAniListClient } from './client.ts'
import { fetchUser } from './contract.ts'
import { userQuery } from './queries.ts'
import { userDataSchema } from './response.ts'
import { openSnapshot } from './snapshot.ts'

/** One request. */
export default defineStep(fetchUser, async ({ userName, date }, context) => {
  const snapshot = openSnapshot(context, {
    resource: 'user',
    userName,
    type: null,
    date: date ?? context.run.date,
  })
  try {
    const { User: user } = await createAniListClient(context, userName).ask({
      query: userQuery,
      variables: { name: userName },
      data: userDataSchema,
      onBody: (exchange) => snapshot.stage(1, exchange),
      onRefusal: (exchange) => snapshot.refuse(1, exchange),
    })
    if (!user) {
      const message = `AniList knows no profile "${userName}"`
      throw new StepError({ code: 'user_not_found', message, retryable: false })
    }
    const { object, generation, md5 } = snapshot.accept(1, false)
    const manifest = await snapshot.finish(true)
    const options = user.mediaListOptions
    return {
      userId: user.id,
      userName: user.name,
      scoreFormat: options?.scoreFormat ?? null,
      customLists: (options?.animeList?.customLists ?? []).filter((name) => name !== null),
      object,
      generation,
      md5,
      manifest: { object: manifest.name, generation: manifest.generation },
    }
  } catch (error) {
    await snapshot.abandon()
    throw error
  }
})
