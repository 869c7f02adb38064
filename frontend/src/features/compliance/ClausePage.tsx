import { Link, useParams } from '@tanstack/react-router'
import { Alert, Button, Form, Input, Modal, Radio } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import type { Schemas } from '@/shared/api/problem'
import { FileInput, FileList } from '@/shared/ui/files'
import { Facts, Loading, Nothing, PageHeader, Section } from '@/shared/ui/layout'
import { UnitSelect } from '@/shared/ui/pickers'
import { INTO_VIEW, ProblemAlert, useAct } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { At } from '@/shared/ui/time'
import { attest, type ClauseDetail, type Control, setOwner, useClause } from './api'
import { NumbersLine, SeverityDot, Trend, VerdictDot } from './Standing'

/** A clause: what it says, what serves it, what shows that it is kept. */
export function ClausePage() {
  const { t } = useTranslation('compliance')
  const { id = '', clause = '' } = useParams({ strict: false }) as { id?: string; clause?: string }
  const found = useClause(id, clause)
  if (found.isError) return <ProblemAlert error={found.error} retry={found.refetch} />
  if (!found.data) return <Loading rows={10} />
  const one = found.data
  const silent = one.control_items.filter((control) => control.silent_events.length > 0)
  return (
    <>
      <PageHeader
        title={
          <>
            {one.id} <VerdictDot verdict={one.verdict} />
          </>
        }
        under={
          <Link to="/compliance/regulations/$id" params={{ id }}>
            {one.regulation_title}
          </Link>
        }
        extra={
          <>
            <Owner id={id} one={one} />
            <Attest id={id} one={one} />
          </>
        }
      />
      {silent.length > 0 && (
        <Alert
          type="warning"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('silent', { events: [...new Set(silent.flatMap((control) => control.silent_events))].join(', ') })}
        />
      )}
      <Section>
        <p className="clause-text">{one.text}</p>
        <Facts
          items={[
            [t('field.owner'), one.owner?.name],
            [t('field.numbers'), <NumbersLine key="n" numbers={one.numbers} />],
            [
              t('field.processes'),
              one.process_items.length > 0 && (
                <span key="p" className="linked">
                  {one.process_items.map((process, index) => (
                    <span key={process.id}>
                      {index > 0 && t('comma')}
                      <Link to="/start/$id" params={{ id: process.id }}>
                        {process.name}
                      </Link>
                    </span>
                  ))}
                </span>
              ),
            ],
          ]}
        />
      </Section>
      <Section title={t('controls')}>
        {one.control_items.length === 0 ? (
          <Nothing text={t('no_controls')} />
        ) : (
          <ul className="plain controls">
            {one.control_items.map((control) => (
              <li key={control.id}>
                <ControlLine control={control} />
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={t('trend')}>
        <Trend stretches={one.trend} />
      </Section>
      {one.attestations.length > 0 && (
        <Section title={t('attestations')}>
          <ul className="plain">
            {one.attestations.map((word) => (
              <li key={word.id}>
                <Dot colour={word.kept ? 'green' : 'red'} text={t(word.kept ? 'kept' : 'not_kept')} /> {word.statement}
                <FileList files={shown(word)} />
                <div className="faint">
                  {word.attested_by} · <At at={word.attested_at} />
                </div>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  )
}

const shown = (word: Schemas['AttestationView']) =>
  word.evidence.map((file) => ({ ...file, path: `/api/v1/attestations/${word.id}/evidence/${file.id}` }))

/** A control with its numbers, each of which leads to the duties behind it. */
export function ControlLine({ control }: { control: Control }) {
  const { t } = useTranslation('compliance')
  const [open, setOpen] = useState(false)
  return (
    <>
      <div className="row">
        <strong>{control.title}</strong>
        <VerdictDot verdict={control.verdict} />
        <SeverityDot severity={control.severity} />
      </div>
      <div className="row">
        <NumbersLine numbers={control.numbers} />
        <Link to="/compliance/obligations" search={{ control: control.id } as never}>
          {t('behind')}
        </Link>
        <Link to="/compliance/controls/$id/sample" params={{ id: control.id }}>
          {t('sample.link')}
        </Link>
        <Button type="link" className="inline" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('definition')}
        </Button>
      </div>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text that scrolls must be reachable by keyboard
        <pre className="raw" tabIndex={0}>
          {JSON.stringify(control.definition, null, 2)}
        </pre>
      )}
    </>
  )
}

function Owner({ id, one }: { id: string; one: ClauseDetail }) {
  const { t } = useTranslation('compliance')
  const [unit, setUnit] = useState<string | null | undefined>()
  const save = useAct((to: string) => setOwner(id, one.id, to), { said: t('common:said.done'), done: () => setUnit(undefined) })
  const may = action(one, 'set_owner')
  if (!may?.allowed) return null
  return (
    <>
      <Button onClick={() => setUnit(one.owner?.id ?? null)}>{t('set_owner')}</Button>
      <Modal
        open={unit !== undefined}
        title={t('set_owner')}
        onCancel={() => setUnit(undefined)}
        onOk={() => unit && save.mutate(unit)}
        okButtonProps={{ disabled: !unit, loading: save.isPending }}
      >
        <p className="faint">{t('set_owner_help')}</p>
        <UnitSelect aria-label={t('field.owner')} placeholder={t('field.owner')} value={unit ?? null} onChange={setUnit} />
      </Modal>
    </>
  )
}

/** The files as the page has them; their ids are sent under the same name, so that what is wrong with them is said beside them. */
type Said = Omit<Schemas['Attest'], 'file_ids'> & { file_ids?: Schemas['AttachedFile'][] }

function Attest({ id, one }: { id: string; one: ClauseDetail }) {
  const { t } = useTranslation('compliance')
  const [form] = Form.useForm<Said>()
  const kept = Form.useWatch('kept', form)
  const [open, setOpen] = useState(false)
  const save = useAct(({ file_ids = [], ...said }: Said) => attest(id, one.id, { ...said, file_ids: file_ids.map((file) => file.id) }), {
    form,
    said: t('common:said.done'),
    done: () => setOpen(false),
  })
  const may = action(one, 'attest')
  return (
    <>
      <Button type="primary" disabled={!may?.allowed} title={may?.reason_text ?? undefined} onClick={() => setOpen(true)}>
        {t('attest')}
      </Button>
      <Modal
        open={open}
        title={t('attest')}
        destroyOnHidden
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okButtonProps={{ loading: save.isPending }}
      >
        <p className="faint">{t('attest_help')}</p>
        <Form
          form={form}
          layout="vertical"
          scrollToFirstError={INTO_VIEW}
          initialValues={{ kept: true }}
          onFinish={(said) => save.mutate(said)}
        >
          <Form.Item name="kept" label={t('field.kept')} rules={[{ required: true }]}>
            <Radio.Group
              options={[
                { value: true, label: t('kept') },
                { value: false, label: t('not_kept') },
              ]}
            />
          </Form.Item>
          <Form.Item name="statement" label={t('field.statement')} rules={[{ required: true, whitespace: true, max: 2000 }]}>
            <Input.TextArea rows={4} maxLength={2000} />
          </Form.Item>
          <Form.Item
            name="file_ids"
            label={t('field.evidence')}
            extra={t('attest_files')}
            rules={[{ required: kept !== false, type: 'array', message: t('evidence_missing') }]}
          >
            <FileInput />
          </Form.Item>
        </Form>
      </Modal>
    </>
  )
}
