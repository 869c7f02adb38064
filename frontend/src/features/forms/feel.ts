/**
 * The part of FEEL that a page needs while somebody types: comparisons, choices, arithmetic, a few functions. The server decides;
 * what is not understood here is `undefined`, and the page then waits for the server.
 */
export type Scope = Record<string, unknown>
type Run = (scope: Scope) => unknown
type Token = { kind: 'number' | 'text' | 'name' | 'sign' | 'end'; value: string }

const WORDS = ['and', 'or', 'in', 'between', 'if', 'then', 'else', 'true', 'false', 'null']
const LONG = ['list contains', 'starts with', 'ends with', 'string length', 'round half up']
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|"((?:[^"\\]|\\.)*)"|`([^`]+)`|([\p{L}_][\p{L}\p{N}_]*)|(\.\.|\*\*|<=|>=|!=|[-+*/<>=(),[\].]))/uy

function tokens(text: string): Token[] {
  const found: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text)
    if (!match) throw new Error('sign')
    const [, number, words, quoted, name, sign] = match
    if (number !== undefined) found.push({ kind: 'number', value: number })
    else if (words !== undefined) found.push({ kind: 'text', value: words.replace(/\\(.)/g, '$1') })
    else if (quoted !== undefined) found.push({ kind: 'name', value: quoted })
    else if (name !== undefined) {
      const long = LONG.find((one) => text.startsWith(one, TOKEN.lastIndex - name.length))
      if (long) TOKEN.lastIndex += long.length - name.length
      found.push(WORDS.includes(name) ? { kind: 'sign', value: name } : { kind: 'name', value: long ?? name })
    } else found.push({ kind: 'sign', value: sign ?? '' })
  }
  return [...found, { kind: 'end', value: '' }]
}

const number = (value: unknown) =>
  typeof value === 'number' ? value : typeof value === 'string' && value !== '' && !Number.isNaN(+value) ? +value : null
const exact = (value: number) => Number(value.toPrecision(14))
const list = (values: unknown[]) => (values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values)
const numbers = (values: unknown[]) =>
  list(values)
    .map(number)
    .filter((one) => one !== null)
const same = (a: unknown, b: unknown) => (a ?? null) === (b ?? null)

function compare(sign: string, a: unknown, b: unknown): boolean | null {
  if (sign === '=') return same(a, b)
  if (sign === '!=') return !same(a, b)
  if (a === null || a === undefined || b === null || b === undefined || typeof a !== typeof b) return null
  const [left, right] = [a as number, b as number]
  return sign === '<' ? left < right : sign === '<=' ? left <= right : sign === '>' ? left > right : left >= right
}

const FUNCTIONS: Record<string, (...values: unknown[]) => unknown> = {
  not: (value) => (typeof value === 'boolean' ? !value : null),
  count: (value) => (Array.isArray(value) ? value.length : null),
  sum: (...values) => (numbers(values).length > 0 ? exact(numbers(values).reduce((all, one) => all + one, 0)) : null),
  min: (...values) => (numbers(values).length > 0 ? Math.min(...numbers(values)) : null),
  max: (...values) => (numbers(values).length > 0 ? Math.max(...numbers(values)) : null),
  abs: (value) => (number(value) === null ? null : Math.abs(number(value) as number)),
  floor: (value) => (number(value) === null ? null : Math.floor(number(value) as number)),
  ceiling: (value) => (number(value) === null ? null : Math.ceil(number(value) as number)),
  'round half up': (value, digits) => (number(value) === null ? null : Number((number(value) as number).toFixed(Number(digits ?? 0)))),
  'list contains': (values, value) => Array.isArray(values) && values.includes(value),
  contains: (text, part) => String(text ?? '').includes(String(part)),
  'starts with': (text, part) => String(text ?? '').startsWith(String(part)),
  'ends with': (text, part) => String(text ?? '').endsWith(String(part)),
  'string length': (text) => (typeof text === 'string' ? [...text].length : null),
}

const arithmetic = (sign: string, a: unknown, b: unknown) => {
  if (sign === '+' && typeof a === 'string' && typeof b === 'string' && (number(a) === null || number(b) === null)) return a + b
  const [left, right] = [number(a), number(b)]
  if (left === null || right === null || (sign === '/' && right === 0)) return null
  return exact(
    sign === '+' ? left + right : sign === '-' ? left - right : sign === '*' ? left * right : sign === '/' ? left / right : left ** right,
  )
}

class Parser {
  private at = 0
  constructor(private readonly all: Token[]) {}
  private get next() {
    return this.all[this.at] as Token
  }
  private is = (...values: string[]) => this.next.kind === 'sign' && values.includes(this.next.value)
  private take() {
    this.at += 1
    return (this.all[this.at - 1] as Token).value
  }
  private need(value: string) {
    if (!this.is(value)) throw new Error(value)
    this.at += 1
  }
  whole(): Run {
    const run = this.or()
    if (this.next.kind !== 'end') throw new Error('end')
    return run
  }
  private or(): Run {
    if (this.is('if')) return this.choice()
    let left = this.and()
    while (this.is('or')) {
      this.take()
      const [a, b] = [left, this.and()]
      left = (scope) => {
        const [x, y] = [a(scope), b(scope)]
        return x === true || y === true ? true : x === false && y === false ? false : null
      }
    }
    return left
  }
  private choice(): Run {
    this.need('if')
    const test = this.or()
    this.need('then')
    const yes = this.or()
    this.need('else')
    const no = this.or()
    return (scope) => (test(scope) === true ? yes(scope) : no(scope))
  }
  private and(): Run {
    let left = this.comparison()
    while (this.is('and')) {
      this.take()
      const [a, b] = [left, this.comparison()]
      left = (scope) => {
        const [x, y] = [a(scope), b(scope)]
        return x === false || y === false ? false : x === true && y === true ? true : null
      }
    }
    return left
  }
  private comparison(): Run {
    const left = this.sum()
    if (this.is('=', '!=', '<', '<=', '>', '>=')) {
      const sign = this.take()
      const right = this.sum()
      return (scope) => compare(sign, left(scope), right(scope))
    }
    if (this.is('between')) {
      this.take()
      const low = this.sum()
      this.need('and')
      const high = this.sum()
      return (scope) => compare('>=', left(scope), low(scope)) === true && compare('<=', left(scope), high(scope)) === true
    }
    if (this.is('in')) {
      this.take()
      return this.within(left)
    }
    return left
  }
  private within(left: Run): Run {
    const open = this.take()
    if (open !== '(' && open !== '[') throw new Error('in')
    const first = this.or()
    if (this.is('..')) {
      this.take()
      const last = this.or()
      const close = this.take()
      return (scope) =>
        compare(open === '[' ? '>=' : '>', left(scope), first(scope)) === true &&
        compare(close === ']' ? '<=' : '<', left(scope), last(scope)) === true
    }
    const all = [first, ...this.rest(open === '(' ? ')' : ']')]
    return (scope) => all.some((one) => [one(scope)].flat().some((value) => same(left(scope), value)))
  }
  private list(close: string): Run[] {
    if (!this.is(close)) return [this.or(), ...this.rest(close)]
    this.take()
    return []
  }
  private rest(close: string): Run[] {
    const all: Run[] = []
    while (this.is(',')) {
      this.take()
      all.push(this.or())
    }
    this.need(close)
    return all
  }
  private chain(below: () => Run, ...signs: string[]): Run {
    let left = below()
    while (this.is(...signs)) {
      const sign = this.take()
      const [a, b] = [left, below()]
      left = (scope) => arithmetic(sign, a(scope), b(scope))
    }
    return left
  }
  private sum = (): Run => this.chain(() => this.product(), '+', '-')
  private product = (): Run => this.chain(() => this.chain(() => this.unary(), '**'), '*', '/')
  private unary(): Run {
    if (!this.is('-')) return this.path()
    this.take()
    const inner = this.unary()
    return (scope) => arithmetic('-', 0, inner(scope))
  }
  private path(): Run {
    let run = this.primary()
    while (this.is('.')) {
      this.take()
      const [of, name] = [run, this.take()]
      run = (scope) => {
        const value = of(scope)
        const part = (one: unknown) => (one as Scope | null)?.[name] ?? null
        return Array.isArray(value) ? value.map(part) : part(value)
      }
    }
    return run
  }
  private primary(): Run {
    const { kind, value } = this.next
    if (kind === 'end') throw new Error('end')
    this.at += 1
    if (kind === 'number') return () => Number(value)
    if (kind === 'text') return () => value
    if (kind === 'name' && this.is('(')) return this.call(value)
    if (kind === 'name') return (scope) => scope[value] ?? null
    if (value === 'true' || value === 'false') return () => value === 'true'
    if (value === 'null') return () => null
    if (value === '(') {
      const inner = this.or()
      this.need(')')
      return inner
    }
    if (value === '[') {
      const all = this.list(']')
      return (scope) => all.map((one) => one(scope))
    }
    throw new Error(value)
  }
  private call(name: string): Run {
    const run = FUNCTIONS[name]
    if (!run) throw new Error(name)
    this.need('(')
    const given = this.list(')')
    return (scope) => run(...given.map((one) => one(scope)))
  }
}

const known = new Map<string, Run | null>()

/** The value of an expression; `undefined` if it is beyond this page. */
export function evaluate(text: string, scope: Scope): unknown {
  let run = known.get(text)
  if (run === undefined) {
    try {
      run = new Parser(tokens(text)).whole()
    } catch {
      run = null
    }
    known.set(text, run)
  }
  return run ? run(scope) : undefined
}

/** Whether a field is shown. What the page cannot decide is shown. */
export const shown = (condition: string | undefined, scope: Scope) => {
  if (!condition) return true
  const value = evaluate(condition, scope)
  return value === undefined || value === true
}
