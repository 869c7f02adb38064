const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'
const ZHIDU = 'urn:zhidu:bpmn:1'

/** How each user task may end, by its id, as the file says. */
export function outcomesIn(bpmn: string): Map<string, string[]> {
  const document = new DOMParser().parseFromString(bpmn, 'application/xml')
  const found = new Map<string, string[]>()
  for (const task of document.getElementsByTagNameNS(BPMN, 'userTask')) {
    const work = task.getElementsByTagNameNS(ZHIDU, 'work')[0]
    const own = [...(work?.getElementsByTagNameNS(ZHIDU, 'outcome') ?? [])].flatMap((one) => one.getAttribute('id') ?? [])
    const kind = work?.getAttribute('kind') ?? 'approve'
    const usual = kind === 'approve' ? ['agree', 'refuse'] : kind === 'read' ? ['read'] : ['done']
    found.set(task.getAttribute('id') ?? '', kind === 'do' && own.length > 0 ? own : usual)
  }
  return found
}

/** The actions that a process calls, as the file says. */
export function actionsIn(bpmn: string): string[] {
  const document = new DOMParser().parseFromString(bpmn, 'application/xml')
  return [...document.getElementsByTagNameNS(ZHIDU, 'action')].flatMap((one) => one.getAttribute('name') ?? [])
}
