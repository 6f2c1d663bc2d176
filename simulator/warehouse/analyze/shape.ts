import type { Expression } from '../../../sql/syntax.ts'

const shapes = new WeakMap<Expression, string>()

/** The syntax of an expression without positions and case of names, to tell whether two are the same. */
export function shapeOf(expression: Expression): string {
  let shape = shapes.get(expression)
  if (shape === undefined) {
    shape = JSON.stringify(expression, (key, value: unknown) => {
      if (key === 'at' || key === 'quoted') return undefined
      if (['name', 'text'].includes(key) && typeof value === 'string')
        return isLiteralText(key) ? value : value.toLowerCase()
      return value
    })
    shapes.set(expression, shape)
  }
  return shape
}

function isLiteralText(key: string): boolean {
  return key === 'text'
}
