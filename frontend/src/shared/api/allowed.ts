import type { Schemas } from './problem'

type Thing = { allowed_actions: Schemas['AllowedAction'][] }

/** Whether something can be done with a thing by the reader, and why not. */
export const action = (thing: Thing, name: string) => thing.allowed_actions.find((one) => one.name === name)

/** Whether the reader may do it now. */
export const may = (thing: Thing, name: string) => action(thing, name)?.allowed === true
