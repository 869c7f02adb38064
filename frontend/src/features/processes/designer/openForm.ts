import type { Data, FormView } from '../../forms/types'
import type { Model } from '../api'

/** Everything may be written: the trial asks for data, not for rights. */
export const openForm = (model: Model, data: Data = {}): FormView => ({
  ...model.form,
  data,
  names: {},
  files: [],
  required_on: {},
  rights: Object.fromEntries(Object.keys(model.form.schema.properties ?? {}).map((name) => [name, 'edit' as const])),
})
