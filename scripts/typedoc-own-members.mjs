// The API reference shows each member where it is declared, not again at everything that inherits it.
import { Converter } from 'typedoc'

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.inheritedFrom && !reflection.isSignature?.()) project.removeReflection(reflection)
    }
  })
}
