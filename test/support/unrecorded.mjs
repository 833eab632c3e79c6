// Preloaded into a gateway by a bench: sessions are recorded nowhere, so that what recording costs can be told.
const { LocalRecorder } = await import(new URL('../../dist/proxy/recording/recorder.js', import.meta.url).href)

LocalRecorder.prototype.open = () => ({
  gathers: true,
  congested: false,
  append: (_, accepted) => accepted(),
  onDrain: (callback) => queueMicrotask(callback),
  close: async () => undefined,
})
