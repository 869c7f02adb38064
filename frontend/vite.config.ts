import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** The reader of QR codes knows a public address for its program. Ours is served from here; the other one is not even named. */
const noPublicAddress: Plugin = {
  name: 'no-public-address',
  transform: (code, id) =>
    id.includes('barcode-detector') || id.includes('zxing-wasm') ? code.replaceAll('https://fastly.jsdelivr.net/npm/', '/') : null,
}

export default defineConfig({
  plugins: [react(), noPublicAddress],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: { target: 'es2022', sourcemap: false, manifest: true, chunkSizeWarningLimit: 900 },
  server: {
    proxy: { '/api': process.env.ZHIDU_API ?? 'http://127.0.0.1:8080' },
    // A test compares the words of the page with what the server records.
    fs: { allow: ['.', '../backend'] },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
})
