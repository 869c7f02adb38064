import type { Data } from '../../forms/types'
import type { Run, Taken, Test } from '../api'

/**
 * What was tried, as a test. Tests are run with people who do not exist, one for each rule: what several people decided alike, one
 * after the other, is decided by whoever is there.
 */
export function testOf(name: string, data: Data, taken: Taken[], run: Run): Test {
  const decisions: Taken[] = []
  for (const one of taken) {
    const last = decisions.at(-1)
    if (last && last.step === one.step && last.outcome && last.outcome === one.outcome) last.all = true
    else decisions.push({ ...one })
  }
  const open = run.open.map((one) => one.step)
  return { name, given: { data }, decisions, then: { steps: run.steps, ...(run.ended ? { ended: run.ended } : { open }) } }
}
