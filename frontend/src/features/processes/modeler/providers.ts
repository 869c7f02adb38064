import { makeShape } from './make'
import { AFTER_EVENTS, CHANGES, NEXT, OFFERS, type Offer } from './offer'
import { Several } from './together'
import type { Modeling, Shape, Tool } from './types'

type Words = (text: string) => string
type Create = { start: (event: unknown, shape: unknown, context?: unknown) => void }
type Entries = Record<string, unknown>
type Registers = { registerProvider: (...given: unknown[]) => void }
type Tools = Record<'lassoTool' | 'spaceTool' | 'globalConnect', unknown> & {
  lassoTool: { activateSelection: (event: unknown) => void }
  spaceTool: { activateSelection: (event: unknown) => void }
  globalConnect: { start: (event: unknown) => void }
}

const tool = (injector: Tool) => ({ get: <T>(name: string) => injector.get<T>(name) })

/** The palette: what is executed, each with its word. */
class Palette {
  static $inject = ['injector', 'palette', 'translate']
  constructor(
    private readonly injector: Tool,
    palette: Registers,
    private readonly words: Words,
  ) {
    palette.registerProvider(this)
  }
  getPaletteEntries(): Entries {
    const entries: Entries = {}
    const get = <K extends keyof Tools>(name: K) => this.injector.get<Tools[K]>(name)
    const tools: [string, string, (event: unknown) => void][] = [
      ['lasso', 'bpmn-icon-lasso-tool', (event) => get('lassoTool').activateSelection(event)],
      ['space', 'bpmn-icon-space-tool', (event) => get('spaceTool').activateSelection(event)],
      ['connect', 'bpmn-icon-connection-multi', (event) => get('globalConnect').start(event)],
    ]
    for (const [key, icon, click] of tools) entries[`tool.${key}`] = this.entry('tools', icon, `tool.${key}`, { click })
    entries['tools.end'] = { group: 'tools', separator: true }
    for (const offer of OFFERS) {
      const begin = (event: unknown) =>
        this.injector.get<Create>('create').start(event, makeShape(tool(this.injector), offer.type, offer.options))
      entries[`create.${offer.key}`] = this.entry(offer.group, offer.icon, `offer.${offer.key}`, { dragstart: begin, click: begin })
      if (offer.key === 'sub') entries['work.end'] = { group: 'work', separator: true }
      if (offer.key === 'event_gateway') entries['way.end'] = { group: 'way', separator: true }
    }
    return entries
  }
  private entry(group: string, icon: string, word: string, action: unknown) {
    const title = this.words(word)
    const html = `<div class="entry"><span class="${icon}" aria-hidden="true"></span><span class="word"></span></div>`.replace(
      '</span></div>',
      `${title}</span></div>`,
    )
    return { group, title, html, action }
  }
}

/** What one does with an element right where it is: the next step, an arrow, another kind, away with it. */
class ContextPad {
  static $inject = ['injector', 'contextPad', 'translate']
  constructor(
    private readonly injector: Tool,
    pad: Registers,
    private readonly words: Words,
  ) {
    pad.registerProvider(this)
  }
  getMultiElementContextPadEntries(): Entries {
    return { delete: this.remove() }
  }
  getContextPadEntries(shape: Shape): Entries {
    const type = shape.businessObject.$type
    const entries: Entries = {}
    const flows = /(Task|Gateway|Event|Activity|SubProcess)$/.test(type) && type !== 'bpmn:EndEvent' && shape.type !== 'label'
    if (flows) {
      const keys = type === 'bpmn:EventBasedGateway' ? AFTER_EVENTS : NEXT
      for (const offer of OFFERS) if (keys.includes(offer.key)) entries[`append.${offer.key}`] = this.append(offer)
      entries.connect = this.action('connect', 'bpmn-icon-connection-multi', 'tool.connect', (event, one) =>
        this.injector.get<{ start: (event: unknown, shape: unknown) => void }>('connect').start(event, one),
      )
    }
    if (shape.type !== 'label') {
      entries.replace = {
        group: 'edit',
        className: 'bpmn-icon-screw-wrench',
        title: this.words('Change element'),
        action: { click: (event: { x: number; y: number }, one: Shape) => this.change(event, one) },
      }
    }
    return { ...entries, delete: this.remove() }
  }
  private action(group: string, className: string, word: string, act: (event: unknown, shape: Shape) => void) {
    return { group, className, title: this.words(word), action: { click: act, dragstart: act } }
  }
  private append(offer: Offer) {
    const shape = () => makeShape(tool(this.injector), offer.type, offer.options)
    return {
      group: 'model',
      className: offer.icon,
      title: this.words(`append.${offer.key}`),
      action: {
        click: (_: unknown, source: Shape) =>
          this.injector.get<{ append: (source: Shape, shape: unknown) => void }>('autoPlace').append(source, shape()),
        dragstart: (event: unknown, source: Shape) => this.injector.get<Create>('create').start(event, shape(), { source }),
      },
    }
  }
  private change(event: { x: number; y: number }, shape: Shape) {
    const place = { x: event.x, y: event.y + 8, cursor: { x: event.x, y: event.y } }
    this.injector
      .get<{ open: (...given: unknown[]) => void }>('popupMenu')
      .open(shape, 'bpmn-replace', place, { title: this.words('Change element'), width: 260 })
  }
  private remove() {
    return this.action('edit', 'bpmn-icon-trash', 'Delete', (_, shape) =>
      this.injector.get<Modeling & { removeElements: (all: Shape[]) => void }>('modeling').removeElements([shape].flat()),
    )
  }
}

/** Leaves in the menu of kinds only what is executed. */
class Changes {
  static $inject = ['popupMenu']
  constructor(menu: Registers) {
    menu.registerProvider('bpmn-replace', 500, this)
  }
  getPopupMenuEntries() {
    return (entries: Entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => CHANGES.test(id)))
  }
  getPopupMenuHeaderEntries() {
    return (entries: Entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => CHANGES.test(id)))
  }
}

/** The parts of bpmn-js that are ours. `words` translates its texts and ours. */
export const ours = (words: Words) => ({
  __init__: ['paletteProvider', 'contextPadProvider', 'zhiduChanges', 'zhiduSeveral'],
  paletteProvider: ['type', Palette],
  contextPadProvider: ['type', ContextPad],
  zhiduChanges: ['type', Changes],
  zhiduSeveral: ['type', Several],
  translate: [
    'value',
    (template: string, values: Record<string, string> = {}) =>
      words(template).replace(/\{([^}]+)\}/g, (_, name: string) => values[name] ?? `{${name}}`),
  ],
})
