import { CheckCircleFilled, CloseCircleFilled, DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Collapse } from 'antd'
import { useTranslation } from 'react-i18next'
import { Nothing, Section } from '@/shared/ui/layout'
import type { Check, Model, Test } from '../api'
import { TestForm } from './TestForm'

type Props = { model: Model; results: Check['tests']; change: (tests: Test[]) => void }

/** What must be so in every release: examples, run at each check. A release whose tests fail is not published. */
export default function Tests({ model, results, change }: Props) {
  const { t } = useTranslation('processes')
  const { tests } = model
  const add = () => change([...tests, { name: t('tests.new', { n: tests.length + 1 }), given: { data: {} }, decisions: [], then: {} }])
  return (
    <Section
      title={t('tests.title')}
      extra={
        <Button icon={<PlusOutlined />} onClick={add}>
          {t('tests.add')}
        </Button>
      }
    >
      <p className="faint">{t('tests.help')}</p>
      {tests.length === 0 && <Nothing text={t('tests.none')} />}
      <Collapse
        ghost
        items={tests.map((test, at) => ({
          key: String(at),
          label: (
            <Label test={test} result={results[at]?.name === test.name ? results[at] : results.find((one) => one.name === test.name)} />
          ),
          children: (
            <>
              <TestForm model={model} test={test} change={(next) => change(tests.map((one, index) => (index === at ? next : one)))} />
              <Button danger icon={<DeleteOutlined />} onClick={() => change(tests.filter((_, index) => index !== at))}>
                {t('tests.remove', { name: test.name })}
              </Button>
            </>
          ),
        }))}
      />
    </Section>
  )
}

function Label({ test, result }: { test: Test; result: Check['tests'][number] | undefined }) {
  const { t } = useTranslation('processes')
  return (
    <span>
      {result &&
        (result.passed ? (
          <CheckCircleFilled style={{ color: '#2f7d4a' }} aria-label={t('tests.passed')} />
        ) : (
          <CloseCircleFilled style={{ color: 'var(--ant-color-error)' }} aria-label={t('tests.failed')} />
        ))}{' '}
      {test.name}
      {result?.reason && <span className="faint"> {result.reason}</span>}
    </span>
  )
}
