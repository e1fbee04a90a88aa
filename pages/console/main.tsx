import { render } from 'preact'
import '../shared/tokens.css'

const root = document.getElementById('app')
if (root) render(<h1>Hookline</h1>, root)
