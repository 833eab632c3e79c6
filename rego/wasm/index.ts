// IR to wasm modules.

export { decimalRecord } from './constants.ts'
export type { ModuleDescription } from './description.ts'
export { MODULE_SECTION, MODULE_VERSION } from './description.ts'
export { WasmError } from './error.ts'
export { FAILURE, integerWord, isRecord, KIND, RECORD_MIN, WORD, WORD_INTEGER_MAX, WORD_INTEGER_MIN } from './layout.ts'
export { METER_EXPORT, type MeteredModule, meterModule } from './meter.ts'
export { emitModule } from './module.ts'
export { natives } from './natives.ts'
export { packedStrings } from './packed-constants.ts'
export { decodePlaces, PLACES_SECTION, type PlacedFunction, placeAt } from './places.ts'
export { PROBED } from './probes.ts'
export { decodeShape } from './shapes.ts'
