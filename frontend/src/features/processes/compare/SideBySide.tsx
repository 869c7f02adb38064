import { Diagram, type Marks } from '@/shared/bpmn/Diagram'

type Side = { title: string; bpmn: string; marks: Marks; badges?: Record<string, string> }

/** Two drawings beside each other, with what differs marked in both. */
export function SideBySide({ sides, focus }: { sides: [Side, Side]; focus: string | undefined }) {
  return (
    <div className="compare">
      {sides.map(({ title, bpmn, marks, badges }) => (
        <div key={title}>
          <h2>{title}</h2>
          <Diagram
            xml={bpmn}
            label={title}
            marks={marks}
            {...(badges && { badges })}
            focus={focus}
            height="clamp(200px, min(40vh, 60vw), 380px)"
          />
        </div>
      ))}
    </div>
  )
}
