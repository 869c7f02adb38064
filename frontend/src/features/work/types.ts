import type { Schemas } from '@/shared/api/problem'
import type { FormView } from '../forms/types'

export type Allowed = Schemas['AllowedAction']
export type WorkItem = Schemas['WorkItemView']
export type Seat = Schemas['SeatView']
export type Question = Schemas['QuestionView']
export type Cc = Schemas['CcView']
export type StoryEntry = Schemas['StoryEntry']
export type Place = Schemas['PlaceView']
export type CaseState = Schemas['CaseState']
export type CaseItem = Schemas['CaseItem']
/** One act of one person on one work item. */
export type Act = Schemas['DoWork']
export type WorkDetail = Omit<Schemas['WorkDetail'], 'form'> & { form: FormView }
export type CaseDetail = Omit<Schemas['CaseDetail'], 'form'> & { form: FormView }
