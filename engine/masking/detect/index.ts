// The contract of the streaming matcher.
export { type DetectorName, detectorNames, isDetectorName } from './detectors.ts'
export { createStreamMasker, type DetectRule, longValueText, type StreamMasker, valueBytesMax } from './masker.ts'
