import { EXPRESSION_CONNECTORS } from './expression-connectors.ts'
import { CompileError } from './compile-error.ts'
import { standardFunction, standardObject } from '../stdlib/index.ts'
import { checkArguments } from '../stdlib/function.ts'
import { readElement } from './access.ts'
import { callConnector } from './call-connector.ts'
import { callRoutine } from './call-routine.ts'
import { combine, constant, evaluate, plainly } from './evaluator.ts'
import { peekVariable, shareVariable } from './frame.ts'
import { functionValue } from './function-value.ts'
import { BINARY, boolean, UNARY } from './operators.ts'
import type { BinaryExpression, CallExpression, Expression } from '../../language/expression/syntax.ts'
import type { Context } from './context.ts'
import type { Evaluator } from './evaluator.ts'
import type { VariableReference } from './frame.ts'
import type { Readings } from './readings.ts'
import type { RuntimeValue } from './value.ts'

/**
 * Compiles one whole expression. Its variables are looked into without copying; where the result is a list or
 * map, which may be a part of one of them, those variables forget that they own their containers.
 */
export function compileExpression(expression: Expression, context: Context): Evaluator {
  const read = new Map<string, VariableReference>()
  const compiled = new ExpressionCompiler(context, read).compile(expression)
  if (compiled.kind === 'plain' && compiled.constant !== undefined) return compiled
  const references = [...read.values()]
  if (references.length === 0) return compiled
  if (compiled.kind === 'suspending') return compiled
  return plainly((frame) => {
    const value = compiled.evaluate(frame)
    if (typeof value === 'object' && value !== null) {
      for (const reference of references) shareVariable(frame, reference)
    }
    return value
  })
}

class ExpressionCompiler {
  readonly #context: Context
  readonly #read: Map<string, VariableReference>
  /** While an expression is suspended nothing may be written into what it has read so far. */
  #suspends = false

  constructor(context: Context, read: Map<string, VariableReference>) {
    this.#context = context
    this.#read = read
  }

  compile(expression: Expression): Evaluator {
    this.#suspends = this.#callsRoutine(expression)
    return this.#compile(expression)
  }

  #compile(expression: Expression): Evaluator {
    switch (expression.kind) {
      case 'literal':
        return constant(expression.value)
      case 'list':
        return combine(
          expression.items.map((item) => this.#compile(item)),
          (items) => items,
        )
      case 'name':
        return this.#name(expression.name)
      case 'member':
        return this.#member(expression)
      case 'index':
        return this.#binary(expression.target, expression.index, readElement)
      case 'unary': {
        const apply = UNARY[expression.operator]
        return combine([this.#compile(expression.operand)], ([operand], frame) =>
          apply(operand!, frame.thread.execution.readings),
        )
      }
      case 'binary':
        return this.#operator(expression)
      case 'call':
        return this.#call(expression)
    }
  }

  #name(name: string): Evaluator {
    const reference = this.#context.scope.find(name)
    if (reference !== null) return this.#variable(reference)
    const routine = this.#context.routines.get(name)
    if (routine !== undefined) return constant(functionValue(routine))
    const standard = standardFunction(name)
    if (standard !== null) return constant(functionValue(standard))
    throw new CompileError(`symbol '${name}' is neither a variable nor a sub-workflow name`)
  }

  #variable(reference: VariableReference): Evaluator {
    this.#read.set(reference.name, reference)
    if (this.#suspends) {
      return plainly((frame) => {
        shareVariable(frame, reference)
        return peekVariable(frame, reference)
      })
    }
    const { slot } = reference
    if (reference.hops > 0) return plainly((frame) => peekVariable(frame, reference))
    return plainly((frame) => frame.values[slot] ?? peekVariable(frame, reference))
  }

  #member(expression: Expression & { kind: 'member' }): Evaluator {
    const path = namePath(expression)
    if (path !== null && this.#context.scope.find(path.split('.', 1)[0]!) === null) {
      const standard = standardFunction(path)
      if (standard !== null) return constant(functionValue(standard))
      const object = standardObject(path)
      if (object !== null) return constant(object)
    }
    const target = this.#compile(expression.target)
    const { name } = expression
    return combine([target], ([value]) => readElement(value!, name))
  }

  #operator({ operator, left, right }: BinaryExpression): Evaluator {
    if (operator === 'and' || operator === 'or') return this.#shortCircuit(operator, left, right)
    const apply = BINARY[operator]
    return this.#binary(left, right, apply)
  }

  #binary(
    left: Expression,
    right: Expression,
    apply: (left: RuntimeValue, right: RuntimeValue, readings: Readings) => RuntimeValue,
  ): Evaluator {
    const a = this.#compile(left)
    const b = this.#compile(right)
    if (a.kind === 'plain' && b.kind === 'plain') {
      return plainly((frame) => apply(a.evaluate(frame), b.evaluate(frame), frame.thread.execution.readings))
    }
    return combine([a, b], ([first, second], frame) =>
      apply(first!, second!, frame.thread.execution.readings),
    )
  }

  /** The right side is evaluated only where it decides. */
  #shortCircuit(operator: 'and' | 'or', left: Expression, right: Expression): Evaluator {
    const decided = operator === 'or'
    const a = this.#compile(left)
    const b = this.#compile(right)
    if (a.kind === 'plain' && b.kind === 'plain') {
      return plainly((frame) =>
        boolean(operator, a.evaluate(frame)) === decided ? decided : boolean(operator, b.evaluate(frame)),
      )
    }
    return {
      kind: 'suspending',
      evaluate: function* (frame) {
        if (boolean(operator, yield* evaluate(a, frame)) === decided) return decided
        return boolean(operator, yield* evaluate(b, frame))
      },
    }
  }

  #call({ callee, args }: CallExpression): Evaluator {
    const name = namePath(callee)
    if (name === null) throw new CompileError('only functions and subworkflows can be called')
    const values = args.map((arg) => this.#compile(arg))
    const routine = this.#context.routines.get(name)
    if (routine !== undefined) {
      return {
        kind: 'suspending',
        evaluate: function* (frame) {
          const given: RuntimeValue[] = []
          for (const value of values) given.push(yield* evaluate(value, frame))
          return yield* callRoutine(routine, given, frame)
        },
      }
    }
    const standard = standardFunction(name)
    if (standard !== null) {
      if (standard.kind === 'blocking') {
        throw new CompileError(`${name} blocks: it can only be called by a call step`)
      }
      const { parameters, run } = standard
      return combine(values, (given, frame) =>
        run(checkArguments(name, parameters, given), frame.thread.execution.functions),
      )
    }
    const connectorParameters = EXPRESSION_CONNECTORS.get(name)
    if (connectorParameters !== undefined) {
      return {
        kind: 'suspending',
        evaluate: function* (frame) {
          const given = new Map<string, RuntimeValue>()
          for (const [index, value] of values.entries()) {
            const parameter = connectorParameters[index]
            if (parameter === undefined) throw new CompileError(`${name}: too many arguments`)
            given.set(parameter, yield* evaluate(value, frame))
          }
          return yield* callConnector(name, given, frame)
        },
      }
    }
    throw new CompileError(`symbol '${name}' is neither a function nor a sub-workflow name`)
  }

  #callsRoutine(expression: Expression): boolean {
    switch (expression.kind) {
      case 'literal':
      case 'name':
        return false
      case 'list':
        return expression.items.some((item) => this.#callsRoutine(item))
      case 'member':
        return this.#callsRoutine(expression.target)
      case 'index':
        return this.#callsRoutine(expression.target) || this.#callsRoutine(expression.index)
      case 'unary':
        return this.#callsRoutine(expression.operand)
      case 'binary':
        return this.#callsRoutine(expression.left) || this.#callsRoutine(expression.right)
      case 'call': {
        const name = namePath(expression.callee)
        const waits = name !== null && (this.#context.routines.has(name) || EXPRESSION_CONNECTORS.has(name))
        return waits || expression.args.some((arg) => this.#callsRoutine(arg))
      }
    }
  }
}

/** `a.b.c` for a chain of names, null for anything else. */
export function namePath(expression: Expression): string | null {
  if (expression.kind === 'name') return expression.name
  if (expression.kind !== 'member') return null
  const target = namePath(expression.target)
  return target === null ? null : `${target}.${expression.name}`
}
