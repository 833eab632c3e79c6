// The contract of the streaming matcher.
export { type DetectorName, detectorNames, isDetectorName } from './detectors.ts'
export type { Finder } from './finder.ts'
export {
  createFinder,
  createStreamMasker,
  type DetectRule,
  longValueText,
  type StreamMasker,
  valueBytesMax,
} from './masker.ts'
