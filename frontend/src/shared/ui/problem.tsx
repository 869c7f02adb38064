import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, type FormInstance } from 'antd'
import { useTranslation } from 'react-i18next'
import { fieldPath, problemOf } from '../api/problem'

/** What went wrong while loading, and a way to try again. */
export function ProblemAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation()
  const problem = problemOf(error)
  const text = problem.code === 'network' ? t('problem.network') : problem.detail || problem.title || t('problem.unknown')
  return (
    <Alert
      type="error"
      showIcon
      title={text}
      description={problem.request_id ? t('problem.request', { id: problem.request_id }) : undefined}
      action={retry ? <Button onClick={retry}>{t('action.retry')}</Button> : undefined}
    />
  )
}

/** How a form leads to the first field that it refuses: into the middle, for what lies under a bar counts as seen otherwise. */
export const INTO_VIEW = { block: 'center', scrollMode: 'always', focus: true } as const

/** Whether the form shows a field of this path. */
function isField(form: FormInstance, path: (string | number)[]) {
  if (form.getFieldInstance(path) || form.isFieldTouched(path)) return true
  let values: unknown = form.getFieldsValue()
  for (const part of path) {
    if (typeof values !== 'object' || values === null || !(part in values)) return false
    values = (values as Record<string | number, unknown>)[part]
  }
  return true
}

type Options<R, A> = {
  /** Where refusals of single fields are shown. */
  form?: FormInstance
  done?: (result: R, input: A) => void
  /** What is said when it is done. */
  said?: string
}

/**
 * Does something and says how it went. Refused fields land on the form; everything else is a message with the request
 * id. Whatever was cached is read again.
 */
export function useAct<A, R>(run: (input: A) => Promise<R>, { form, done, said }: Options<R, A> = {}) {
  const { message, notification } = App.useApp()
  const { t } = useTranslation()
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: (result, input) => {
      if (said) message.success(said)
      void client.invalidateQueries()
      done?.(result, input)
    },
    onError: (error) => {
      const problem = problemOf(error)
      const fields = problem.errors.filter((field) => field.pointer.startsWith('/'))
      const known = form ? fields.filter((field) => isField(form, fieldPath(field.pointer))) : []
      form?.setFields(known.map((field) => ({ name: fieldPath(field.pointer), errors: [field.detail] })))
      const rest = problem.errors.filter((field) => !known.includes(field))
      if (known.length > 0 && rest.length === 0) {
        form?.scrollToField(fieldPath(known[0]?.pointer ?? ''), INTO_VIEW)
        return
      }
      const title = problem.code === 'network' ? t('problem.network') : problem.detail || problem.title || t('problem.unknown')
      const lines = rest.map((field) => `${field.pointer} ${field.detail}`)
      if (problem.request_id) lines.push(t('problem.request', { id: problem.request_id }))
      notification.error({ title, description: lines.join('\n'), style: { whiteSpace: 'pre-line' } })
      if (['version.stale', 'work_item.fields_changed'].includes(problem.code)) void client.invalidateQueries()
    },
  })
}
