/** Lets work run together, or one piece of it alone: in the order in which it came. */
export interface Gate {
  together<T>(work: () => Promise<T>): Promise<T>
  /** Waits until all that runs has ended; nothing else starts until this has. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/**
 * Once the process stops nobody waits any more, however long what runs may take: `work` itself must look at the
 * signal before it starts anything.
 */
export function createGate(stopping: AbortSignal): Gate {
  const queue: { alone: boolean; enter: () => void }[] = []
  let running = 0
  let closed = false

  const isOpen = (alone: boolean) => stopping.aborted || (!closed && !(alone && running > 0))
  const enter = (alone: boolean) => {
    running += 1
    closed = alone
  }
  const letIn = () => {
    for (let next = queue[0]; next && isOpen(next.alone); next = queue[0]) {
      queue.shift()
      enter(next.alone)
      next.enter()
    }
  }
  const pass = async <T>(alone: boolean, work: () => Promise<T>): Promise<T> => {
    if (queue.length === 0 && isOpen(alone)) enter(alone)
    else await new Promise<void>((entered) => queue.push({ alone, enter: entered }))
    try {
      return await work()
    } finally {
      running -= 1
      if (alone) closed = false
      letIn()
    }
  }
  stopping.addEventListener('abort', letIn, { once: true })
  return { together: (work) => pass(false, work), alone: (work) => pass(true, work) }
}
