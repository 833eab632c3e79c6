// What a fresh PostgreSQL 15.18 database holds in pg_catalog and information_schema, and 18.4 no more.
// Written by test/support/builtin-catalog.ts; read by builtin.ts.

/** As routineLines. */
export const pastRoutineLines: string = `
pg_catalog|interval_accum|fi--0~interval[]~interval[],interval~
pg_catalog|interval_accum_inv|fi--0~interval[]~interval[],interval~
pg_catalog|interval_avg|fi--0~interval~interval[]~
pg_catalog|interval_combine|fi--0~interval[]~interval[],interval[]~
pg_catalog|json_strip_nulls|fi--0~json~json~
pg_catalog|jsonb_strip_nulls|fi--0~jsonb~jsonb~
pg_catalog|pg_create_logical_replication_slot|fv--2~record~name,name,boolean,boolean~slot_name:name,lsn:pg_lsn
pg_catalog|pg_get_publication_tables|fss-0~record~text~relid:oid,attrs:int2vector,qual:pg_node_tree
pg_catalog|pg_logical_emit_message|fv--0~pg_lsn~boolean,text,text~|fv--0~pg_lsn~boolean,text,bytea~
pg_catalog|pg_read_file_old|fv--0~text~text,bigint,bigint~
pg_catalog|pg_rotate_logfile_old|fv--0~boolean~~
pg_catalog|pg_stat_get_bgwriter_buf_written_checkpoints|fs--0~bigint~~
pg_catalog|pg_stat_get_bgwriter_requested_checkpoints|fs--0~bigint~~
pg_catalog|pg_stat_get_bgwriter_timed_checkpoints|fs--0~bigint~~
pg_catalog|pg_stat_get_buf_fsync_backend|fs--0~bigint~~
pg_catalog|pg_stat_get_buf_written_backend|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpoint_sync_time|fs--0~double precision~~
pg_catalog|pg_stat_get_checkpoint_write_time|fs--0~double precision~~
pg_catalog|pg_stat_have_stats|fv--0~boolean~text,oid,oid~
pg_catalog|pg_timezone_abbrevs|fss-0~record~~abbrev:text,utc_offset:interval,is_dst:boolean
`

/** As relationLines, with the columns that are gone. */
export const pastRelationLines: string = `
information_schema|element_types|v|domain_default:information_schema.character_data
pg_catalog|pg_attribute|r|attcacheoff:integer
pg_catalog|pg_backend_memory_contexts|v|parent:text
pg_catalog|pg_collation|r|colliculocale:text
pg_catalog|pg_database|r|daticulocale:text
pg_catalog|pg_stat_bgwriter|v|checkpoints_timed:bigint,checkpoints_req:bigint,checkpoint_write_time:double precision,checkpoint_sync_time:double precision,buffers_checkpoint:bigint,buffers_backend:bigint,buffers_backend_fsync:bigint
pg_catalog|pg_stat_progress_vacuum|v|max_dead_tuples:bigint,num_dead_tuples:bigint
pg_catalog|pg_stat_wal|v|wal_write:bigint,wal_sync:bigint,wal_write_time:double precision,wal_sync_time:double precision
`
