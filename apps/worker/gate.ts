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

  const letIn = () => {
    for (let next = queue[0]; next; next = queue[0]) {
      if (!stopping.aborted && (closed || (next.alone && running > 0))) return
      queue.shift()
      running += 1
      closed = next.alone
      next.enter()
    }
  }
  const pass = async <T>(alone: boolean, work: () => Promise<T>): Promise<T> => {
    await new Promise<void>((enter) => {
      queue.push({ alone, enter })
      letIn()
    })
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
