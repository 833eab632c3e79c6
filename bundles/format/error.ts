// What can be wrong with a bundle, as a closed list of codes. Messages name the file, never its content.

/** Why a bundle is refused. */
export type BundleErrorCode =
  | 'not_gzip'
  | 'bad_gzip'
  | 'bad_tar'
  | 'archive_too_large'
  | 'file_too_large'
  | 'too_many_entries'
  | 'ratio_too_high'
  | 'path_too_long'
  | 'path_too_deep'
  | 'bad_path'
  | 'link'
  | 'special_file'
  | 'duplicate_entry'
  | 'bad_manifest'
  | 'several_manifests'
  | 'overlapping_roots'
  | 'outside_roots'
  | 'bad_data'
  | 'conflicting_data'
  | 'bad_rego_version'
  | 'bad_text'
  | 'bad_wasm'
  | 'bad_plan'
  | 'bad_patch'
  | 'bad_signatures'
  | 'signature_missing'
  | 'signature_invalid'
  | 'key_missing'
  | 'key_unknown'
  | 'key_invalid'
  | 'scope_mismatch'
  | 'digest_mismatch'
  | 'file_not_signed'
  | 'file_missing'
  | 'stale_revision'
  | 'expired'
  | 'unreadable'
  | 'not_compiled'
  | 'superseded'

/** A bundle that is refused. */
export class BundleError extends Error {
  readonly code: BundleErrorCode
  constructor(code: BundleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BundleError'
    this.code = code
  }
}
