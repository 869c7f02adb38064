import { useTranslation } from 'react-i18next'
import { attributes, extensionOf, partsOf, writeExtension, writeParts } from '../modeler/extension'
import { text } from '../modeler/types'
import { tasksOf, useDesign } from './context'
import { Flag, Many, Pick, Text } from './inputs'
import type { PartProps } from './Panel'

/** How it is decided: by whom of them, what a refusal does, what holds when nobody is found. */
export function PolicyPart({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const work = extensionOf(shape.businessObject, 'zhidu:Work')
  const get = (name: string) => text(work, name)
  const set = (name: string) => (value: string) => writeExtension(tool, shape, 'zhidu:Work', { [name]: value })
  const flag = (name: string) => (on: boolean) => set(name)(on ? 'true' : '')
  const kind = get('kind') || 'approve'
  const policy = get('policy') || (kind === 'do' ? 'claim' : 'all')
  const words = (name: string, values: string[]) => values.map((value) => ({ value, label: t(`${name}.${value}`) }))
  return (
    <>
      <Pick label={t('work.kind')} value={kind} set={set('kind')} options={words('work.kinds', ['approve', 'do', 'read'])} />
      <Pick
        label={t('work.policy')}
        value={policy}
        set={set('policy')}
        options={words('policy', ['claim', 'all', 'any', 'ratio', 'weight', 'sequential'])}
      />
      {(policy === 'ratio' || policy === 'weight') && (
        <Text label={t('work.share')} value={get('share')} set={set('share')} help={t('work.share_help')} />
      )}
      {policy === 'weight' && <Weights shape={shape} />}
      {kind === 'approve' && (
        <>
          <Pick
            label={t('work.refuse')}
            value={get('refuse') || 'end'}
            set={set('refuse')}
            options={words('work.refusal', ['end', 'return', 'continue'])}
          />
          <Flag label={t('work.collect')} help={t('work.collect_help')} value={get('collect') === 'true'} set={flag('collect')} />
        </>
      )}
      {policy !== 'claim' && (
        <Pick
          label={t('work.return')}
          value={get('return') || 'immediately'}
          set={set('return')}
          options={words('work.returning', ['immediately', 'after_all'])}
        />
      )}
      <Pick
        label={t('work.empty')}
        value={get('empty') || 'administrator'}
        set={set('empty')}
        options={words('work.nobody', ['administrator', 'skip', 'refuse'])}
      />
      <Flag label={t('work.sign')} help={t('work.sign_help')} value={get('sign') === 'true'} set={flag('sign')} />
      <Many
        label={t('work.separate')}
        help={t('work.separate_help')}
        value={get('separate')}
        set={set('separate')}
        options={[{ value: 'starter', label: t('people.kind.starter') }, ...tasksOf(tool).filter((one) => one.value !== shape.id)]}
      />
      <Many free label={t('panel.clauses')} value={get('clauses')} set={set('clauses')} options={[]} />
    </>
  )
}

/** Whose voice counts more: `log-in number`, one a line. */
function Weights({ shape }: PartProps) {
  const { t } = useTranslation('processes')
  const { tool } = useDesign()
  const weights = attributes(partsOf(extensionOf(shape.businessObject, 'zhidu:Work'), 'zhidu:Weight'), ['login', 'value'])
  return (
    <Text
      area
      label={t('work.weights')}
      help={t('work.weights_help')}
      value={weights.map((one) => `${one.login} ${one.value}`).join('\n')}
      set={(lines) =>
        writeParts(
          tool,
          shape,
          'zhidu:Work',
          'zhidu:Weight',
          lines.split('\n').flatMap((line) => {
            const [login, value] = line.trim().split(/\s+/)
            return login && value ? [{ login, value }] : []
          }),
        )
      }
    />
  )
}
