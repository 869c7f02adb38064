import type { Schemas } from '@/shared/api/problem'
import type { Data, FormView, Schema, Ui } from '../forms/types'

export type ProcessItem = Schemas['ProcessItem']
export type Finding = Schemas['FindingView']
export type Check = Schemas['CheckView']
export type PreviewStep = Schemas['ForeseenStep']
export type Statistics = Schemas['StatisticsView']
export type Replayed = Schemas['ReplayedCase']
export type Moved = Schemas['MigratedCase']
export type Run = Schemas['TrialView']
export type Taken = Omit<Schemas['Decision'], 'data'> & { data?: Data }
export type PackView = Schemas['PackView']

/** What the server keeps as it is, the page reads and writes: `docs/process-files.md`. */
export type Form = { schema: Schema; ui: Ui }
export type Rule = { when: string[]; then: string[] }
export type TableTest = { given: Data; then: Data }
export type DecisionTable = {
  name: string
  hit: string
  inputs: { expression: string; type: string }[]
  outputs: { name: string; type: string }[]
  rules: Rule[]
  live_from?: string
  tests?: TableTest[]
}
export type Test = {
  name: string
  given: { data: Data }
  decisions: Taken[]
  then: { ended?: string; steps?: string[]; open?: string[]; data?: Data }
}
export type Model = { bpmn: string; form: Form; decisions: Record<string, DecisionTable>; tests: Test[] }
export type ProcessDetail = Omit<Schemas['ProcessDetail'], 'draft'> & {
  draft: (Model & Pick<Schemas['DraftSource'], 'changed_at' | 'changed_by' | 'differs'>) | null
}
export type Release = Omit<Schemas['ReleaseView'], 'bpmn' | 'form' | 'decisions' | 'tests'> & Model
export type StartView = Omit<Schemas['StartView'], 'form'> & { form: FormView }
export type ActionItem = Omit<Schemas['ActionView'], 'input' | 'output'> & { input: Schema; output: Schema }
