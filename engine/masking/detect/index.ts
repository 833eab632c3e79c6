// The contract of the streaming matcher.
export { longValueText, valueBytesMax } from './detector.ts'
export { type DetectorName, detectorNames, isDetectorName } from './detectors.ts'
export type { Finder } from './finder.ts'
export {
  createFinder,
  createStreamMasker,
  type DetectRule,
  type StreamMasker,
} from './masker.ts'
