import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import './shared/ui/app.css'

// After an update the old page asks for files that are gone: it is loaded again, once.
window.addEventListener('vite:preloadError', () => {
  if (sessionStorage.getItem('reloaded')) return
  sessionStorage.setItem('reloaded', '1')
  location.reload()
})

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
