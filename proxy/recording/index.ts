// The contract of proxy/recording.
export { type Anchor, type AnchoredHeads, RetryingAnchor, readAnchored, toFile, toHttp } from './anchors.ts'
export { checkerFromPem, type SignatureChecker, type Signer, signerFromPem } from './checkpoint.ts'
export type * from './contract.ts'
export { unfinishedSessions } from './crash.ts'
export type { RecordedAction, RecordedEntry, RecordedIdentity, StoredEntry } from './entry.ts'
export * from './error.ts'
export { FolderStore } from './folder-store.ts'
export { leavesIn, leavesOf } from './leaves.ts'
export { readPlainFile } from './plain-file.ts'
export {
  beginProcessLog,
  folderOfSession,
  hasProcessLog,
  nameProcessLogs,
  processFolder,
  processName,
  recordedFolders,
  recordedProcesses,
  recordedSessions,
} from './processes.ts'
export { documentOf, listSessions, readEntries, sealedKeys, segmentNames } from './read.ts'
export { LocalRecorder, type RecorderConfig } from './recorder.ts'
export { hold, type RetentionParts, type RetentionRules, retain } from './retention.ts'
export { S3Store, type S3StoreConfig } from './s3-store.ts'
export { type KeyUnwrapper, type KeyWrapper, unwrapperFromKey, wrapperFromKey } from './sealing.ts'
export { type Leaf, type ReadLog, readLog, type TreeHead } from './session-log.ts'
export type { SyncLevel } from './session-recorder.ts'
export { SettledTime } from './settled-time.ts'
export { absentSessions, fetchRecordings, restoreLog, Shipper } from './shipper.ts'
export type { RecordingStore, StoredObject } from './store.ts'
export { type Finding, type VerifyReport, verifyRecordings } from './verify.ts'
export { type KeyService, keyCommand, unwrapAhead, vaultTransit, WrappedKeys } from './wrapping.ts'
