import { App, Button, Input, Space } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import type { Data } from '../../forms/types'
import { check, type Model, type Run, type Taken, type Test } from '../api'
import { testOf } from './testOf'

type Props = { model: Model; data: Data; taken: Taken[]; run: Run; keep: (test: Test) => void }

/** Keeps a trial as a test, and says at once whether it passes with the people of tests, who do not exist. */
export function KeepTest({ model, data, taken, run, keep }: Props) {
  const { t } = useTranslation('processes')
  const { message, notification } = App.useApp()
  const [name, setName] = useState(run.title)
  const act = useAct((test: Test) => check({ ...model, tests: [test] }), {
    done: ({ tests: [result] }, test) => {
      keep(test)
      if (!result || result.passed) message.success(t('run.kept'))
      else notification.warning({ title: t('run.kept_failing'), description: result.reason })
    },
  })
  const submit = () => name.trim() && act.mutate(testOf(name.trim(), data, taken, run))
  return (
    <Space.Compact style={{ width: '100%', marginBottom: 16 }}>
      <Input
        aria-label={t('run.test_name')}
        placeholder={t('run.test_name')}
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onPressEnter={(event) => !event.nativeEvent.isComposing && submit()}
      />
      <Button disabled={!name.trim()} loading={act.isPending} onClick={submit}>
        {t('run.keep')}
      </Button>
    </Space.Compact>
  )
}
