/**
 * Least squares by the normal equations: X'X and X'y are summed row by row, then solved by a Cholesky factorization
 * with diagonal pivoting. Columns that depend on others (the one-hot columns of one feature add up to the intercept)
 * leave a family of solutions; of these the one with the smallest weights is taken, the intercept not counted. It is
 * what ridge regression gives as its penalty goes to zero.
 */
export class NormalEquations {
  readonly size: number
  private readonly gram: Float64Array
  private readonly moments: Float64Array

  constructor(size: number) {
    this.size = size
    this.gram = new Float64Array(size * size)
    this.moments = new Float64Array(size)
  }

  /** A row of the design matrix by its non-zero columns (ascending) and their values. */
  add(columns: readonly number[], values: readonly number[], y: number): void {
    const { gram, moments, size } = this
    for (let a = 0; a < columns.length; a++) {
      const i = columns[a]!
      const value = values[a]!
      moments[i]! += value * y
      for (let b = a; b < columns.length; b++) gram[i * size + columns[b]!]! += value * values[b]!
    }
  }

  /**
   * The weights that minimize the sum of squared errors plus `ridge` times the sum of squared weights.
   *
   * @param free column that is not penalized (the intercept), or -1
   */
  solve(ridge: number, free: number): Float64Array {
    const { size, gram } = this
    const full = new Float64Array(size * size)
    for (let i = 0; i < size; i++)
      for (let j = i; j < size; j++) full[i * size + j] = full[j * size + i] = gram[i * size + j]!
    for (let i = 0; i < size; i++) if (i !== free) full[i * size + i]! += ridge
    const factor = pivotedCholesky(full, size, free)
    const basic = solveFactored(factor, this.moments)
    return smallest(basic, factor, full, free)
  }
}

interface Factor {
  /** Lower triangle of the kept rows and columns, in the order of `order`. */
  readonly lower: Float64Array
  readonly size: number
  readonly rank: number
  /** Column of the matrix at each position; the first `rank` are independent. */
  readonly order: Int32Array
}

/** Relative to a column's own sum of squares; what is left of a dependent column is rounding. */
const dependent = 1e-11

/** The free column goes first, so that it is never the one dropped. */
function pivotedCholesky(matrix: Float64Array, size: number, free: number): Factor {
  const lower = new Float64Array(size * size)
  const order = Int32Array.from({ length: size }, (_, i) => i)
  const left = Float64Array.from({ length: size }, (_, i) => matrix[i * size + i]!)
  const whole = left.slice()
  let rank = 0
  for (; rank < size; rank++) {
    let best = -1
    let share = dependent
    for (let i = rank; i < size; i++) {
      const column = order[i]!
      const own = whole[column]! > 0 ? left[column]! / whole[column]! : 0
      if (own > share || (column === free && own > dependent)) {
        best = i
        share = column === free ? Infinity : own
      }
    }
    if (best < 0) break
    swapRows(lower, order, rank, best, size)
    const column = order[rank]!
    const pivot = Math.sqrt(left[column]!)
    lower[rank * size + rank] = pivot
    for (let i = rank + 1; i < size; i++) {
      const other = order[i]!
      let sum = matrix[other * size + column]!
      for (let k = 0; k < rank; k++) sum -= lower[i * size + k]! * lower[rank * size + k]!
      const value = sum / pivot
      lower[i * size + rank] = value
      left[other]! -= value * value
    }
  }
  return { lower, size, rank, order }
}

function swapRows(lower: Float64Array, order: Int32Array, a: number, b: number, size: number): void {
  if (a === b) return
  const name = order[a]!
  order[a] = order[b]!
  order[b] = name
  for (let k = 0; k < a; k++) {
    const value = lower[a * size + k]!
    lower[a * size + k] = lower[b * size + k]!
    lower[b * size + k] = value
  }
}

/** Solves for the independent columns; the others are zero. */
function solveFactored({ lower, size, rank, order }: Factor, right: Float64Array): Float64Array {
  const work = new Float64Array(rank)
  for (let i = 0; i < rank; i++) {
    let sum = right[order[i]!]!
    for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * work[k]!
    work[i] = sum / lower[i * size + i]!
  }
  for (let i = rank - 1; i >= 0; i--) {
    let sum = work[i]!
    for (let k = i + 1; k < rank; k++) sum -= lower[k * size + i]! * work[k]!
    work[i] = sum / lower[i * size + i]!
  }
  const out = new Float64Array(size)
  for (let i = 0; i < rank; i++) out[order[i]!] = work[i]!
  return out
}

/** Moves a solution along the directions that change no prediction to where its weights are smallest. */
function smallest(basic: Float64Array, factor: Factor, matrix: Float64Array, free: number): Float64Array {
  const { size, rank, order } = factor
  const directions = Array.from(order.slice(rank), (dropped) => {
    const direction = solveFactored(factor, matrix.subarray(dropped * size, dropped * size + size))
    for (let i = 0; i < size; i++) direction[i] = -direction[i]!
    direction[dropped] = 1
    return direction
  })
  const count = directions.length
  if (count === 0) return basic
  const dot = (a: Float64Array, b: Float64Array): number => {
    let sum = 0
    for (let i = 0; i < size; i++) if (i !== free) sum += a[i]! * b[i]!
    return sum
  }
  const inner = new Float64Array(count * count)
  for (let i = 0; i < count; i++)
    for (let j = i; j < count; j++)
      inner[i * count + j] = inner[j * count + i] = dot(directions[i]!, directions[j]!)
  const steps = solveFactored(
    pivotedCholesky(inner, count, -1),
    Float64Array.from(directions, (direction) => dot(direction, basic)),
  )
  const out = basic.slice()
  for (const [k, direction] of directions.entries())
    for (let i = 0; i < size; i++) out[i]! -= steps[k]! * direction[i]!
  return out
}
