import {
  AlignLeftOutlined,
  CalendarOutlined,
  CheckCircleOutlined,
  ClockCircleOutlined,
  DatabaseOutlined,
  DesktopOutlined,
  DownSquareOutlined,
  FieldNumberOutlined,
  FontSizeOutlined,
  MoneyCollectOutlined,
  PaperClipOutlined,
  PoweroffOutlined,
  TableOutlined,
  TeamOutlined,
  UsergroupAddOutlined,
  UserOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { KINDS, type Kind } from './kinds'

const ICONS: Record<Kind, ReactNode> = {
  text: <FontSizeOutlined />,
  textarea: <AlignLeftOutlined />,
  number: <FieldNumberOutlined />,
  money: <MoneyCollectOutlined />,
  date: <CalendarOutlined />,
  datetime: <ClockCircleOutlined />,
  select: <DownSquareOutlined />,
  radio: <CheckCircleOutlined />,
  switch: <PoweroffOutlined />,
  person: <UserOutlined />,
  people: <UsergroupAddOutlined />,
  unit: <TeamOutlined />,
  units: <TeamOutlined />,
  equipment: <DesktopOutlined />,
  dataset: <DatabaseOutlined />,
  files: <PaperClipOutlined />,
  rows: <TableOutlined />,
}

/** What can be put into a form: pulled to its place, or added at the end by a press. */
export function FieldPalette({ add }: { add: (kind: Kind) => void }) {
  const { t } = useTranslation('forms')
  return (
    <section className="section field-palette" aria-label={t('designer.palette')}>
      {KINDS.map((kind) => (
        <button
          key={kind}
          type="button"
          draggable
          onDragStart={(event) => event.dataTransfer.setData('text/plain', `new:${kind}`)}
          onClick={() => add(kind)}
        >
          <span aria-hidden="true">{ICONS[kind]}</span> {t(`kind.${kind}`)}
        </button>
      ))}
    </section>
  )
}
