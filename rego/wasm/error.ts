// Why a policy cannot become a module.

/** A plan that has no module: what it refers to does not exist, or it is beyond what a module can hold. */
export class WasmError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WasmError'
  }
}
