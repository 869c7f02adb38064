import type { Tool } from './types'

type Stack = {
  registerHandler: (command: string, handler: new () => unknown) => void
  execute: (command: string, context: { run: () => void }) => void
}

class Together {
  preExecute({ run }: { run: () => void }) {
    run()
  }
}

/** Teaches the modeler to do several changes as one. */
export class Several {
  static $inject = ['commandStack']
  constructor(stack: Stack) {
    stack.registerHandler('zhidu.together', Together)
  }
}

/** Several changes that are undone as one. */
export const together = (tool: Tool, run: () => void) => tool.get<Stack>('commandStack').execute('zhidu.together', { run })
