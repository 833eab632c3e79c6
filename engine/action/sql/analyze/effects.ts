// What the server's own functions can do. Volatility says it for most; these lists say it for the rest.
// A volatile function that stands in no list is `unknown`, which makes a statement incomplete.
import type { Routine } from '../catalog/types.ts'
import type { FunctionEffects } from '../facts.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Run SQL given as text, or read relations that no argument node names. */
export const sqlInText: ReadonlySet<string> = words(`
  query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema ts_stat
  database_to_xml database_to_xmlschema database_to_xml_and_xmlschema
  schema_to_xml schema_to_xmlschema schema_to_xml_and_xmlschema
  crosstab crosstab2 crosstab3 crosstab4 crosstabn connectby xpath_table
  dblink dblink_exec dblink_open dblink_fetch dblink_send_query dblink_get_result dblink_connect dblink_connect_u
  pg_background_launch pg_background_result plv8_call schedule schedule_in_database unschedule alter_job
  pg_logical_slot_get_changes pg_logical_slot_peek_changes
  pg_logical_slot_get_binary_changes pg_logical_slot_peek_binary_changes`)

/** Read the relation that their first argument names. */
export const relationInText: ReadonlySet<string> = words(`
  table_to_xml table_to_xmlschema table_to_xml_and_xmlschema currtid2`)

/** Take a sequence for their first argument. */
export const sequenceInText: ReadonlySet<string> = words(
  'nextval setval currval pg_sequence_last_value pg_get_sequence_data',
)

const volatilePure = words(`
  array_sample array_shuffle bernoulli system clock_timestamp gen_random_uuid uuidv4 uuidv7 random random_normal
  setseed timeofday statement_timestamp pg_jit_available pg_is_in_recovery pg_is_wal_replay_paused pg_safe_snapshot_blocking_pids
  pg_isolation_test_session_is_blocked txid_status pg_xact_status current_query amvalidate
  brinhandler bthandler ginhandler gisthandler hashhandler heap_tableam_handler spghandler dsnowball_init dsnowball_lexize
  plpgsql_call_handler plpgsql_inline_handler plpgsql_validator unique_key_recheck
  suppress_redundant_updates_trigger tsvector_update_trigger tsvector_update_trigger_column
  gen_salt gen_random_bytes uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 autoinc insert_username moddatetime
  pg_trigger_depth`)

const volatileReads = words(`
  currval lastval lo_get lo_open loread lo_lseek lo_lseek64 lo_tell lo_tell64 lo_close
  pg_blocking_pids pg_collation_actual_version pg_database_collation_actual_version pg_control_checkpoint pg_control_init
  pg_control_recovery pg_control_system pg_current_logfile pg_current_wal_flush_lsn pg_current_wal_insert_lsn
  pg_current_wal_lsn pg_database_size pg_get_aios pg_get_backend_memory_contexts pg_get_loaded_modules
  pg_get_multixact_members pg_get_sequence_data pg_get_shmem_allocations pg_get_shmem_allocations_numa pg_get_wait_events
  pg_get_wal_replay_pause_state pg_get_wal_resource_managers pg_get_wal_summarizer_state pg_hba_file_rules
  pg_ident_file_mappings pg_indexes_size pg_last_committed_xact pg_last_wal_receive_lsn pg_last_wal_replay_lsn
  pg_last_xact_replay_timestamp pg_lock_status pg_notification_queue_usage pg_partition_ancestors pg_partition_tree
  pg_prepared_xact pg_relation_size pg_replication_origin_progress pg_replication_origin_session_is_setup
  pg_replication_origin_session_progress pg_sequence_last_value pg_show_all_file_settings pg_show_replication_origin_status
  pg_stat_get_backend_io pg_stat_get_backend_wal pg_stat_get_io pg_stat_get_recovery_prefetch
  pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit pg_stat_get_xact_function_calls
  pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time pg_stat_get_xact_numscans
  pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched pg_stat_get_xact_tuples_hot_updated
  pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_newpage_updated pg_stat_get_xact_tuples_returned
  pg_stat_get_xact_tuples_updated pg_stat_have_stats pg_table_size pg_tablespace_size pg_total_relation_size
  pg_wal_summary_contents pg_available_wal_summaries pg_xact_commit_timestamp pg_xact_commit_timestamp_origin
  pg_stat_clear_snapshot pg_stat_force_next_flush pg_export_snapshot ts_rewrite currtid2
  pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared
  query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema ts_stat`)

const writes = words(`
  nextval setval lo_creat lo_create lo_from_bytea lo_put lo_truncate lo_truncate64 lo_unlink lowrite lo_manage
  brin_desummarize_range brin_summarize_new_values brin_summarize_range gin_clean_pending_list
  pg_clear_attribute_stats pg_clear_relation_stats pg_restore_attribute_stats pg_restore_relation_stats
  pg_import_system_collations pg_extension_config_dump pg_nextoid pg_stop_making_pinned_objects
  pg_stat_reset pg_stat_reset_backend_stats pg_stat_reset_replication_slot pg_stat_reset_shared
  pg_stat_reset_single_function_counters pg_stat_reset_single_table_counters pg_stat_reset_slru
  pg_stat_reset_subscription_stats pg_logical_emit_message set_config
  pg_advisory_lock pg_advisory_lock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock
  pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared`)

const external = words(`
  lo_import lo_export pg_read_file pg_read_binary_file pg_ls_dir pg_ls_logdir pg_ls_waldir pg_ls_tmpdir pg_ls_archive_statusdir
  pg_ls_logicalmapdir pg_ls_logicalsnapdir pg_ls_replslotdir pg_ls_summariesdir pg_stat_file pg_file_write pg_file_rename
  pg_file_unlink pg_file_sync pg_file_read pg_logdir_ls pg_read_server_files
  pg_notify pg_sleep pg_sleep_for pg_sleep_until pg_cancel_backend pg_terminate_backend pg_reload_conf pg_rotate_logfile
  pg_promote pg_switch_wal pg_create_restore_point pg_backup_start pg_backup_stop pg_start_backup pg_stop_backup
  pg_wal_replay_pause pg_wal_replay_resume pg_log_backend_memory_contexts pg_log_standby_snapshot pg_sync_replication_slots
  pg_copy_logical_replication_slot pg_copy_physical_replication_slot pg_create_logical_replication_slot
  pg_create_physical_replication_slot pg_drop_replication_slot pg_replication_slot_advance
  pg_logical_slot_get_changes pg_logical_slot_peek_changes pg_logical_slot_get_binary_changes
  pg_logical_slot_peek_binary_changes pg_replication_origin_advance pg_replication_origin_create
  pg_replication_origin_drop pg_replication_origin_session_reset pg_replication_origin_session_setup
  pg_replication_origin_xact_reset pg_replication_origin_xact_setup
  dblink dblink_exec dblink_open dblink_fetch dblink_send_query dblink_get_result dblink_connect dblink_connect_u
  dblink_close dblink_disconnect dblink_cancel_query
  postgres_fdw_disconnect postgres_fdw_disconnect_all http_get http_post http http_put http_delete
  adminpack_file_write pg_execute_server_program binary_upgrade_add_sub_rel_state`)

// Stable functions that answer from catalogs, statistics, settings or relations rather than from their arguments.
const stableReads =
  /^(has_|pg_get_|pg_stat_get_|pg_describe|pg_identify|to_reg|table_to|schema_to|database_to|obj_description|col_description|shobj_description|current_setting|pg_show|pg_settings|pg_relation|pg_tablespace|pg_available|pg_cursor|pg_prepared|pg_sequence|pg_timezone|pg_config|pg_event|pg_extension|pg_options|pg_filenode|row_security|pg_has_role|pg_listening|pg_mcv|inet_|pg_conf|pg_postmaster|pg_lock|_pg_)/

// Extensions whose stable functions answer from their arguments only.
const trusted = words(`
  pg_trgm hstore ltree citext btree_gin btree_gist intarray fuzzystrmatch unaccent pgcrypto uuid-ossp vector postgis
  postgis_raster postgis_topology cube earthdistance isn seg tsm_system_rows tsm_system_time pg_stat_statements
  bloom dict_int dict_xsyn intagg sslinfo plpgsql timescaledb_toolkit`)

/** True for the server's own schemas. */
export function builtIn(schema: string): boolean {
  return schema === 'pg_catalog' || schema === 'information_schema'
}

/** What a routine without a body we read can do, by its name and declaration. */
export function declaredEffects(routine: Routine): FunctionEffects {
  const { name } = routine
  if (external.has(name)) return 'external'
  if (writes.has(name)) return 'write'
  const own = builtIn(routine.schema)
  if (!own && sqlInText.has(name)) return 'unknown'
  if (routine.volatility === 'immutable') return 'pure'
  if (routine.volatility === 'volatile') {
    if (volatilePure.has(name)) return 'pure'
    if (volatileReads.has(name)) return 'read'
    if (name.startsWith('binary_upgrade_')) return 'external'
    if (name.startsWith('RI_FKey_')) return 'pure'
    return 'unknown'
  }
  if (!own && !trusted.has(routine.extension ?? '')) return 'unknown'
  return stableReads.test(name) ? 'read' : 'pure'
}
