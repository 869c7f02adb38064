import type { Marks } from './Diagram'

/** The parts of diagram-js that are used here. */
type Box = { x: number; y: number; width: number; height: number }
export type Canvas = {
  zoom: (scale?: number | 'fit-viewport', center?: 'auto') => number
  viewbox: (box?: Box) => { inner: Box; outer: { width: number; height: number } }
  addMarker: (id: string, marker: string) => void
  removeMarker: (id: string, marker: string) => void
  scrollToElement: (id: string, padding?: number) => void
}
type Registry = { get: (id: string) => unknown }
type Overlays = {
  add: (id: string, type: string, overlay: unknown) => string
  remove: (filter: { type: string }) => void
}
type Tool = { get: <T>(name: string) => T }

/** The whole drawing, never larger than it was drawn, beside what covers the left. */
export function showWhole(canvas: Canvas | undefined, left = 0) {
  if (!canvas) return
  const { inner, outer } = canvas.viewbox()
  const [width, height] = [outer.width - left, outer.height]
  if (width <= 0 || height <= 0 || inner.width <= 0) return
  const scale = Math.min(1, (width - 48) / inner.width, (height - 48) / inner.height)
  const x = inner.x - left / scale - (width / scale - inner.width) / 2
  const y = inner.y - (height / scale - inner.height) / 2
  canvas.viewbox({ x, y, width: outer.width / scale, height: outer.height / scale })
}

export function zoomBy(canvas: Canvas | undefined, factor: number) {
  canvas?.zoom(Math.min(4, Math.max(0.2, canvas.zoom() * factor)), 'auto')
}

const drawn = new WeakMap<object, Marks>()

/** Lays the looks on the elements, and takes away what was laid on before. */
export function setMarks(tool: Tool, marks: Marks) {
  const canvas = tool.get<Canvas>('canvas')
  const registry = tool.get<Registry>('elementRegistry')
  const each = (all: Marks, act: (id: string, marker: string) => void) => {
    for (const [id, names] of Object.entries(all)) if (registry.get(id)) for (const name of names) act(id, `mark-${name}`)
  }
  each(drawn.get(tool) ?? {}, canvas.removeMarker.bind(canvas))
  each(marks, canvas.addMarker.bind(canvas))
  drawn.set(tool, marks)
}

/** Short texts at the corners of elements. */
export function setBadges(tool: Tool, badges: Record<string, string>) {
  const overlays = tool.get<Overlays>('overlays')
  const registry = tool.get<Registry>('elementRegistry')
  overlays.remove({ type: 'badge' })
  for (const [id, text] of Object.entries(badges)) {
    if (!registry.get(id)) continue
    const html = document.createElement('span')
    html.className = 'diagram-badge'
    html.textContent = text
    overlays.add(id, 'badge', { position: { top: -12, right: 14 }, html })
  }
}
