import type { ReactNode } from 'react'

/** One thing of a list: what it is, what is to be known of it, what can be done with it. */
export function Row({
  title,
  state,
  children,
  actions,
}: {
  title: ReactNode
  state?: ReactNode
  children?: ReactNode
  actions?: ReactNode
}) {
  return (
    <li className="section row">
      <div className="grow" style={{ minWidth: 220, overflowWrap: 'anywhere' }}>
        <div className="row">
          <strong>{title}</strong>
          {state}
        </div>
        <div className="faint">{children}</div>
      </div>
      {actions && <div className="row">{actions}</div>}
    </li>
  )
}

/** Words with dots between them; what is missing is left out. */
export function Words({ of }: { of: ReactNode[] }) {
  const shown = of.filter((one) => one !== null && one !== undefined && one !== false && one !== '')
  return shown.map((one, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they never change their order
    <span key={place}>
      {place > 0 && ' · '}
      {one}
    </span>
  ))
}
