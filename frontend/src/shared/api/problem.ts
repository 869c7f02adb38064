import type { components } from './schema'

export type Schemas = components['schemas']

/** A refusal of the server (RFC 9457), or a failure on the way to it. */
export class ProblemError extends Error {
  constructor(readonly problem: Schemas['Problem']) {
    super(problem.detail || problem.title)
  }
  get code() {
    return this.problem.code
  }
}

/** What a failure means, whatever it was. */
export function problemOf(error: unknown): Schemas['Problem'] {
  if (error instanceof ProblemError) return error.problem
  return { type: 'about:blank', title: '', status: 0, detail: '', code: 'network', params: {}, errors: [], request_id: '' }
}

/** `/posts/0/title` as the path of a form field. */
export function fieldPath(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
