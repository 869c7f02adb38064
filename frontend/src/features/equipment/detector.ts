import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'

type Detector = { detect: (source: ImageBitmapSource) => Promise<{ rawValue: string }[]> }

/** The browser's own reader of codes where it has one, else ours, whose program comes from this server. */
export async function detector(): Promise<Detector> {
  const native = (globalThis as { BarcodeDetector?: new (options: object) => Detector }).BarcodeDetector
  if (native) return new native({ formats: ['qr_code'] })
  const { BarcodeDetector, prepareZXingModule } = await import('barcode-detector/ponyfill')
  prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasm : prefix + path) } })
  return new BarcodeDetector({ formats: ['qr_code'] })
}
