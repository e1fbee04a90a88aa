import { render } from 'preact'
import '../shared/tokens.css'
import { App } from './app'
import './console.css'

const root = document.getElementById('app')
if (root) render(<App />, root)
