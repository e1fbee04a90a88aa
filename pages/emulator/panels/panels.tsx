import { usePage } from '../store'

/** Stands in until the panels are there. */
export function Panels() {
  const { exchanges } = usePage()
  return <p>{exchanges.length}</p>
}
