#!/usr/bin/env node
import { serve } from '../say'

/** The floor: reads the body and answers. */
serve((request, response) => {
  request.on('data', () => undefined)
  request.on('end', () => response.end())
})
