#!/usr/bin/env node
import express from 'express'
import { serve } from '../say'

const app = express()
app.post('/*path', (_request, response) => {
  response.send('Hello World!')
})

/** The smallest Express there is: no body, no signature, nothing stored. */
serve(app)
