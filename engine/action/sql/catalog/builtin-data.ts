// What pg_catalog and information_schema of a fresh PostgreSQL 18.4 database hold.
// Written by test/support/builtin-catalog.ts; read by builtin.ts, which says what the fields mean.

/** schema|name|overload...; an overload is kind, volatility, set, variadic, defaults ~ result ~ arguments ~ outputs. */
export const routineLines: string = `
information_schema|_pg_char_max_length|fi--0~integer~oid,integer~
information_schema|_pg_char_octet_length|fi--0~integer~oid,integer~
information_schema|_pg_datetime_precision|fi--0~integer~oid,integer~
information_schema|_pg_expandarray|fis-0~record~anyarray~x:anyelement,n:integer
information_schema|_pg_index_position|fs--0~integer~oid,smallint~
information_schema|_pg_interval_type|fi--0~text~oid,integer~
information_schema|_pg_numeric_precision|fi--0~integer~oid,integer~
information_schema|_pg_numeric_precision_radix|fi--0~integer~oid,integer~
information_schema|_pg_numeric_scale|fi--0~integer~oid,integer~
information_schema|_pg_truetypid|fi--0~oid~pg_attribute,pg_type~
information_schema|_pg_truetypmod|fi--0~integer~pg_attribute,pg_type~
pg_catalog|RI_FKey_cascade_del|fv--0~trigger~~
pg_catalog|RI_FKey_cascade_upd|fv--0~trigger~~
pg_catalog|RI_FKey_check_ins|fv--0~trigger~~
pg_catalog|RI_FKey_check_upd|fv--0~trigger~~
pg_catalog|RI_FKey_noaction_del|fv--0~trigger~~
pg_catalog|RI_FKey_noaction_upd|fv--0~trigger~~
pg_catalog|RI_FKey_restrict_del|fv--0~trigger~~
pg_catalog|RI_FKey_restrict_upd|fv--0~trigger~~
pg_catalog|RI_FKey_setdefault_del|fv--0~trigger~~
pg_catalog|RI_FKey_setdefault_upd|fv--0~trigger~~
pg_catalog|RI_FKey_setnull_del|fv--0~trigger~~
pg_catalog|RI_FKey_setnull_upd|fv--0~trigger~~
pg_catalog|abbrev|fi--0~text~inet~|fi--0~text~cidr~
pg_catalog|abs|fi--0~real~real~|fi--0~double precision~double precision~|fi--0~bigint~bigint~|fi--0~integer~integer~|fi--0~smallint~smallint~|fi--0~numeric~numeric~
pg_catalog|aclcontains|fi--0~boolean~aclitem[],aclitem~
pg_catalog|acldefault|fi--0~aclitem[]~"char",oid~
pg_catalog|aclexplode|fss-0~record~aclitem[]~grantor:oid,grantee:oid,privilege_type:text,is_grantable:boolean
pg_catalog|aclinsert|fi--0~aclitem[]~aclitem[],aclitem~
pg_catalog|aclitemeq|fi--0~boolean~aclitem,aclitem~
pg_catalog|aclitemin|fs--0~aclitem~cstring~
pg_catalog|aclitemout|fs--0~cstring~aclitem~
pg_catalog|aclremove|fi--0~aclitem[]~aclitem[],aclitem~
pg_catalog|acos|fi--0~double precision~double precision~
pg_catalog|acosd|fi--0~double precision~double precision~
pg_catalog|acosh|fi--0~double precision~double precision~
pg_catalog|age|fs--0~integer~xid~|fi--0~interval~timestamp with time zone,timestamp with time zone~|fs--0~interval~timestamp with time zone~|fi--0~interval~timestamp without time zone,timestamp without time zone~|fs--0~interval~timestamp without time zone~
pg_catalog|amvalidate|fv--0~boolean~oid~
pg_catalog|any_in|fi--0~"any"~cstring~
pg_catalog|any_out|fi--0~cstring~"any"~
pg_catalog|any_value|ai--0~anyelement~anyelement~
pg_catalog|any_value_transfn|fi--0~anyelement~anyelement,anyelement~
pg_catalog|anyarray_in|fi--0~anyarray~cstring~
pg_catalog|anyarray_out|fs--0~cstring~anyarray~
pg_catalog|anyarray_recv|fs--0~anyarray~internal~
pg_catalog|anyarray_send|fs--0~bytea~anyarray~
pg_catalog|anycompatible_in|fi--0~anycompatible~cstring~
pg_catalog|anycompatible_out|fi--0~cstring~anycompatible~
pg_catalog|anycompatiblearray_in|fi--0~anycompatiblearray~cstring~
pg_catalog|anycompatiblearray_out|fs--0~cstring~anycompatiblearray~
pg_catalog|anycompatiblearray_recv|fs--0~anycompatiblearray~internal~
pg_catalog|anycompatiblearray_send|fs--0~bytea~anycompatiblearray~
pg_catalog|anycompatiblemultirange_in|fs--0~anycompatiblemultirange~cstring,oid,integer~
pg_catalog|anycompatiblemultirange_out|fs--0~cstring~anycompatiblemultirange~
pg_catalog|anycompatiblenonarray_in|fi--0~anycompatiblenonarray~cstring~
pg_catalog|anycompatiblenonarray_out|fi--0~cstring~anycompatiblenonarray~
pg_catalog|anycompatiblerange_in|fs--0~anycompatiblerange~cstring,oid,integer~
pg_catalog|anycompatiblerange_out|fs--0~cstring~anycompatiblerange~
pg_catalog|anyelement_in|fi--0~anyelement~cstring~
pg_catalog|anyelement_out|fi--0~cstring~anyelement~
pg_catalog|anyenum_in|fi--0~anyenum~cstring~
pg_catalog|anyenum_out|fs--0~cstring~anyenum~
pg_catalog|anymultirange_in|fs--0~anymultirange~cstring,oid,integer~
pg_catalog|anymultirange_out|fs--0~cstring~anymultirange~
pg_catalog|anynonarray_in|fi--0~anynonarray~cstring~
pg_catalog|anynonarray_out|fi--0~cstring~anynonarray~
pg_catalog|anyrange_in|fs--0~anyrange~cstring,oid,integer~
pg_catalog|anyrange_out|fs--0~cstring~anyrange~
pg_catalog|anytextcat|fs--0~text~anynonarray,text~
pg_catalog|area|fi--0~double precision~box~|fi--0~double precision~path~|fi--0~double precision~circle~
pg_catalog|areajoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|areasel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|array_agg|ai--0~anyarray~anynonarray~|ai--0~anyarray~anyarray~
pg_catalog|array_agg_array_combine|fi--0~internal~internal,internal~
pg_catalog|array_agg_array_deserialize|fi--0~internal~bytea,internal~
pg_catalog|array_agg_array_finalfn|fi--0~anyarray~internal,anyarray~
pg_catalog|array_agg_array_serialize|fi--0~bytea~internal~
pg_catalog|array_agg_array_transfn|fi--0~internal~internal,anyarray~
pg_catalog|array_agg_combine|fi--0~internal~internal,internal~
pg_catalog|array_agg_deserialize|fi--0~internal~bytea,internal~
pg_catalog|array_agg_finalfn|fi--0~anyarray~internal,anynonarray~
pg_catalog|array_agg_serialize|fi--0~bytea~internal~
pg_catalog|array_agg_transfn|fi--0~internal~internal,anynonarray~
pg_catalog|array_append|fi--0~anycompatiblearray~anycompatiblearray,anycompatible~
pg_catalog|array_append_support|fi--0~internal~internal~
pg_catalog|array_cat|fi--0~anycompatiblearray~anycompatiblearray,anycompatiblearray~
pg_catalog|array_dims|fi--0~text~anyarray~
pg_catalog|array_eq|fi--0~boolean~anyarray,anyarray~
pg_catalog|array_fill|fi--0~anyarray~anyelement,integer[]~|fi--0~anyarray~anyelement,integer[],integer[]~
pg_catalog|array_ge|fi--0~boolean~anyarray,anyarray~
pg_catalog|array_gt|fi--0~boolean~anyarray,anyarray~
pg_catalog|array_in|fs--0~anyarray~cstring,oid,integer~
pg_catalog|array_larger|fi--0~anyarray~anyarray,anyarray~
pg_catalog|array_le|fi--0~boolean~anyarray,anyarray~
pg_catalog|array_length|fi--0~integer~anyarray,integer~
pg_catalog|array_lower|fi--0~integer~anyarray,integer~
pg_catalog|array_lt|fi--0~boolean~anyarray,anyarray~
pg_catalog|array_ndims|fi--0~integer~anyarray~
pg_catalog|array_ne|fi--0~boolean~anyarray,anyarray~
pg_catalog|array_out|fs--0~cstring~anyarray~
pg_catalog|array_position|fi--0~integer~anycompatiblearray,anycompatible~|fi--0~integer~anycompatiblearray,anycompatible,integer~
pg_catalog|array_positions|fi--0~integer[]~anycompatiblearray,anycompatible~
pg_catalog|array_prepend|fi--0~anycompatiblearray~anycompatible,anycompatiblearray~
pg_catalog|array_prepend_support|fi--0~internal~internal~
pg_catalog|array_recv|fs--0~anyarray~internal,oid,integer~
pg_catalog|array_remove|fi--0~anycompatiblearray~anycompatiblearray,anycompatible~
pg_catalog|array_replace|fi--0~anycompatiblearray~anycompatiblearray,anycompatible,anycompatible~
pg_catalog|array_reverse|fi--0~anyarray~anyarray~
pg_catalog|array_sample|fv--0~anyarray~anyarray,integer~
pg_catalog|array_send|fs--0~bytea~anyarray~
pg_catalog|array_shuffle|fv--0~anyarray~anyarray~
pg_catalog|array_smaller|fi--0~anyarray~anyarray,anyarray~
pg_catalog|array_sort|fi--0~anyarray~anyarray~|fi--0~anyarray~anyarray,boolean~|fi--0~anyarray~anyarray,boolean,boolean~
pg_catalog|array_subscript_handler|fi--0~internal~internal~
pg_catalog|array_subscript_handler_support|fi--0~internal~internal~
pg_catalog|array_to_json|fs--0~json~anyarray~|fs--0~json~anyarray,boolean~
pg_catalog|array_to_string|fs--0~text~anyarray,text,text~|fs--0~text~anyarray,text~
pg_catalog|array_to_tsvector|fi--0~tsvector~text[]~
pg_catalog|array_typanalyze|fs--0~boolean~internal~
pg_catalog|array_unnest_support|fi--0~internal~internal~
pg_catalog|array_upper|fi--0~integer~anyarray,integer~
pg_catalog|arraycontained|fi--0~boolean~anyarray,anyarray~
pg_catalog|arraycontains|fi--0~boolean~anyarray,anyarray~
pg_catalog|arraycontjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|arraycontsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|arrayoverlap|fi--0~boolean~anyarray,anyarray~
pg_catalog|ascii|fi--0~integer~text~
pg_catalog|asin|fi--0~double precision~double precision~
pg_catalog|asind|fi--0~double precision~double precision~
pg_catalog|asinh|fi--0~double precision~double precision~
pg_catalog|atan|fi--0~double precision~double precision~
pg_catalog|atan2|fi--0~double precision~double precision,double precision~
pg_catalog|atan2d|fi--0~double precision~double precision,double precision~
pg_catalog|atand|fi--0~double precision~double precision~
pg_catalog|atanh|fi--0~double precision~double precision~
pg_catalog|avg|ai--0~numeric~bigint~|ai--0~numeric~integer~|ai--0~numeric~smallint~|ai--0~numeric~numeric~|ai--0~double precision~real~|ai--0~double precision~double precision~|ai--0~interval~interval~
pg_catalog|bernoulli|fv--0~tsm_handler~internal~
pg_catalog|big5_to_euc_tw|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|big5_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|big5_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|binary_upgrade_add_sub_rel_state|fv--0~void~text,oid,"char",pg_lsn~
pg_catalog|binary_upgrade_create_empty_extension|fv--0~void~text,text,boolean,text,oid[],text[],text[]~
pg_catalog|binary_upgrade_logical_slot_has_caught_up|fv--0~boolean~name~
pg_catalog|binary_upgrade_replorigin_advance|fv--0~void~text,pg_lsn~
pg_catalog|binary_upgrade_set_missing_value|fv--0~void~oid,text,text~
pg_catalog|binary_upgrade_set_next_array_pg_type_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_heap_pg_class_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_heap_relfilenode|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_index_pg_class_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_index_relfilenode|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_multirange_array_pg_type_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_multirange_pg_type_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_pg_authid_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_pg_enum_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_pg_tablespace_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_pg_type_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_toast_pg_class_oid|fv--0~void~oid~
pg_catalog|binary_upgrade_set_next_toast_relfilenode|fv--0~void~oid~
pg_catalog|binary_upgrade_set_record_init_privs|fv--0~void~boolean~
pg_catalog|bit|fi--0~bit~integer,integer~|fi--0~bit~bit,integer,boolean~|fi--0~bit~bigint,integer~
pg_catalog|bit_and|ai--0~smallint~smallint~|ai--0~integer~integer~|ai--0~bigint~bigint~|ai--0~bit~bit~
pg_catalog|bit_count|fi--0~bigint~bit~|fi--0~bigint~bytea~
pg_catalog|bit_in|fi--0~bit~cstring,oid,integer~
pg_catalog|bit_length|fi--0~integer~bytea~|fi--0~integer~text~|fi--0~integer~bit~
pg_catalog|bit_or|ai--0~smallint~smallint~|ai--0~integer~integer~|ai--0~bigint~bigint~|ai--0~bit~bit~
pg_catalog|bit_out|fi--0~cstring~bit~
pg_catalog|bit_recv|fi--0~bit~internal,oid,integer~
pg_catalog|bit_send|fi--0~bytea~bit~
pg_catalog|bit_xor|ai--0~smallint~smallint~|ai--0~integer~integer~|ai--0~bigint~bigint~|ai--0~bit~bit~
pg_catalog|bitand|fi--0~bit~bit,bit~
pg_catalog|bitcat|fi--0~bit varying~bit varying,bit varying~
pg_catalog|bitcmp|fi--0~integer~bit,bit~
pg_catalog|biteq|fi--0~boolean~bit,bit~
pg_catalog|bitge|fi--0~boolean~bit,bit~
pg_catalog|bitgt|fi--0~boolean~bit,bit~
pg_catalog|bitle|fi--0~boolean~bit,bit~
pg_catalog|bitlt|fi--0~boolean~bit,bit~
pg_catalog|bitne|fi--0~boolean~bit,bit~
pg_catalog|bitnot|fi--0~bit~bit~
pg_catalog|bitor|fi--0~bit~bit,bit~
pg_catalog|bitshiftleft|fi--0~bit~bit,integer~
pg_catalog|bitshiftright|fi--0~bit~bit,integer~
pg_catalog|bittypmodin|fi--0~integer~cstring[]~
pg_catalog|bittypmodout|fi--0~cstring~integer~
pg_catalog|bitxor|fi--0~bit~bit,bit~
pg_catalog|bool|fi--0~boolean~integer~|fi--0~boolean~jsonb~
pg_catalog|bool_accum|fi--0~internal~internal,boolean~
pg_catalog|bool_accum_inv|fi--0~internal~internal,boolean~
pg_catalog|bool_alltrue|fi--0~boolean~internal~
pg_catalog|bool_and|ai--0~boolean~boolean~
pg_catalog|bool_anytrue|fi--0~boolean~internal~
pg_catalog|bool_or|ai--0~boolean~boolean~
pg_catalog|booland_statefunc|fi--0~boolean~boolean,boolean~
pg_catalog|booleq|fi--0~boolean~boolean,boolean~
pg_catalog|boolge|fi--0~boolean~boolean,boolean~
pg_catalog|boolgt|fi--0~boolean~boolean,boolean~
pg_catalog|boolin|fi--0~boolean~cstring~
pg_catalog|boolle|fi--0~boolean~boolean,boolean~
pg_catalog|boollt|fi--0~boolean~boolean,boolean~
pg_catalog|boolne|fi--0~boolean~boolean,boolean~
pg_catalog|boolor_statefunc|fi--0~boolean~boolean,boolean~
pg_catalog|boolout|fi--0~cstring~boolean~
pg_catalog|boolrecv|fi--0~boolean~internal~
pg_catalog|boolsend|fi--0~bytea~boolean~
pg_catalog|bound_box|fi--0~box~box,box~
pg_catalog|box|fi--0~box~point,point~|fi--0~box~polygon~|fi--0~box~circle~|fi--0~box~point~
pg_catalog|box_above|fi--0~boolean~box,box~
pg_catalog|box_above_eq|fi--0~boolean~box,box~
pg_catalog|box_add|fi--0~box~box,point~
pg_catalog|box_below|fi--0~boolean~box,box~
pg_catalog|box_below_eq|fi--0~boolean~box,box~
pg_catalog|box_center|fi--0~point~box~
pg_catalog|box_contain|fi--0~boolean~box,box~
pg_catalog|box_contain_pt|fi--0~boolean~box,point~
pg_catalog|box_contained|fi--0~boolean~box,box~
pg_catalog|box_distance|fi--0~double precision~box,box~
pg_catalog|box_div|fi--0~box~box,point~
pg_catalog|box_eq|fi--0~boolean~box,box~
pg_catalog|box_ge|fi--0~boolean~box,box~
pg_catalog|box_gt|fi--0~boolean~box,box~
pg_catalog|box_in|fi--0~box~cstring~
pg_catalog|box_intersect|fi--0~box~box,box~
pg_catalog|box_le|fi--0~boolean~box,box~
pg_catalog|box_left|fi--0~boolean~box,box~
pg_catalog|box_lt|fi--0~boolean~box,box~
pg_catalog|box_mul|fi--0~box~box,point~
pg_catalog|box_out|fi--0~cstring~box~
pg_catalog|box_overabove|fi--0~boolean~box,box~
pg_catalog|box_overbelow|fi--0~boolean~box,box~
pg_catalog|box_overlap|fi--0~boolean~box,box~
pg_catalog|box_overleft|fi--0~boolean~box,box~
pg_catalog|box_overright|fi--0~boolean~box,box~
pg_catalog|box_recv|fi--0~box~internal~
pg_catalog|box_right|fi--0~boolean~box,box~
pg_catalog|box_same|fi--0~boolean~box,box~
pg_catalog|box_send|fi--0~bytea~box~
pg_catalog|box_sub|fi--0~box~box,point~
pg_catalog|bpchar|fi--0~character~name~|fi--0~character~character,integer,boolean~|fi--0~character~"char"~
pg_catalog|bpchar_larger|fi--0~character~character,character~
pg_catalog|bpchar_pattern_ge|fi--0~boolean~character,character~
pg_catalog|bpchar_pattern_gt|fi--0~boolean~character,character~
pg_catalog|bpchar_pattern_le|fi--0~boolean~character,character~
pg_catalog|bpchar_pattern_lt|fi--0~boolean~character,character~
pg_catalog|bpchar_smaller|fi--0~character~character,character~
pg_catalog|bpchar_sortsupport|fi--0~void~internal~
pg_catalog|bpcharcmp|fi--0~integer~character,character~
pg_catalog|bpchareq|fi--0~boolean~character,character~
pg_catalog|bpcharge|fi--0~boolean~character,character~
pg_catalog|bpchargt|fi--0~boolean~character,character~
pg_catalog|bpchariclike|fi--0~boolean~character,text~
pg_catalog|bpcharicnlike|fi--0~boolean~character,text~
pg_catalog|bpcharicregexeq|fi--0~boolean~character,text~
pg_catalog|bpcharicregexne|fi--0~boolean~character,text~
pg_catalog|bpcharin|fi--0~character~cstring,oid,integer~
pg_catalog|bpcharle|fi--0~boolean~character,character~
pg_catalog|bpcharlike|fi--0~boolean~character,text~
pg_catalog|bpcharlt|fi--0~boolean~character,character~
pg_catalog|bpcharne|fi--0~boolean~character,character~
pg_catalog|bpcharnlike|fi--0~boolean~character,text~
pg_catalog|bpcharout|fi--0~cstring~character~
pg_catalog|bpcharrecv|fs--0~character~internal,oid,integer~
pg_catalog|bpcharregexeq|fi--0~boolean~character,text~
pg_catalog|bpcharregexne|fi--0~boolean~character,text~
pg_catalog|bpcharsend|fs--0~bytea~character~
pg_catalog|bpchartypmodin|fi--0~integer~cstring[]~
pg_catalog|bpchartypmodout|fi--0~cstring~integer~
pg_catalog|brin_bloom_add_value|fi--0~boolean~internal,internal,internal,internal~
pg_catalog|brin_bloom_consistent|fi--0~boolean~internal,internal,internal,integer~
pg_catalog|brin_bloom_opcinfo|fi--0~internal~internal~
pg_catalog|brin_bloom_options|fi--0~void~internal~
pg_catalog|brin_bloom_summary_in|fi--0~pg_brin_bloom_summary~cstring~
pg_catalog|brin_bloom_summary_out|fi--0~cstring~pg_brin_bloom_summary~
pg_catalog|brin_bloom_summary_recv|fs--0~pg_brin_bloom_summary~internal~
pg_catalog|brin_bloom_summary_send|fs--0~bytea~pg_brin_bloom_summary~
pg_catalog|brin_bloom_union|fi--0~boolean~internal,internal,internal~
pg_catalog|brin_desummarize_range|fv--0~void~regclass,bigint~
pg_catalog|brin_inclusion_add_value|fi--0~boolean~internal,internal,internal,internal~
pg_catalog|brin_inclusion_consistent|fi--0~boolean~internal,internal,internal~
pg_catalog|brin_inclusion_opcinfo|fi--0~internal~internal~
pg_catalog|brin_inclusion_union|fi--0~boolean~internal,internal,internal~
pg_catalog|brin_minmax_add_value|fi--0~boolean~internal,internal,internal,internal~
pg_catalog|brin_minmax_consistent|fi--0~boolean~internal,internal,internal~
pg_catalog|brin_minmax_multi_add_value|fi--0~boolean~internal,internal,internal,internal~
pg_catalog|brin_minmax_multi_consistent|fi--0~boolean~internal,internal,internal,integer~
pg_catalog|brin_minmax_multi_distance_date|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_float4|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_float8|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_inet|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_int2|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_int4|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_int8|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_interval|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_macaddr|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_macaddr8|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_numeric|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_pg_lsn|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_tid|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_time|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_timestamp|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_timetz|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_distance_uuid|fi--0~double precision~internal,internal~
pg_catalog|brin_minmax_multi_opcinfo|fi--0~internal~internal~
pg_catalog|brin_minmax_multi_options|fi--0~void~internal~
pg_catalog|brin_minmax_multi_summary_in|fi--0~pg_brin_minmax_multi_summary~cstring~
pg_catalog|brin_minmax_multi_summary_out|fi--0~cstring~pg_brin_minmax_multi_summary~
pg_catalog|brin_minmax_multi_summary_recv|fs--0~pg_brin_minmax_multi_summary~internal~
pg_catalog|brin_minmax_multi_summary_send|fs--0~bytea~pg_brin_minmax_multi_summary~
pg_catalog|brin_minmax_multi_union|fi--0~boolean~internal,internal,internal~
pg_catalog|brin_minmax_opcinfo|fi--0~internal~internal~
pg_catalog|brin_minmax_union|fi--0~boolean~internal,internal,internal~
pg_catalog|brin_summarize_new_values|fv--0~integer~regclass~
pg_catalog|brin_summarize_range|fv--0~integer~regclass,bigint~
pg_catalog|brinhandler|fv--0~index_am_handler~internal~
pg_catalog|broadcast|fi--0~inet~inet~
pg_catalog|btarraycmp|fi--0~integer~anyarray,anyarray~
pg_catalog|btboolcmp|fi--0~integer~boolean,boolean~
pg_catalog|btboolskipsupport|fi--0~void~internal~
pg_catalog|btbpchar_pattern_cmp|fi--0~integer~character,character~
pg_catalog|btbpchar_pattern_sortsupport|fi--0~void~internal~
pg_catalog|btcharcmp|fi--0~integer~"char","char"~
pg_catalog|btcharskipsupport|fi--0~void~internal~
pg_catalog|btequalimage|fi--0~boolean~oid~
pg_catalog|btfloat48cmp|fi--0~integer~real,double precision~
pg_catalog|btfloat4cmp|fi--0~integer~real,real~
pg_catalog|btfloat4sortsupport|fi--0~void~internal~
pg_catalog|btfloat84cmp|fi--0~integer~double precision,real~
pg_catalog|btfloat8cmp|fi--0~integer~double precision,double precision~
pg_catalog|btfloat8sortsupport|fi--0~void~internal~
pg_catalog|bthandler|fv--0~index_am_handler~internal~
pg_catalog|btint24cmp|fi--0~integer~smallint,integer~
pg_catalog|btint28cmp|fi--0~integer~smallint,bigint~
pg_catalog|btint2cmp|fi--0~integer~smallint,smallint~
pg_catalog|btint2skipsupport|fi--0~void~internal~
pg_catalog|btint2sortsupport|fi--0~void~internal~
pg_catalog|btint42cmp|fi--0~integer~integer,smallint~
pg_catalog|btint48cmp|fi--0~integer~integer,bigint~
pg_catalog|btint4cmp|fi--0~integer~integer,integer~
pg_catalog|btint4skipsupport|fi--0~void~internal~
pg_catalog|btint4sortsupport|fi--0~void~internal~
pg_catalog|btint82cmp|fi--0~integer~bigint,smallint~
pg_catalog|btint84cmp|fi--0~integer~bigint,integer~
pg_catalog|btint8cmp|fi--0~integer~bigint,bigint~
pg_catalog|btint8skipsupport|fi--0~void~internal~
pg_catalog|btint8sortsupport|fi--0~void~internal~
pg_catalog|btnamecmp|fi--0~integer~name,name~
pg_catalog|btnamesortsupport|fi--0~void~internal~
pg_catalog|btnametextcmp|fi--0~integer~name,text~
pg_catalog|btoidcmp|fi--0~integer~oid,oid~
pg_catalog|btoidskipsupport|fi--0~void~internal~
pg_catalog|btoidsortsupport|fi--0~void~internal~
pg_catalog|btoidvectorcmp|fi--0~integer~oidvector,oidvector~
pg_catalog|btrecordcmp|fi--0~integer~record,record~
pg_catalog|btrecordimagecmp|fi--0~integer~record,record~
pg_catalog|btrim|fi--0~text~text,text~|fi--0~text~text~|fi--0~bytea~bytea,bytea~
pg_catalog|bttext_pattern_cmp|fi--0~integer~text,text~
pg_catalog|bttext_pattern_sortsupport|fi--0~void~internal~
pg_catalog|bttextcmp|fi--0~integer~text,text~
pg_catalog|bttextnamecmp|fi--0~integer~text,name~
pg_catalog|bttextsortsupport|fi--0~void~internal~
pg_catalog|bttidcmp|fi--0~integer~tid,tid~
pg_catalog|btvarstrequalimage|fi--0~boolean~oid~
pg_catalog|bytea|fi--0~bytea~smallint~|fi--0~bytea~integer~|fi--0~bytea~bigint~
pg_catalog|bytea_larger|fi--0~bytea~bytea,bytea~
pg_catalog|bytea_smaller|fi--0~bytea~bytea,bytea~
pg_catalog|bytea_sortsupport|fi--0~void~internal~
pg_catalog|bytea_string_agg_finalfn|fi--0~bytea~internal~
pg_catalog|bytea_string_agg_transfn|fi--0~internal~internal,bytea,bytea~
pg_catalog|byteacat|fi--0~bytea~bytea,bytea~
pg_catalog|byteacmp|fi--0~integer~bytea,bytea~
pg_catalog|byteaeq|fi--0~boolean~bytea,bytea~
pg_catalog|byteage|fi--0~boolean~bytea,bytea~
pg_catalog|byteagt|fi--0~boolean~bytea,bytea~
pg_catalog|byteain|fi--0~bytea~cstring~
pg_catalog|byteale|fi--0~boolean~bytea,bytea~
pg_catalog|bytealike|fi--0~boolean~bytea,bytea~
pg_catalog|bytealt|fi--0~boolean~bytea,bytea~
pg_catalog|byteane|fi--0~boolean~bytea,bytea~
pg_catalog|byteanlike|fi--0~boolean~bytea,bytea~
pg_catalog|byteaout|fi--0~cstring~bytea~
pg_catalog|bytearecv|fi--0~bytea~internal~
pg_catalog|byteasend|fi--0~bytea~bytea~
pg_catalog|cardinality|fi--0~integer~anyarray~
pg_catalog|casefold|fi--0~text~text~
pg_catalog|cash_cmp|fi--0~integer~money,money~
pg_catalog|cash_div_cash|fi--0~double precision~money,money~
pg_catalog|cash_div_flt4|fi--0~money~money,real~
pg_catalog|cash_div_flt8|fi--0~money~money,double precision~
pg_catalog|cash_div_int2|fi--0~money~money,smallint~
pg_catalog|cash_div_int4|fi--0~money~money,integer~
pg_catalog|cash_div_int8|fi--0~money~money,bigint~
pg_catalog|cash_eq|fi--0~boolean~money,money~
pg_catalog|cash_ge|fi--0~boolean~money,money~
pg_catalog|cash_gt|fi--0~boolean~money,money~
pg_catalog|cash_in|fs--0~money~cstring~
pg_catalog|cash_le|fi--0~boolean~money,money~
pg_catalog|cash_lt|fi--0~boolean~money,money~
pg_catalog|cash_mi|fi--0~money~money,money~
pg_catalog|cash_mul_flt4|fi--0~money~money,real~
pg_catalog|cash_mul_flt8|fi--0~money~money,double precision~
pg_catalog|cash_mul_int2|fi--0~money~money,smallint~
pg_catalog|cash_mul_int4|fi--0~money~money,integer~
pg_catalog|cash_mul_int8|fi--0~money~money,bigint~
pg_catalog|cash_ne|fi--0~boolean~money,money~
pg_catalog|cash_out|fs--0~cstring~money~
pg_catalog|cash_pl|fi--0~money~money,money~
pg_catalog|cash_recv|fi--0~money~internal~
pg_catalog|cash_send|fi--0~bytea~money~
pg_catalog|cash_words|fi--0~text~money~
pg_catalog|cashlarger|fi--0~money~money,money~
pg_catalog|cashsmaller|fi--0~money~money,money~
pg_catalog|cbrt|fi--0~double precision~double precision~
pg_catalog|ceil|fi--0~numeric~numeric~|fi--0~double precision~double precision~
pg_catalog|ceiling|fi--0~numeric~numeric~|fi--0~double precision~double precision~
pg_catalog|center|fi--0~point~box~|fi--0~point~circle~
pg_catalog|char|fi--0~"char"~integer~|fi--0~"char"~text~
pg_catalog|char_length|fi--0~integer~character~|fi--0~integer~text~
pg_catalog|character_length|fi--0~integer~character~|fi--0~integer~text~
pg_catalog|chareq|fi--0~boolean~"char","char"~
pg_catalog|charge|fi--0~boolean~"char","char"~
pg_catalog|chargt|fi--0~boolean~"char","char"~
pg_catalog|charin|fi--0~"char"~cstring~
pg_catalog|charle|fi--0~boolean~"char","char"~
pg_catalog|charlt|fi--0~boolean~"char","char"~
pg_catalog|charne|fi--0~boolean~"char","char"~
pg_catalog|charout|fi--0~cstring~"char"~
pg_catalog|charrecv|fi--0~"char"~internal~
pg_catalog|charsend|fi--0~bytea~"char"~
pg_catalog|chr|fi--0~text~integer~
pg_catalog|cideq|fi--0~boolean~cid,cid~
pg_catalog|cidin|fi--0~cid~cstring~
pg_catalog|cidout|fi--0~cstring~cid~
pg_catalog|cidr|fi--0~cidr~inet~
pg_catalog|cidr_in|fi--0~cidr~cstring~
pg_catalog|cidr_out|fi--0~cstring~cidr~
pg_catalog|cidr_recv|fi--0~cidr~internal~
pg_catalog|cidr_send|fi--0~bytea~cidr~
pg_catalog|cidrecv|fi--0~cid~internal~
pg_catalog|cidsend|fi--0~bytea~cid~
pg_catalog|circle|fi--0~circle~point,double precision~|fi--0~circle~polygon~|fi--0~circle~box~
pg_catalog|circle_above|fi--0~boolean~circle,circle~
pg_catalog|circle_add_pt|fi--0~circle~circle,point~
pg_catalog|circle_below|fi--0~boolean~circle,circle~
pg_catalog|circle_center|fi--0~point~circle~
pg_catalog|circle_contain|fi--0~boolean~circle,circle~
pg_catalog|circle_contain_pt|fi--0~boolean~circle,point~
pg_catalog|circle_contained|fi--0~boolean~circle,circle~
pg_catalog|circle_distance|fi--0~double precision~circle,circle~
pg_catalog|circle_div_pt|fi--0~circle~circle,point~
pg_catalog|circle_eq|fi--0~boolean~circle,circle~
pg_catalog|circle_ge|fi--0~boolean~circle,circle~
pg_catalog|circle_gt|fi--0~boolean~circle,circle~
pg_catalog|circle_in|fi--0~circle~cstring~
pg_catalog|circle_le|fi--0~boolean~circle,circle~
pg_catalog|circle_left|fi--0~boolean~circle,circle~
pg_catalog|circle_lt|fi--0~boolean~circle,circle~
pg_catalog|circle_mul_pt|fi--0~circle~circle,point~
pg_catalog|circle_ne|fi--0~boolean~circle,circle~
pg_catalog|circle_out|fi--0~cstring~circle~
pg_catalog|circle_overabove|fi--0~boolean~circle,circle~
pg_catalog|circle_overbelow|fi--0~boolean~circle,circle~
pg_catalog|circle_overlap|fi--0~boolean~circle,circle~
pg_catalog|circle_overleft|fi--0~boolean~circle,circle~
pg_catalog|circle_overright|fi--0~boolean~circle,circle~
pg_catalog|circle_recv|fi--0~circle~internal~
pg_catalog|circle_right|fi--0~boolean~circle,circle~
pg_catalog|circle_same|fi--0~boolean~circle,circle~
pg_catalog|circle_send|fi--0~bytea~circle~
pg_catalog|circle_sub_pt|fi--0~circle~circle,point~
pg_catalog|clock_timestamp|fv--0~timestamp with time zone~~
pg_catalog|close_ls|fi--0~point~line,lseg~
pg_catalog|close_lseg|fi--0~point~lseg,lseg~
pg_catalog|close_pb|fi--0~point~point,box~
pg_catalog|close_pl|fi--0~point~point,line~
pg_catalog|close_ps|fi--0~point~point,lseg~
pg_catalog|close_sb|fi--0~point~lseg,box~
pg_catalog|col_description|fs--0~text~oid,integer~
pg_catalog|concat|fs-v0~text~"any"~
pg_catalog|concat_ws|fs-v0~text~text,"any"~
pg_catalog|contjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|contsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|convert|fs--0~bytea~bytea,name,name~
pg_catalog|convert_from|fs--0~text~bytea,name~
pg_catalog|convert_to|fs--0~bytea~text,name~
pg_catalog|corr|ai--0~double precision~double precision,double precision~
pg_catalog|cos|fi--0~double precision~double precision~
pg_catalog|cosd|fi--0~double precision~double precision~
pg_catalog|cosh|fi--0~double precision~double precision~
pg_catalog|cot|fi--0~double precision~double precision~
pg_catalog|cotd|fi--0~double precision~double precision~
pg_catalog|count|ai--0~bigint~"any"~|ai--0~bigint~~
pg_catalog|covar_pop|ai--0~double precision~double precision,double precision~
pg_catalog|covar_samp|ai--0~double precision~double precision,double precision~
pg_catalog|crc32|fi--0~bigint~bytea~
pg_catalog|crc32c|fi--0~bigint~bytea~
pg_catalog|cstring_in|fi--0~cstring~cstring~
pg_catalog|cstring_out|fi--0~cstring~cstring~
pg_catalog|cstring_recv|fs--0~cstring~internal~
pg_catalog|cstring_send|fs--0~bytea~cstring~
pg_catalog|cume_dist|wi--0~double precision~~|ai-v0~double precision~"any"~
pg_catalog|cume_dist_final|fi-v0~double precision~internal,"any"~
pg_catalog|current_database|fs--0~name~~
pg_catalog|current_query|fv--0~text~~
pg_catalog|current_schema|fs--0~name~~
pg_catalog|current_schemas|fs--0~name[]~boolean~
pg_catalog|current_setting|fs--0~text~text~|fs--0~text~text,boolean~
pg_catalog|current_user|fs--0~name~~
pg_catalog|currtid2|fv--0~tid~text,tid~
pg_catalog|currval|fv--0~bigint~regclass~
pg_catalog|cursor_to_xml|fv--0~xml~refcursor,integer,boolean,boolean,text~
pg_catalog|cursor_to_xmlschema|fv--0~xml~refcursor,boolean,boolean,text~
pg_catalog|database_to_xml|fs--0~xml~boolean,boolean,text~
pg_catalog|database_to_xml_and_xmlschema|fs--0~xml~boolean,boolean,text~
pg_catalog|database_to_xmlschema|fs--0~xml~boolean,boolean,text~
pg_catalog|date|fs--0~date~timestamp with time zone~|fi--0~date~timestamp without time zone~
pg_catalog|date_add|fs--0~timestamp with time zone~timestamp with time zone,interval~|fi--0~timestamp with time zone~timestamp with time zone,interval,text~
pg_catalog|date_bin|fi--0~timestamp without time zone~interval,timestamp without time zone,timestamp without time zone~|fi--0~timestamp with time zone~interval,timestamp with time zone,timestamp with time zone~
pg_catalog|date_cmp|fi--0~integer~date,date~
pg_catalog|date_cmp_timestamp|fi--0~integer~date,timestamp without time zone~
pg_catalog|date_cmp_timestamptz|fs--0~integer~date,timestamp with time zone~
pg_catalog|date_eq|fi--0~boolean~date,date~
pg_catalog|date_eq_timestamp|fi--0~boolean~date,timestamp without time zone~
pg_catalog|date_eq_timestamptz|fs--0~boolean~date,timestamp with time zone~
pg_catalog|date_ge|fi--0~boolean~date,date~
pg_catalog|date_ge_timestamp|fi--0~boolean~date,timestamp without time zone~
pg_catalog|date_ge_timestamptz|fs--0~boolean~date,timestamp with time zone~
pg_catalog|date_gt|fi--0~boolean~date,date~
pg_catalog|date_gt_timestamp|fi--0~boolean~date,timestamp without time zone~
pg_catalog|date_gt_timestamptz|fs--0~boolean~date,timestamp with time zone~
pg_catalog|date_in|fs--0~date~cstring~
pg_catalog|date_larger|fi--0~date~date,date~
pg_catalog|date_le|fi--0~boolean~date,date~
pg_catalog|date_le_timestamp|fi--0~boolean~date,timestamp without time zone~
pg_catalog|date_le_timestamptz|fs--0~boolean~date,timestamp with time zone~
pg_catalog|date_lt|fi--0~boolean~date,date~
pg_catalog|date_lt_timestamp|fi--0~boolean~date,timestamp without time zone~
pg_catalog|date_lt_timestamptz|fs--0~boolean~date,timestamp with time zone~
pg_catalog|date_mi|fi--0~integer~date,date~
pg_catalog|date_mi_interval|fi--0~timestamp without time zone~date,interval~
pg_catalog|date_mii|fi--0~date~date,integer~
pg_catalog|date_ne|fi--0~boolean~date,date~
pg_catalog|date_ne_timestamp|fi--0~boolean~date,timestamp without time zone~
pg_catalog|date_ne_timestamptz|fs--0~boolean~date,timestamp with time zone~
pg_catalog|date_out|fs--0~cstring~date~
pg_catalog|date_part|fs--0~double precision~text,timestamp with time zone~|fi--0~double precision~text,interval~|fi--0~double precision~text,time with time zone~|fi--0~double precision~text,date~|fi--0~double precision~text,time without time zone~|fi--0~double precision~text,timestamp without time zone~
pg_catalog|date_pl_interval|fi--0~timestamp without time zone~date,interval~
pg_catalog|date_pli|fi--0~date~date,integer~
pg_catalog|date_recv|fi--0~date~internal~
pg_catalog|date_send|fi--0~bytea~date~
pg_catalog|date_skipsupport|fi--0~void~internal~
pg_catalog|date_smaller|fi--0~date~date,date~
pg_catalog|date_sortsupport|fi--0~void~internal~
pg_catalog|date_subtract|fs--0~timestamp with time zone~timestamp with time zone,interval~|fi--0~timestamp with time zone~timestamp with time zone,interval,text~
pg_catalog|date_trunc|fs--0~timestamp with time zone~text,timestamp with time zone~|fi--0~interval~text,interval~|fi--0~timestamp with time zone~text,timestamp with time zone,text~|fi--0~timestamp without time zone~text,timestamp without time zone~
pg_catalog|datemultirange|fi--0~datemultirange~~|fi--0~datemultirange~daterange~|fi-v0~datemultirange~daterange[]~
pg_catalog|daterange|fi--0~daterange~date,date~|fi--0~daterange~date,date,text~
pg_catalog|daterange_canonical|fi--0~daterange~daterange~
pg_catalog|daterange_subdiff|fi--0~double precision~date,date~
pg_catalog|datetime_pl|fi--0~timestamp without time zone~date,time without time zone~
pg_catalog|datetimetz_pl|fi--0~timestamp with time zone~date,time with time zone~
pg_catalog|dcbrt|fi--0~double precision~double precision~
pg_catalog|decode|fi--0~bytea~text,text~
pg_catalog|degrees|fi--0~double precision~double precision~
pg_catalog|dense_rank|wi--0~bigint~~|ai-v0~bigint~"any"~
pg_catalog|dense_rank_final|fi-v0~bigint~internal,"any"~
pg_catalog|dexp|fi--0~double precision~double precision~
pg_catalog|diagonal|fi--0~lseg~box~
pg_catalog|diameter|fi--0~double precision~circle~
pg_catalog|dispell_init|fi--0~internal~internal~
pg_catalog|dispell_lexize|fi--0~internal~internal,internal,internal,internal~
pg_catalog|dist_bp|fi--0~double precision~box,point~
pg_catalog|dist_bs|fi--0~double precision~box,lseg~
pg_catalog|dist_cpoint|fi--0~double precision~circle,point~
pg_catalog|dist_cpoly|fi--0~double precision~circle,polygon~
pg_catalog|dist_lp|fi--0~double precision~line,point~
pg_catalog|dist_ls|fi--0~double precision~line,lseg~
pg_catalog|dist_pathp|fi--0~double precision~path,point~
pg_catalog|dist_pb|fi--0~double precision~point,box~
pg_catalog|dist_pc|fi--0~double precision~point,circle~
pg_catalog|dist_pl|fi--0~double precision~point,line~
pg_catalog|dist_polyc|fi--0~double precision~polygon,circle~
pg_catalog|dist_polyp|fi--0~double precision~polygon,point~
pg_catalog|dist_ppath|fi--0~double precision~point,path~
pg_catalog|dist_ppoly|fi--0~double precision~point,polygon~
pg_catalog|dist_ps|fi--0~double precision~point,lseg~
pg_catalog|dist_sb|fi--0~double precision~lseg,box~
pg_catalog|dist_sl|fi--0~double precision~lseg,line~
pg_catalog|dist_sp|fi--0~double precision~lseg,point~
pg_catalog|div|fi--0~numeric~numeric,numeric~
pg_catalog|dlog1|fi--0~double precision~double precision~
pg_catalog|dlog10|fi--0~double precision~double precision~
pg_catalog|domain_in|fs--0~"any"~cstring,oid,integer~
pg_catalog|domain_recv|fs--0~"any"~internal,oid,integer~
pg_catalog|dpow|fi--0~double precision~double precision,double precision~
pg_catalog|dround|fi--0~double precision~double precision~
pg_catalog|dsimple_init|fi--0~internal~internal~
pg_catalog|dsimple_lexize|fi--0~internal~internal,internal,internal,internal~
pg_catalog|dsnowball_init|fv--0~internal~internal~
pg_catalog|dsnowball_lexize|fv--0~internal~internal,internal,internal,internal~
pg_catalog|dsqrt|fi--0~double precision~double precision~
pg_catalog|dsynonym_init|fi--0~internal~internal~
pg_catalog|dsynonym_lexize|fi--0~internal~internal,internal,internal,internal~
pg_catalog|dtrunc|fi--0~double precision~double precision~
pg_catalog|elem_contained_by_multirange|fi--0~boolean~anyelement,anymultirange~
pg_catalog|elem_contained_by_range|fi--0~boolean~anyelement,anyrange~
pg_catalog|elem_contained_by_range_support|fi--0~internal~internal~
pg_catalog|encode|fi--0~text~bytea,text~
pg_catalog|enum_cmp|fi--0~integer~anyenum,anyenum~
pg_catalog|enum_eq|fi--0~boolean~anyenum,anyenum~
pg_catalog|enum_first|fs--0~anyenum~anyenum~
pg_catalog|enum_ge|fi--0~boolean~anyenum,anyenum~
pg_catalog|enum_gt|fi--0~boolean~anyenum,anyenum~
pg_catalog|enum_in|fs--0~anyenum~cstring,oid~
pg_catalog|enum_larger|fi--0~anyenum~anyenum,anyenum~
pg_catalog|enum_last|fs--0~anyenum~anyenum~
pg_catalog|enum_le|fi--0~boolean~anyenum,anyenum~
pg_catalog|enum_lt|fi--0~boolean~anyenum,anyenum~
pg_catalog|enum_ne|fi--0~boolean~anyenum,anyenum~
pg_catalog|enum_out|fs--0~cstring~anyenum~
pg_catalog|enum_range|fs--0~anyarray~anyenum,anyenum~|fs--0~anyarray~anyenum~
pg_catalog|enum_recv|fs--0~anyenum~internal,oid~
pg_catalog|enum_send|fs--0~bytea~anyenum~
pg_catalog|enum_smaller|fi--0~anyenum~anyenum,anyenum~
pg_catalog|eqjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|eqsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|erf|fi--0~double precision~double precision~
pg_catalog|erfc|fi--0~double precision~double precision~
pg_catalog|euc_cn_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_cn_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_jis_2004_to_shift_jis_2004|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_jis_2004_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_jp_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_jp_to_sjis|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_jp_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_kr_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_kr_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_tw_to_big5|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_tw_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|euc_tw_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|event_trigger_in|fi--0~event_trigger~cstring~
pg_catalog|event_trigger_out|fi--0~cstring~event_trigger~
pg_catalog|every|ai--0~boolean~boolean~
pg_catalog|exp|fi--0~double precision~double precision~|fi--0~numeric~numeric~
pg_catalog|extract|fi--0~numeric~text,date~|fi--0~numeric~text,time without time zone~|fi--0~numeric~text,time with time zone~|fi--0~numeric~text,timestamp without time zone~|fs--0~numeric~text,timestamp with time zone~|fi--0~numeric~text,interval~
pg_catalog|factorial|fi--0~numeric~bigint~
pg_catalog|family|fi--0~integer~inet~
pg_catalog|fdw_handler_in|fi--0~fdw_handler~cstring~
pg_catalog|fdw_handler_out|fi--0~cstring~fdw_handler~
pg_catalog|first_value|wi--0~anyelement~anyelement~
pg_catalog|float4|fi--0~real~smallint~|fi--0~real~double precision~|fi--0~real~integer~|fi--0~real~bigint~|fi--0~real~numeric~|fi--0~real~jsonb~
pg_catalog|float48div|fi--0~double precision~real,double precision~
pg_catalog|float48eq|fi--0~boolean~real,double precision~
pg_catalog|float48ge|fi--0~boolean~real,double precision~
pg_catalog|float48gt|fi--0~boolean~real,double precision~
pg_catalog|float48le|fi--0~boolean~real,double precision~
pg_catalog|float48lt|fi--0~boolean~real,double precision~
pg_catalog|float48mi|fi--0~double precision~real,double precision~
pg_catalog|float48mul|fi--0~double precision~real,double precision~
pg_catalog|float48ne|fi--0~boolean~real,double precision~
pg_catalog|float48pl|fi--0~double precision~real,double precision~
pg_catalog|float4_accum|fi--0~double precision[]~double precision[],real~
pg_catalog|float4abs|fi--0~real~real~
pg_catalog|float4div|fi--0~real~real,real~
pg_catalog|float4eq|fi--0~boolean~real,real~
pg_catalog|float4ge|fi--0~boolean~real,real~
pg_catalog|float4gt|fi--0~boolean~real,real~
pg_catalog|float4in|fi--0~real~cstring~
pg_catalog|float4larger|fi--0~real~real,real~
pg_catalog|float4le|fi--0~boolean~real,real~
pg_catalog|float4lt|fi--0~boolean~real,real~
pg_catalog|float4mi|fi--0~real~real,real~
pg_catalog|float4mul|fi--0~real~real,real~
pg_catalog|float4ne|fi--0~boolean~real,real~
pg_catalog|float4out|fi--0~cstring~real~
pg_catalog|float4pl|fi--0~real~real,real~
pg_catalog|float4recv|fi--0~real~internal~
pg_catalog|float4send|fi--0~bytea~real~
pg_catalog|float4smaller|fi--0~real~real,real~
pg_catalog|float4um|fi--0~real~real~
pg_catalog|float4up|fi--0~real~real~
pg_catalog|float8|fi--0~double precision~smallint~|fi--0~double precision~real~|fi--0~double precision~integer~|fi--0~double precision~bigint~|fi--0~double precision~numeric~|fi--0~double precision~jsonb~
pg_catalog|float84div|fi--0~double precision~double precision,real~
pg_catalog|float84eq|fi--0~boolean~double precision,real~
pg_catalog|float84ge|fi--0~boolean~double precision,real~
pg_catalog|float84gt|fi--0~boolean~double precision,real~
pg_catalog|float84le|fi--0~boolean~double precision,real~
pg_catalog|float84lt|fi--0~boolean~double precision,real~
pg_catalog|float84mi|fi--0~double precision~double precision,real~
pg_catalog|float84mul|fi--0~double precision~double precision,real~
pg_catalog|float84ne|fi--0~boolean~double precision,real~
pg_catalog|float84pl|fi--0~double precision~double precision,real~
pg_catalog|float8_accum|fi--0~double precision[]~double precision[],double precision~
pg_catalog|float8_avg|fi--0~double precision~double precision[]~
pg_catalog|float8_combine|fi--0~double precision[]~double precision[],double precision[]~
pg_catalog|float8_corr|fi--0~double precision~double precision[]~
pg_catalog|float8_covar_pop|fi--0~double precision~double precision[]~
pg_catalog|float8_covar_samp|fi--0~double precision~double precision[]~
pg_catalog|float8_regr_accum|fi--0~double precision[]~double precision[],double precision,double precision~
pg_catalog|float8_regr_avgx|fi--0~double precision~double precision[]~
pg_catalog|float8_regr_avgy|fi--0~double precision~double precision[]~
pg_catalog|float8_regr_combine|fi--0~double precision[]~double precision[],double precision[]~
pg_catalog|float8_regr_intercept|fi--0~double precision~double precision[]~
pg_catalog|float8_regr_r2|fi--0~double precision~double precision[]~
pg_catalog|float8_regr_slope|fi--0~double precision~double precision[]~
pg_catalog|float8_regr_sxx|fi--0~double precision~double precision[]~
pg_catalog|float8_regr_sxy|fi--0~double precision~double precision[]~
pg_catalog|float8_regr_syy|fi--0~double precision~double precision[]~
pg_catalog|float8_stddev_pop|fi--0~double precision~double precision[]~
pg_catalog|float8_stddev_samp|fi--0~double precision~double precision[]~
pg_catalog|float8_var_pop|fi--0~double precision~double precision[]~
pg_catalog|float8_var_samp|fi--0~double precision~double precision[]~
pg_catalog|float8abs|fi--0~double precision~double precision~
pg_catalog|float8div|fi--0~double precision~double precision,double precision~
pg_catalog|float8eq|fi--0~boolean~double precision,double precision~
pg_catalog|float8ge|fi--0~boolean~double precision,double precision~
pg_catalog|float8gt|fi--0~boolean~double precision,double precision~
pg_catalog|float8in|fi--0~double precision~cstring~
pg_catalog|float8larger|fi--0~double precision~double precision,double precision~
pg_catalog|float8le|fi--0~boolean~double precision,double precision~
pg_catalog|float8lt|fi--0~boolean~double precision,double precision~
pg_catalog|float8mi|fi--0~double precision~double precision,double precision~
pg_catalog|float8mul|fi--0~double precision~double precision,double precision~
pg_catalog|float8ne|fi--0~boolean~double precision,double precision~
pg_catalog|float8out|fi--0~cstring~double precision~
pg_catalog|float8pl|fi--0~double precision~double precision,double precision~
pg_catalog|float8recv|fi--0~double precision~internal~
pg_catalog|float8send|fi--0~bytea~double precision~
pg_catalog|float8smaller|fi--0~double precision~double precision,double precision~
pg_catalog|float8um|fi--0~double precision~double precision~
pg_catalog|float8up|fi--0~double precision~double precision~
pg_catalog|floor|fi--0~numeric~numeric~|fi--0~double precision~double precision~
pg_catalog|flt4_mul_cash|fi--0~money~real,money~
pg_catalog|flt8_mul_cash|fi--0~money~double precision,money~
pg_catalog|fmgr_c_validator|fs--0~void~oid~
pg_catalog|fmgr_internal_validator|fs--0~void~oid~
pg_catalog|fmgr_sql_validator|fs--0~void~oid~
pg_catalog|format|fs-v0~text~text,"any"~|fs--0~text~text~
pg_catalog|format_type|fs--0~text~oid,integer~
pg_catalog|gamma|fi--0~double precision~double precision~
pg_catalog|gb18030_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|gbk_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|gcd|fi--0~integer~integer,integer~|fi--0~bigint~bigint,bigint~|fi--0~numeric~numeric,numeric~
pg_catalog|gen_random_uuid|fv--0~uuid~~
pg_catalog|generate_series|fis-0~timestamp without time zone~timestamp without time zone,timestamp without time zone,interval~|fss-0~timestamp with time zone~timestamp with time zone,timestamp with time zone,interval~|fis-0~integer~integer,integer,integer~|fis-0~integer~integer,integer~|fis-0~bigint~bigint,bigint,bigint~|fis-0~bigint~bigint,bigint~|fis-0~numeric~numeric,numeric,numeric~|fis-0~numeric~numeric,numeric~|fis-0~timestamp with time zone~timestamp with time zone,timestamp with time zone,interval,text~
pg_catalog|generate_series_int4_support|fi--0~internal~internal~
pg_catalog|generate_series_int8_support|fi--0~internal~internal~
pg_catalog|generate_series_numeric_support|fi--0~internal~internal~
pg_catalog|generate_series_timestamp_support|fi--0~internal~internal~
pg_catalog|generate_subscripts|fis-0~integer~anyarray,integer,boolean~|fis-0~integer~anyarray,integer~
pg_catalog|get_bit|fi--0~integer~bytea,bigint~|fi--0~integer~bit,integer~
pg_catalog|get_byte|fi--0~integer~bytea,integer~
pg_catalog|get_current_ts_config|fs--0~regconfig~~
pg_catalog|getdatabaseencoding|fs--0~name~~
pg_catalog|getpgusername|fs--0~name~~
pg_catalog|gin_clean_pending_list|fv--0~bigint~regclass~
pg_catalog|gin_cmp_prefix|fi--0~integer~text,text,smallint,internal~
pg_catalog|gin_cmp_tslexeme|fi--0~integer~text,text~
pg_catalog|gin_compare_jsonb|fi--0~integer~text,text~
pg_catalog|gin_consistent_jsonb|fi--0~boolean~internal,smallint,jsonb,integer,internal,internal,internal,internal~
pg_catalog|gin_consistent_jsonb_path|fi--0~boolean~internal,smallint,jsonb,integer,internal,internal,internal,internal~
pg_catalog|gin_extract_jsonb|fi--0~internal~jsonb,internal,internal~
pg_catalog|gin_extract_jsonb_path|fi--0~internal~jsonb,internal,internal~
pg_catalog|gin_extract_jsonb_query|fi--0~internal~jsonb,internal,smallint,internal,internal,internal,internal~
pg_catalog|gin_extract_jsonb_query_path|fi--0~internal~jsonb,internal,smallint,internal,internal,internal,internal~
pg_catalog|gin_extract_tsquery|fi--0~internal~tsquery,internal,smallint,internal,internal~|fi--0~internal~tsvector,internal,smallint,internal,internal,internal,internal~|fi--0~internal~tsquery,internal,smallint,internal,internal,internal,internal~
pg_catalog|gin_extract_tsvector|fi--0~internal~tsvector,internal~|fi--0~internal~tsvector,internal,internal~
pg_catalog|gin_triconsistent_jsonb|fi--0~"char"~internal,smallint,jsonb,integer,internal,internal,internal~
pg_catalog|gin_triconsistent_jsonb_path|fi--0~"char"~internal,smallint,jsonb,integer,internal,internal,internal~
pg_catalog|gin_tsquery_consistent|fi--0~boolean~internal,smallint,tsquery,integer,internal,internal~|fi--0~boolean~internal,smallint,tsvector,integer,internal,internal,internal,internal~|fi--0~boolean~internal,smallint,tsquery,integer,internal,internal,internal,internal~
pg_catalog|gin_tsquery_triconsistent|fi--0~"char"~internal,smallint,tsvector,integer,internal,internal,internal~
pg_catalog|ginarrayconsistent|fi--0~boolean~internal,smallint,anyarray,integer,internal,internal,internal,internal~
pg_catalog|ginarrayextract|fi--0~internal~anyarray,internal,internal~|fi--0~internal~anyarray,internal~
pg_catalog|ginarraytriconsistent|fi--0~"char"~internal,smallint,anyarray,integer,internal,internal,internal~
pg_catalog|ginhandler|fv--0~index_am_handler~internal~
pg_catalog|ginqueryarrayextract|fi--0~internal~anyarray,internal,smallint,internal,internal,internal,internal~
pg_catalog|gist_box_consistent|fi--0~boolean~internal,box,smallint,oid,internal~
pg_catalog|gist_box_distance|fi--0~double precision~internal,box,smallint,oid,internal~
pg_catalog|gist_box_penalty|fi--0~internal~internal,internal,internal~
pg_catalog|gist_box_picksplit|fi--0~internal~internal,internal~
pg_catalog|gist_box_same|fi--0~internal~box,box,internal~
pg_catalog|gist_box_union|fi--0~box~internal,internal~
pg_catalog|gist_circle_compress|fi--0~internal~internal~
pg_catalog|gist_circle_consistent|fi--0~boolean~internal,circle,smallint,oid,internal~
pg_catalog|gist_circle_distance|fi--0~double precision~internal,circle,smallint,oid,internal~
pg_catalog|gist_point_compress|fi--0~internal~internal~
pg_catalog|gist_point_consistent|fi--0~boolean~internal,point,smallint,oid,internal~
pg_catalog|gist_point_distance|fi--0~double precision~internal,point,smallint,oid,internal~
pg_catalog|gist_point_fetch|fi--0~internal~internal~
pg_catalog|gist_point_sortsupport|fi--0~void~internal~
pg_catalog|gist_poly_compress|fi--0~internal~internal~
pg_catalog|gist_poly_consistent|fi--0~boolean~internal,polygon,smallint,oid,internal~
pg_catalog|gist_poly_distance|fi--0~double precision~internal,polygon,smallint,oid,internal~
pg_catalog|gist_translate_cmptype_common|fi--0~smallint~integer~
pg_catalog|gisthandler|fv--0~index_am_handler~internal~
pg_catalog|gtsquery_compress|fi--0~internal~internal~
pg_catalog|gtsquery_consistent|fi--0~boolean~internal,tsquery,smallint,oid,internal~|fi--0~boolean~internal,internal,integer,oid,internal~
pg_catalog|gtsquery_penalty|fi--0~internal~internal,internal,internal~
pg_catalog|gtsquery_picksplit|fi--0~internal~internal,internal~
pg_catalog|gtsquery_same|fi--0~internal~bigint,bigint,internal~
pg_catalog|gtsquery_union|fi--0~bigint~internal,internal~
pg_catalog|gtsvector_compress|fi--0~internal~internal~
pg_catalog|gtsvector_consistent|fi--0~boolean~internal,tsvector,smallint,oid,internal~|fi--0~boolean~internal,gtsvector,integer,oid,internal~
pg_catalog|gtsvector_decompress|fi--0~internal~internal~
pg_catalog|gtsvector_options|fi--0~void~internal~
pg_catalog|gtsvector_penalty|fi--0~internal~internal,internal,internal~
pg_catalog|gtsvector_picksplit|fi--0~internal~internal,internal~
pg_catalog|gtsvector_same|fi--0~internal~gtsvector,gtsvector,internal~
pg_catalog|gtsvector_union|fi--0~gtsvector~internal,internal~
pg_catalog|gtsvectorin|fi--0~gtsvector~cstring~
pg_catalog|gtsvectorout|fi--0~cstring~gtsvector~
pg_catalog|has_any_column_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_column_privilege|fs--0~boolean~name,text,text,text~|fs--0~boolean~name,text,smallint,text~|fs--0~boolean~name,oid,text,text~|fs--0~boolean~name,oid,smallint,text~|fs--0~boolean~oid,text,text,text~|fs--0~boolean~oid,text,smallint,text~|fs--0~boolean~oid,oid,text,text~|fs--0~boolean~oid,oid,smallint,text~|fs--0~boolean~text,text,text~|fs--0~boolean~text,smallint,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,smallint,text~
pg_catalog|has_database_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_foreign_data_wrapper_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_function_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_language_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_largeobject_privilege|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text~|fs--0~boolean~oid,oid,text~
pg_catalog|has_parameter_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~text,text~
pg_catalog|has_schema_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_sequence_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_server_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_table_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_tablespace_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|has_type_privilege|fs--0~boolean~name,text,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,text,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~text,text~|fs--0~boolean~oid,text~
pg_catalog|hash_aclitem|fi--0~integer~aclitem~
pg_catalog|hash_aclitem_extended|fi--0~bigint~aclitem,bigint~
pg_catalog|hash_array|fi--0~integer~anyarray~
pg_catalog|hash_array_extended|fi--0~bigint~anyarray,bigint~
pg_catalog|hash_multirange|fi--0~integer~anymultirange~
pg_catalog|hash_multirange_extended|fi--0~bigint~anymultirange,bigint~
pg_catalog|hash_numeric|fi--0~integer~numeric~
pg_catalog|hash_numeric_extended|fi--0~bigint~numeric,bigint~
pg_catalog|hash_range|fi--0~integer~anyrange~
pg_catalog|hash_range_extended|fi--0~bigint~anyrange,bigint~
pg_catalog|hash_record|fi--0~integer~record~
pg_catalog|hash_record_extended|fi--0~bigint~record,bigint~
pg_catalog|hashbool|fi--0~integer~boolean~
pg_catalog|hashboolextended|fi--0~bigint~boolean,bigint~
pg_catalog|hashbpchar|fi--0~integer~character~
pg_catalog|hashbpcharextended|fi--0~bigint~character,bigint~
pg_catalog|hashbytea|fi--0~integer~bytea~
pg_catalog|hashbyteaextended|fi--0~bigint~bytea,bigint~
pg_catalog|hashchar|fi--0~integer~"char"~
pg_catalog|hashcharextended|fi--0~bigint~"char",bigint~
pg_catalog|hashcid|fi--0~integer~cid~
pg_catalog|hashcidextended|fi--0~bigint~cid,bigint~
pg_catalog|hashdate|fi--0~integer~date~
pg_catalog|hashdateextended|fi--0~bigint~date,bigint~
pg_catalog|hashenum|fi--0~integer~anyenum~
pg_catalog|hashenumextended|fi--0~bigint~anyenum,bigint~
pg_catalog|hashfloat4|fi--0~integer~real~
pg_catalog|hashfloat4extended|fi--0~bigint~real,bigint~
pg_catalog|hashfloat8|fi--0~integer~double precision~
pg_catalog|hashfloat8extended|fi--0~bigint~double precision,bigint~
pg_catalog|hashhandler|fv--0~index_am_handler~internal~
pg_catalog|hashinet|fi--0~integer~inet~
pg_catalog|hashinetextended|fi--0~bigint~inet,bigint~
pg_catalog|hashint2|fi--0~integer~smallint~
pg_catalog|hashint2extended|fi--0~bigint~smallint,bigint~
pg_catalog|hashint4|fi--0~integer~integer~
pg_catalog|hashint4extended|fi--0~bigint~integer,bigint~
pg_catalog|hashint8|fi--0~integer~bigint~
pg_catalog|hashint8extended|fi--0~bigint~bigint,bigint~
pg_catalog|hashmacaddr|fi--0~integer~macaddr~
pg_catalog|hashmacaddr8|fi--0~integer~macaddr8~
pg_catalog|hashmacaddr8extended|fi--0~bigint~macaddr8,bigint~
pg_catalog|hashmacaddrextended|fi--0~bigint~macaddr,bigint~
pg_catalog|hashname|fi--0~integer~name~
pg_catalog|hashnameextended|fi--0~bigint~name,bigint~
pg_catalog|hashoid|fi--0~integer~oid~
pg_catalog|hashoidextended|fi--0~bigint~oid,bigint~
pg_catalog|hashoidvector|fi--0~integer~oidvector~
pg_catalog|hashoidvectorextended|fi--0~bigint~oidvector,bigint~
pg_catalog|hashtext|fi--0~integer~text~
pg_catalog|hashtextextended|fi--0~bigint~text,bigint~
pg_catalog|hashtid|fi--0~integer~tid~
pg_catalog|hashtidextended|fi--0~bigint~tid,bigint~
pg_catalog|hashvarlena|fi--0~integer~internal~
pg_catalog|hashvarlenaextended|fi--0~bigint~internal,bigint~
pg_catalog|hashxid|fi--0~integer~xid~
pg_catalog|hashxid8|fi--0~integer~xid8~
pg_catalog|hashxid8extended|fi--0~bigint~xid8,bigint~
pg_catalog|hashxidextended|fi--0~bigint~xid,bigint~
pg_catalog|heap_tableam_handler|fv--0~table_am_handler~internal~
pg_catalog|height|fi--0~double precision~box~
pg_catalog|host|fi--0~text~inet~
pg_catalog|hostmask|fi--0~inet~inet~
pg_catalog|iclikejoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|iclikesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|icnlikejoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|icnlikesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|icregexeqjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|icregexeqsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|icregexnejoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|icregexnesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|icu_unicode_version|fi--0~text~~
pg_catalog|in_range|fi--0~boolean~bigint,bigint,bigint,boolean,boolean~|fi--0~boolean~integer,integer,bigint,boolean,boolean~|fi--0~boolean~integer,integer,integer,boolean,boolean~|fi--0~boolean~integer,integer,smallint,boolean,boolean~|fi--0~boolean~smallint,smallint,bigint,boolean,boolean~|fi--0~boolean~smallint,smallint,integer,boolean,boolean~|fi--0~boolean~smallint,smallint,smallint,boolean,boolean~|fi--0~boolean~date,date,interval,boolean,boolean~|fi--0~boolean~timestamp without time zone,timestamp without time zone,interval,boolean,boolean~|fs--0~boolean~timestamp with time zone,timestamp with time zone,interval,boolean,boolean~|fi--0~boolean~interval,interval,interval,boolean,boolean~|fi--0~boolean~time without time zone,time without time zone,interval,boolean,boolean~|fi--0~boolean~time with time zone,time with time zone,interval,boolean,boolean~|fi--0~boolean~double precision,double precision,double precision,boolean,boolean~|fi--0~boolean~real,real,double precision,boolean,boolean~|fi--0~boolean~numeric,numeric,numeric,boolean,boolean~
pg_catalog|index_am_handler_in|fi--0~index_am_handler~cstring~
pg_catalog|index_am_handler_out|fi--0~cstring~index_am_handler~
pg_catalog|inet_client_addr|fs--0~inet~~
pg_catalog|inet_client_port|fs--0~integer~~
pg_catalog|inet_gist_compress|fi--0~internal~internal~
pg_catalog|inet_gist_consistent|fi--0~boolean~internal,inet,smallint,oid,internal~
pg_catalog|inet_gist_fetch|fi--0~internal~internal~
pg_catalog|inet_gist_penalty|fi--0~internal~internal,internal,internal~
pg_catalog|inet_gist_picksplit|fi--0~internal~internal,internal~
pg_catalog|inet_gist_same|fi--0~internal~inet,inet,internal~
pg_catalog|inet_gist_union|fi--0~inet~internal,internal~
pg_catalog|inet_in|fi--0~inet~cstring~
pg_catalog|inet_merge|fi--0~cidr~inet,inet~
pg_catalog|inet_out|fi--0~cstring~inet~
pg_catalog|inet_recv|fi--0~inet~internal~
pg_catalog|inet_same_family|fi--0~boolean~inet,inet~
pg_catalog|inet_send|fi--0~bytea~inet~
pg_catalog|inet_server_addr|fs--0~inet~~
pg_catalog|inet_server_port|fs--0~integer~~
pg_catalog|inet_spg_choose|fi--0~void~internal,internal~
pg_catalog|inet_spg_config|fi--0~void~internal,internal~
pg_catalog|inet_spg_inner_consistent|fi--0~void~internal,internal~
pg_catalog|inet_spg_leaf_consistent|fi--0~boolean~internal,internal~
pg_catalog|inet_spg_picksplit|fi--0~void~internal,internal~
pg_catalog|inetand|fi--0~inet~inet,inet~
pg_catalog|inetmi|fi--0~bigint~inet,inet~
pg_catalog|inetmi_int8|fi--0~inet~inet,bigint~
pg_catalog|inetnot|fi--0~inet~inet~
pg_catalog|inetor|fi--0~inet~inet,inet~
pg_catalog|inetpl|fi--0~inet~inet,bigint~
pg_catalog|initcap|fi--0~text~text~
pg_catalog|int2|fi--0~smallint~double precision~|fi--0~smallint~real~|fi--0~smallint~integer~|fi--0~smallint~bigint~|fi--0~smallint~numeric~|fi--0~smallint~jsonb~|fi--0~smallint~bytea~
pg_catalog|int24div|fi--0~integer~smallint,integer~
pg_catalog|int24eq|fi--0~boolean~smallint,integer~
pg_catalog|int24ge|fi--0~boolean~smallint,integer~
pg_catalog|int24gt|fi--0~boolean~smallint,integer~
pg_catalog|int24le|fi--0~boolean~smallint,integer~
pg_catalog|int24lt|fi--0~boolean~smallint,integer~
pg_catalog|int24mi|fi--0~integer~smallint,integer~
pg_catalog|int24mul|fi--0~integer~smallint,integer~
pg_catalog|int24ne|fi--0~boolean~smallint,integer~
pg_catalog|int24pl|fi--0~integer~smallint,integer~
pg_catalog|int28div|fi--0~bigint~smallint,bigint~
pg_catalog|int28eq|fi--0~boolean~smallint,bigint~
pg_catalog|int28ge|fi--0~boolean~smallint,bigint~
pg_catalog|int28gt|fi--0~boolean~smallint,bigint~
pg_catalog|int28le|fi--0~boolean~smallint,bigint~
pg_catalog|int28lt|fi--0~boolean~smallint,bigint~
pg_catalog|int28mi|fi--0~bigint~smallint,bigint~
pg_catalog|int28mul|fi--0~bigint~smallint,bigint~
pg_catalog|int28ne|fi--0~boolean~smallint,bigint~
pg_catalog|int28pl|fi--0~bigint~smallint,bigint~
pg_catalog|int2_accum|fi--0~internal~internal,smallint~
pg_catalog|int2_accum_inv|fi--0~internal~internal,smallint~
pg_catalog|int2_avg_accum|fi--0~bigint[]~bigint[],smallint~
pg_catalog|int2_avg_accum_inv|fi--0~bigint[]~bigint[],smallint~
pg_catalog|int2_mul_cash|fi--0~money~smallint,money~
pg_catalog|int2_sum|fi--0~bigint~bigint,smallint~
pg_catalog|int2abs|fi--0~smallint~smallint~
pg_catalog|int2and|fi--0~smallint~smallint,smallint~
pg_catalog|int2div|fi--0~smallint~smallint,smallint~
pg_catalog|int2eq|fi--0~boolean~smallint,smallint~
pg_catalog|int2ge|fi--0~boolean~smallint,smallint~
pg_catalog|int2gt|fi--0~boolean~smallint,smallint~
pg_catalog|int2in|fi--0~smallint~cstring~
pg_catalog|int2int4_sum|fi--0~bigint~bigint[]~
pg_catalog|int2larger|fi--0~smallint~smallint,smallint~
pg_catalog|int2le|fi--0~boolean~smallint,smallint~
pg_catalog|int2lt|fi--0~boolean~smallint,smallint~
pg_catalog|int2mi|fi--0~smallint~smallint,smallint~
pg_catalog|int2mod|fi--0~smallint~smallint,smallint~
pg_catalog|int2mul|fi--0~smallint~smallint,smallint~
pg_catalog|int2ne|fi--0~boolean~smallint,smallint~
pg_catalog|int2not|fi--0~smallint~smallint~
pg_catalog|int2or|fi--0~smallint~smallint,smallint~
pg_catalog|int2out|fi--0~cstring~smallint~
pg_catalog|int2pl|fi--0~smallint~smallint,smallint~
pg_catalog|int2recv|fi--0~smallint~internal~
pg_catalog|int2send|fi--0~bytea~smallint~
pg_catalog|int2shl|fi--0~smallint~smallint,integer~
pg_catalog|int2shr|fi--0~smallint~smallint,integer~
pg_catalog|int2smaller|fi--0~smallint~smallint,smallint~
pg_catalog|int2um|fi--0~smallint~smallint~
pg_catalog|int2up|fi--0~smallint~smallint~
pg_catalog|int2vectorin|fi--0~int2vector~cstring~
pg_catalog|int2vectorout|fi--0~cstring~int2vector~
pg_catalog|int2vectorrecv|fi--0~int2vector~internal~
pg_catalog|int2vectorsend|fi--0~bytea~int2vector~
pg_catalog|int2xor|fi--0~smallint~smallint,smallint~
pg_catalog|int4|fi--0~integer~"char"~|fi--0~integer~smallint~|fi--0~integer~double precision~|fi--0~integer~real~|fi--0~integer~bigint~|fi--0~integer~bit~|fi--0~integer~numeric~|fi--0~integer~boolean~|fi--0~integer~jsonb~|fi--0~integer~bytea~
pg_catalog|int42div|fi--0~integer~integer,smallint~
pg_catalog|int42eq|fi--0~boolean~integer,smallint~
pg_catalog|int42ge|fi--0~boolean~integer,smallint~
pg_catalog|int42gt|fi--0~boolean~integer,smallint~
pg_catalog|int42le|fi--0~boolean~integer,smallint~
pg_catalog|int42lt|fi--0~boolean~integer,smallint~
pg_catalog|int42mi|fi--0~integer~integer,smallint~
pg_catalog|int42mul|fi--0~integer~integer,smallint~
pg_catalog|int42ne|fi--0~boolean~integer,smallint~
pg_catalog|int42pl|fi--0~integer~integer,smallint~
pg_catalog|int48div|fi--0~bigint~integer,bigint~
pg_catalog|int48eq|fi--0~boolean~integer,bigint~
pg_catalog|int48ge|fi--0~boolean~integer,bigint~
pg_catalog|int48gt|fi--0~boolean~integer,bigint~
pg_catalog|int48le|fi--0~boolean~integer,bigint~
pg_catalog|int48lt|fi--0~boolean~integer,bigint~
pg_catalog|int48mi|fi--0~bigint~integer,bigint~
pg_catalog|int48mul|fi--0~bigint~integer,bigint~
pg_catalog|int48ne|fi--0~boolean~integer,bigint~
pg_catalog|int48pl|fi--0~bigint~integer,bigint~
pg_catalog|int4_accum|fi--0~internal~internal,integer~
pg_catalog|int4_accum_inv|fi--0~internal~internal,integer~
pg_catalog|int4_avg_accum|fi--0~bigint[]~bigint[],integer~
pg_catalog|int4_avg_accum_inv|fi--0~bigint[]~bigint[],integer~
pg_catalog|int4_avg_combine|fi--0~bigint[]~bigint[],bigint[]~
pg_catalog|int4_mul_cash|fi--0~money~integer,money~
pg_catalog|int4_sum|fi--0~bigint~bigint,integer~
pg_catalog|int4abs|fi--0~integer~integer~
pg_catalog|int4and|fi--0~integer~integer,integer~
pg_catalog|int4div|fi--0~integer~integer,integer~
pg_catalog|int4eq|fi--0~boolean~integer,integer~
pg_catalog|int4ge|fi--0~boolean~integer,integer~
pg_catalog|int4gt|fi--0~boolean~integer,integer~
pg_catalog|int4in|fi--0~integer~cstring~
pg_catalog|int4inc|fi--0~integer~integer~
pg_catalog|int4larger|fi--0~integer~integer,integer~
pg_catalog|int4le|fi--0~boolean~integer,integer~
pg_catalog|int4lt|fi--0~boolean~integer,integer~
pg_catalog|int4mi|fi--0~integer~integer,integer~
pg_catalog|int4mod|fi--0~integer~integer,integer~
pg_catalog|int4mul|fi--0~integer~integer,integer~
pg_catalog|int4multirange|fi--0~int4multirange~~|fi--0~int4multirange~int4range~|fi-v0~int4multirange~int4range[]~
pg_catalog|int4ne|fi--0~boolean~integer,integer~
pg_catalog|int4not|fi--0~integer~integer~
pg_catalog|int4or|fi--0~integer~integer,integer~
pg_catalog|int4out|fi--0~cstring~integer~
pg_catalog|int4pl|fi--0~integer~integer,integer~
pg_catalog|int4range|fi--0~int4range~integer,integer~|fi--0~int4range~integer,integer,text~
pg_catalog|int4range_canonical|fi--0~int4range~int4range~
pg_catalog|int4range_subdiff|fi--0~double precision~integer,integer~
pg_catalog|int4recv|fi--0~integer~internal~
pg_catalog|int4send|fi--0~bytea~integer~
pg_catalog|int4shl|fi--0~integer~integer,integer~
pg_catalog|int4shr|fi--0~integer~integer,integer~
pg_catalog|int4smaller|fi--0~integer~integer,integer~
pg_catalog|int4um|fi--0~integer~integer~
pg_catalog|int4up|fi--0~integer~integer~
pg_catalog|int4xor|fi--0~integer~integer,integer~
pg_catalog|int8|fi--0~bigint~integer~|fi--0~bigint~double precision~|fi--0~bigint~real~|fi--0~bigint~smallint~|fi--0~bigint~oid~|fi--0~bigint~numeric~|fi--0~bigint~bit~|fi--0~bigint~jsonb~|fi--0~bigint~bytea~
pg_catalog|int82div|fi--0~bigint~bigint,smallint~
pg_catalog|int82eq|fi--0~boolean~bigint,smallint~
pg_catalog|int82ge|fi--0~boolean~bigint,smallint~
pg_catalog|int82gt|fi--0~boolean~bigint,smallint~
pg_catalog|int82le|fi--0~boolean~bigint,smallint~
pg_catalog|int82lt|fi--0~boolean~bigint,smallint~
pg_catalog|int82mi|fi--0~bigint~bigint,smallint~
pg_catalog|int82mul|fi--0~bigint~bigint,smallint~
pg_catalog|int82ne|fi--0~boolean~bigint,smallint~
pg_catalog|int82pl|fi--0~bigint~bigint,smallint~
pg_catalog|int84div|fi--0~bigint~bigint,integer~
pg_catalog|int84eq|fi--0~boolean~bigint,integer~
pg_catalog|int84ge|fi--0~boolean~bigint,integer~
pg_catalog|int84gt|fi--0~boolean~bigint,integer~
pg_catalog|int84le|fi--0~boolean~bigint,integer~
pg_catalog|int84lt|fi--0~boolean~bigint,integer~
pg_catalog|int84mi|fi--0~bigint~bigint,integer~
pg_catalog|int84mul|fi--0~bigint~bigint,integer~
pg_catalog|int84ne|fi--0~boolean~bigint,integer~
pg_catalog|int84pl|fi--0~bigint~bigint,integer~
pg_catalog|int8_accum|fi--0~internal~internal,bigint~
pg_catalog|int8_accum_inv|fi--0~internal~internal,bigint~
pg_catalog|int8_avg|fi--0~numeric~bigint[]~
pg_catalog|int8_avg_accum|fi--0~internal~internal,bigint~
pg_catalog|int8_avg_accum_inv|fi--0~internal~internal,bigint~
pg_catalog|int8_avg_combine|fi--0~internal~internal,internal~
pg_catalog|int8_avg_deserialize|fi--0~internal~bytea,internal~
pg_catalog|int8_avg_serialize|fi--0~bytea~internal~
pg_catalog|int8_mul_cash|fi--0~money~bigint,money~
pg_catalog|int8_sum|fi--0~numeric~numeric,bigint~
pg_catalog|int8abs|fi--0~bigint~bigint~
pg_catalog|int8and|fi--0~bigint~bigint,bigint~
pg_catalog|int8dec|fi--0~bigint~bigint~
pg_catalog|int8dec_any|fi--0~bigint~bigint,"any"~
pg_catalog|int8div|fi--0~bigint~bigint,bigint~
pg_catalog|int8eq|fi--0~boolean~bigint,bigint~
pg_catalog|int8ge|fi--0~boolean~bigint,bigint~
pg_catalog|int8gt|fi--0~boolean~bigint,bigint~
pg_catalog|int8in|fi--0~bigint~cstring~
pg_catalog|int8inc|fi--0~bigint~bigint~
pg_catalog|int8inc_any|fi--0~bigint~bigint,"any"~
pg_catalog|int8inc_float8_float8|fi--0~bigint~bigint,double precision,double precision~
pg_catalog|int8inc_support|fi--0~internal~internal~
pg_catalog|int8larger|fi--0~bigint~bigint,bigint~
pg_catalog|int8le|fi--0~boolean~bigint,bigint~
pg_catalog|int8lt|fi--0~boolean~bigint,bigint~
pg_catalog|int8mi|fi--0~bigint~bigint,bigint~
pg_catalog|int8mod|fi--0~bigint~bigint,bigint~
pg_catalog|int8mul|fi--0~bigint~bigint,bigint~
pg_catalog|int8multirange|fi--0~int8multirange~~|fi--0~int8multirange~int8range~|fi-v0~int8multirange~int8range[]~
pg_catalog|int8ne|fi--0~boolean~bigint,bigint~
pg_catalog|int8not|fi--0~bigint~bigint~
pg_catalog|int8or|fi--0~bigint~bigint,bigint~
pg_catalog|int8out|fi--0~cstring~bigint~
pg_catalog|int8pl|fi--0~bigint~bigint,bigint~
pg_catalog|int8pl_inet|fi--0~inet~bigint,inet~
pg_catalog|int8range|fi--0~int8range~bigint,bigint~|fi--0~int8range~bigint,bigint,text~
pg_catalog|int8range_canonical|fi--0~int8range~int8range~
pg_catalog|int8range_subdiff|fi--0~double precision~bigint,bigint~
pg_catalog|int8recv|fi--0~bigint~internal~
pg_catalog|int8send|fi--0~bytea~bigint~
pg_catalog|int8shl|fi--0~bigint~bigint,integer~
pg_catalog|int8shr|fi--0~bigint~bigint,integer~
pg_catalog|int8smaller|fi--0~bigint~bigint,bigint~
pg_catalog|int8um|fi--0~bigint~bigint~
pg_catalog|int8up|fi--0~bigint~bigint~
pg_catalog|int8xor|fi--0~bigint~bigint,bigint~
pg_catalog|integer_pl_date|fi--0~date~integer,date~
pg_catalog|inter_lb|fi--0~boolean~line,box~
pg_catalog|inter_sb|fi--0~boolean~lseg,box~
pg_catalog|inter_sl|fi--0~boolean~lseg,line~
pg_catalog|internal_in|fi--0~internal~cstring~
pg_catalog|internal_out|fi--0~cstring~internal~
pg_catalog|interval|fi--0~interval~interval,integer~|fi--0~interval~time without time zone~
pg_catalog|interval_avg|fi--0~interval~internal~
pg_catalog|interval_avg_accum|fi--0~internal~internal,interval~
pg_catalog|interval_avg_accum_inv|fi--0~internal~internal,interval~
pg_catalog|interval_avg_combine|fi--0~internal~internal,internal~
pg_catalog|interval_avg_deserialize|fi--0~internal~bytea,internal~
pg_catalog|interval_avg_serialize|fi--0~bytea~internal~
pg_catalog|interval_cmp|fi--0~integer~interval,interval~
pg_catalog|interval_div|fi--0~interval~interval,double precision~
pg_catalog|interval_eq|fi--0~boolean~interval,interval~
pg_catalog|interval_ge|fi--0~boolean~interval,interval~
pg_catalog|interval_gt|fi--0~boolean~interval,interval~
pg_catalog|interval_hash|fi--0~integer~interval~
pg_catalog|interval_hash_extended|fi--0~bigint~interval,bigint~
pg_catalog|interval_in|fs--0~interval~cstring,oid,integer~
pg_catalog|interval_larger|fi--0~interval~interval,interval~
pg_catalog|interval_le|fi--0~boolean~interval,interval~
pg_catalog|interval_lt|fi--0~boolean~interval,interval~
pg_catalog|interval_mi|fi--0~interval~interval,interval~
pg_catalog|interval_mul|fi--0~interval~interval,double precision~
pg_catalog|interval_ne|fi--0~boolean~interval,interval~
pg_catalog|interval_out|fs--0~cstring~interval~
pg_catalog|interval_pl|fi--0~interval~interval,interval~
pg_catalog|interval_pl_date|fi--0~timestamp without time zone~interval,date~
pg_catalog|interval_pl_time|fi--0~time without time zone~interval,time without time zone~
pg_catalog|interval_pl_timestamp|fi--0~timestamp without time zone~interval,timestamp without time zone~
pg_catalog|interval_pl_timestamptz|fs--0~timestamp with time zone~interval,timestamp with time zone~
pg_catalog|interval_pl_timetz|fi--0~time with time zone~interval,time with time zone~
pg_catalog|interval_recv|fi--0~interval~internal,oid,integer~
pg_catalog|interval_send|fi--0~bytea~interval~
pg_catalog|interval_smaller|fi--0~interval~interval,interval~
pg_catalog|interval_sum|fi--0~interval~internal~
pg_catalog|interval_support|fi--0~internal~internal~
pg_catalog|interval_um|fi--0~interval~interval~
pg_catalog|intervaltypmodin|fi--0~integer~cstring[]~
pg_catalog|intervaltypmodout|fi--0~cstring~integer~
pg_catalog|is_normalized|fi--1~boolean~text,text~
pg_catalog|isclosed|fi--0~boolean~path~
pg_catalog|isempty|fi--0~boolean~anyrange~|fi--0~boolean~anymultirange~
pg_catalog|isfinite|fi--0~boolean~date~|fi--0~boolean~timestamp with time zone~|fi--0~boolean~interval~|fi--0~boolean~timestamp without time zone~
pg_catalog|ishorizontal|fi--0~boolean~point,point~|fi--0~boolean~lseg~|fi--0~boolean~line~
pg_catalog|iso8859_1_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|iso8859_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|iso_to_koi8r|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|iso_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|iso_to_win1251|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|iso_to_win866|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|isopen|fi--0~boolean~path~
pg_catalog|isparallel|fi--0~boolean~lseg,lseg~|fi--0~boolean~line,line~
pg_catalog|isperp|fi--0~boolean~lseg,lseg~|fi--0~boolean~line,line~
pg_catalog|isvertical|fi--0~boolean~point,point~|fi--0~boolean~lseg~|fi--0~boolean~line~
pg_catalog|johab_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|json_agg|as--0~json~anyelement~
pg_catalog|json_agg_finalfn|fi--0~json~internal~
pg_catalog|json_agg_strict|as--0~json~anyelement~
pg_catalog|json_agg_strict_transfn|fs--0~internal~internal,anyelement~
pg_catalog|json_agg_transfn|fs--0~internal~internal,anyelement~
pg_catalog|json_array_element|fi--0~json~json,integer~
pg_catalog|json_array_element_text|fi--0~text~json,integer~
pg_catalog|json_array_elements|fis-0~json~json~value:json
pg_catalog|json_array_elements_text|fis-0~text~json~value:text
pg_catalog|json_array_length|fi--0~integer~json~
pg_catalog|json_build_array|fs-v0~json~"any"~|fs--0~json~~
pg_catalog|json_build_object|fs-v0~json~"any"~|fs--0~json~~
pg_catalog|json_each|fis-0~record~json~key:text,value:json
pg_catalog|json_each_text|fis-0~record~json~key:text,value:text
pg_catalog|json_extract_path|fi-v0~json~json,text[]~
pg_catalog|json_extract_path_text|fi-v0~text~json,text[]~
pg_catalog|json_in|fi--0~json~cstring~
pg_catalog|json_object|fi--0~json~text[]~|fi--0~json~text[],text[]~
pg_catalog|json_object_agg|as--0~json~"any","any"~
pg_catalog|json_object_agg_finalfn|fi--0~json~internal~
pg_catalog|json_object_agg_strict|as--0~json~"any","any"~
pg_catalog|json_object_agg_strict_transfn|fs--0~internal~internal,"any","any"~
pg_catalog|json_object_agg_transfn|fs--0~internal~internal,"any","any"~
pg_catalog|json_object_agg_unique|as--0~json~"any","any"~
pg_catalog|json_object_agg_unique_strict|as--0~json~"any","any"~
pg_catalog|json_object_agg_unique_strict_transfn|fs--0~internal~internal,"any","any"~
pg_catalog|json_object_agg_unique_transfn|fs--0~internal~internal,"any","any"~
pg_catalog|json_object_field|fi--0~json~json,text~
pg_catalog|json_object_field_text|fi--0~text~json,text~
pg_catalog|json_object_keys|fis-0~text~json~
pg_catalog|json_out|fi--0~cstring~json~
pg_catalog|json_populate_record|fs--1~anyelement~anyelement,json,boolean~
pg_catalog|json_populate_recordset|fss-1~anyelement~anyelement,json,boolean~
pg_catalog|json_recv|fi--0~json~internal~
pg_catalog|json_send|fi--0~bytea~json~
pg_catalog|json_strip_nulls|fi--1~json~json,boolean~
pg_catalog|json_to_record|fs--0~record~json~
pg_catalog|json_to_recordset|fss-0~record~json~
pg_catalog|json_to_tsvector|fs--0~tsvector~json,jsonb~|fi--0~tsvector~regconfig,json,jsonb~
pg_catalog|json_typeof|fi--0~text~json~
pg_catalog|jsonb_agg|as--0~jsonb~anyelement~
pg_catalog|jsonb_agg_finalfn|fs--0~jsonb~internal~
pg_catalog|jsonb_agg_strict|as--0~jsonb~anyelement~
pg_catalog|jsonb_agg_strict_transfn|fs--0~internal~internal,anyelement~
pg_catalog|jsonb_agg_transfn|fs--0~internal~internal,anyelement~
pg_catalog|jsonb_array_element|fi--0~jsonb~jsonb,integer~
pg_catalog|jsonb_array_element_text|fi--0~text~jsonb,integer~
pg_catalog|jsonb_array_elements|fis-0~jsonb~jsonb~value:jsonb
pg_catalog|jsonb_array_elements_text|fis-0~text~jsonb~value:text
pg_catalog|jsonb_array_length|fi--0~integer~jsonb~
pg_catalog|jsonb_build_array|fs-v0~jsonb~"any"~|fs--0~jsonb~~
pg_catalog|jsonb_build_object|fs-v0~jsonb~"any"~|fs--0~jsonb~~
pg_catalog|jsonb_cmp|fi--0~integer~jsonb,jsonb~
pg_catalog|jsonb_concat|fi--0~jsonb~jsonb,jsonb~
pg_catalog|jsonb_contained|fi--0~boolean~jsonb,jsonb~
pg_catalog|jsonb_contains|fi--0~boolean~jsonb,jsonb~
pg_catalog|jsonb_delete|fi--0~jsonb~jsonb,text~|fi--0~jsonb~jsonb,integer~|fi-v0~jsonb~jsonb,text[]~
pg_catalog|jsonb_delete_path|fi--0~jsonb~jsonb,text[]~
pg_catalog|jsonb_each|fis-0~record~jsonb~key:text,value:jsonb
pg_catalog|jsonb_each_text|fis-0~record~jsonb~key:text,value:text
pg_catalog|jsonb_eq|fi--0~boolean~jsonb,jsonb~
pg_catalog|jsonb_exists|fi--0~boolean~jsonb,text~
pg_catalog|jsonb_exists_all|fi--0~boolean~jsonb,text[]~
pg_catalog|jsonb_exists_any|fi--0~boolean~jsonb,text[]~
pg_catalog|jsonb_extract_path|fi-v0~jsonb~jsonb,text[]~
pg_catalog|jsonb_extract_path_text|fi-v0~text~jsonb,text[]~
pg_catalog|jsonb_ge|fi--0~boolean~jsonb,jsonb~
pg_catalog|jsonb_gt|fi--0~boolean~jsonb,jsonb~
pg_catalog|jsonb_hash|fi--0~integer~jsonb~
pg_catalog|jsonb_hash_extended|fi--0~bigint~jsonb,bigint~
pg_catalog|jsonb_in|fi--0~jsonb~cstring~
pg_catalog|jsonb_insert|fi--1~jsonb~jsonb,text[],jsonb,boolean~
pg_catalog|jsonb_le|fi--0~boolean~jsonb,jsonb~
pg_catalog|jsonb_lt|fi--0~boolean~jsonb,jsonb~
pg_catalog|jsonb_ne|fi--0~boolean~jsonb,jsonb~
pg_catalog|jsonb_object|fi--0~jsonb~text[]~|fi--0~jsonb~text[],text[]~
pg_catalog|jsonb_object_agg|ai--0~jsonb~"any","any"~
pg_catalog|jsonb_object_agg_finalfn|fs--0~jsonb~internal~
pg_catalog|jsonb_object_agg_strict|ai--0~jsonb~"any","any"~
pg_catalog|jsonb_object_agg_strict_transfn|fs--0~internal~internal,"any","any"~
pg_catalog|jsonb_object_agg_transfn|fs--0~internal~internal,"any","any"~
pg_catalog|jsonb_object_agg_unique|ai--0~jsonb~"any","any"~
pg_catalog|jsonb_object_agg_unique_strict|ai--0~jsonb~"any","any"~
pg_catalog|jsonb_object_agg_unique_strict_transfn|fs--0~internal~internal,"any","any"~
pg_catalog|jsonb_object_agg_unique_transfn|fs--0~internal~internal,"any","any"~
pg_catalog|jsonb_object_field|fi--0~jsonb~jsonb,text~
pg_catalog|jsonb_object_field_text|fi--0~text~jsonb,text~
pg_catalog|jsonb_object_keys|fis-0~text~jsonb~
pg_catalog|jsonb_out|fi--0~cstring~jsonb~
pg_catalog|jsonb_path_exists|fi--2~boolean~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_exists_opr|fi--0~boolean~jsonb,jsonpath~
pg_catalog|jsonb_path_exists_tz|fs--2~boolean~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_match|fi--2~boolean~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_match_opr|fi--0~boolean~jsonb,jsonpath~
pg_catalog|jsonb_path_match_tz|fs--2~boolean~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_query|fis-2~jsonb~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_query_array|fi--2~jsonb~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_query_array_tz|fs--2~jsonb~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_query_first|fi--2~jsonb~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_query_first_tz|fs--2~jsonb~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_path_query_tz|fss-2~jsonb~jsonb,jsonpath,jsonb,boolean~
pg_catalog|jsonb_populate_record|fs--0~anyelement~anyelement,jsonb~
pg_catalog|jsonb_populate_record_valid|fs--0~boolean~anyelement,jsonb~
pg_catalog|jsonb_populate_recordset|fss-0~anyelement~anyelement,jsonb~
pg_catalog|jsonb_pretty|fi--0~text~jsonb~
pg_catalog|jsonb_recv|fi--0~jsonb~internal~
pg_catalog|jsonb_send|fi--0~bytea~jsonb~
pg_catalog|jsonb_set|fi--1~jsonb~jsonb,text[],jsonb,boolean~
pg_catalog|jsonb_set_lax|fi--2~jsonb~jsonb,text[],jsonb,boolean,text~
pg_catalog|jsonb_strip_nulls|fi--1~jsonb~jsonb,boolean~
pg_catalog|jsonb_subscript_handler|fi--0~internal~internal~
pg_catalog|jsonb_to_record|fs--0~record~jsonb~
pg_catalog|jsonb_to_recordset|fss-0~record~jsonb~
pg_catalog|jsonb_to_tsvector|fs--0~tsvector~jsonb,jsonb~|fi--0~tsvector~regconfig,jsonb,jsonb~
pg_catalog|jsonb_typeof|fi--0~text~jsonb~
pg_catalog|jsonpath_in|fi--0~jsonpath~cstring~
pg_catalog|jsonpath_out|fi--0~cstring~jsonpath~
pg_catalog|jsonpath_recv|fi--0~jsonpath~internal~
pg_catalog|jsonpath_send|fi--0~bytea~jsonpath~
pg_catalog|justify_days|fi--0~interval~interval~
pg_catalog|justify_hours|fi--0~interval~interval~
pg_catalog|justify_interval|fi--0~interval~interval~
pg_catalog|koi8r_to_iso|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|koi8r_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|koi8r_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|koi8r_to_win1251|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|koi8r_to_win866|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|koi8u_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|lag|wi--0~anyelement~anyelement~|wi--0~anyelement~anyelement,integer~|wi--0~anycompatible~anycompatible,integer,anycompatible~
pg_catalog|language_handler_in|fi--0~language_handler~cstring~
pg_catalog|language_handler_out|fi--0~cstring~language_handler~
pg_catalog|last_value|wi--0~anyelement~anyelement~
pg_catalog|lastval|fv--0~bigint~~
pg_catalog|latin1_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|latin2_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|latin2_to_win1250|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|latin3_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|latin4_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|lcm|fi--0~integer~integer,integer~|fi--0~bigint~bigint,bigint~|fi--0~numeric~numeric,numeric~
pg_catalog|lead|wi--0~anyelement~anyelement~|wi--0~anyelement~anyelement,integer~|wi--0~anycompatible~anycompatible,integer,anycompatible~
pg_catalog|left|fi--0~text~text,integer~
pg_catalog|length|fi--0~integer~text~|fi--0~integer~character~|fi--0~double precision~lseg~|fi--0~double precision~path~|fi--0~integer~bit~|fs--0~integer~bytea,name~|fi--0~integer~bytea~|fi--0~integer~tsvector~
pg_catalog|lgamma|fi--0~double precision~double precision~
pg_catalog|like|fi--0~boolean~text,text~|fi--0~boolean~name,text~|fi--0~boolean~bytea,bytea~
pg_catalog|like_escape|fi--0~text~text,text~|fi--0~bytea~bytea,bytea~
pg_catalog|likejoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|likesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|line|fi--0~line~point,point~
pg_catalog|line_distance|fi--0~double precision~line,line~
pg_catalog|line_eq|fi--0~boolean~line,line~
pg_catalog|line_horizontal|fi--0~boolean~line~
pg_catalog|line_in|fi--0~line~cstring~
pg_catalog|line_interpt|fi--0~point~line,line~
pg_catalog|line_intersect|fi--0~boolean~line,line~
pg_catalog|line_out|fi--0~cstring~line~
pg_catalog|line_parallel|fi--0~boolean~line,line~
pg_catalog|line_perp|fi--0~boolean~line,line~
pg_catalog|line_recv|fi--0~line~internal~
pg_catalog|line_send|fi--0~bytea~line~
pg_catalog|line_vertical|fi--0~boolean~line~
pg_catalog|ln|fi--0~double precision~double precision~|fi--0~numeric~numeric~
pg_catalog|lo_close|fv--0~integer~integer~
pg_catalog|lo_creat|fv--0~oid~integer~
pg_catalog|lo_create|fv--0~oid~oid~
pg_catalog|lo_export|fv--0~integer~oid,text~
pg_catalog|lo_from_bytea|fv--0~oid~oid,bytea~
pg_catalog|lo_get|fv--0~bytea~oid~|fv--0~bytea~oid,bigint,integer~
pg_catalog|lo_import|fv--0~oid~text~|fv--0~oid~text,oid~
pg_catalog|lo_lseek|fv--0~integer~integer,integer,integer~
pg_catalog|lo_lseek64|fv--0~bigint~integer,bigint,integer~
pg_catalog|lo_open|fv--0~integer~oid,integer~
pg_catalog|lo_put|fv--0~void~oid,bigint,bytea~
pg_catalog|lo_tell|fv--0~integer~integer~
pg_catalog|lo_tell64|fv--0~bigint~integer~
pg_catalog|lo_truncate|fv--0~integer~integer,integer~
pg_catalog|lo_truncate64|fv--0~integer~integer,bigint~
pg_catalog|lo_unlink|fv--0~integer~oid~
pg_catalog|log|fi--0~double precision~double precision~|fi--0~numeric~numeric,numeric~|fi--0~numeric~numeric~
pg_catalog|log10|fi--0~double precision~double precision~|fi--0~numeric~numeric~
pg_catalog|loread|fv--0~bytea~integer,integer~
pg_catalog|lower|fi--0~text~text~|fi--0~anyelement~anyrange~|fi--0~anyelement~anymultirange~
pg_catalog|lower_inc|fi--0~boolean~anyrange~|fi--0~boolean~anymultirange~
pg_catalog|lower_inf|fi--0~boolean~anyrange~|fi--0~boolean~anymultirange~
pg_catalog|lowrite|fv--0~integer~integer,bytea~
pg_catalog|lpad|fi--0~text~text,integer,text~|fi--0~text~text,integer~
pg_catalog|lseg|fi--0~lseg~point,point~|fi--0~lseg~box~
pg_catalog|lseg_center|fi--0~point~lseg~
pg_catalog|lseg_distance|fi--0~double precision~lseg,lseg~
pg_catalog|lseg_eq|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_ge|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_gt|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_horizontal|fi--0~boolean~lseg~
pg_catalog|lseg_in|fi--0~lseg~cstring~
pg_catalog|lseg_interpt|fi--0~point~lseg,lseg~
pg_catalog|lseg_intersect|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_le|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_length|fi--0~double precision~lseg~
pg_catalog|lseg_lt|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_ne|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_out|fi--0~cstring~lseg~
pg_catalog|lseg_parallel|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_perp|fi--0~boolean~lseg,lseg~
pg_catalog|lseg_recv|fi--0~lseg~internal~
pg_catalog|lseg_send|fi--0~bytea~lseg~
pg_catalog|lseg_vertical|fi--0~boolean~lseg~
pg_catalog|ltrim|fi--0~text~text,text~|fi--0~text~text~|fi--0~bytea~bytea,bytea~
pg_catalog|macaddr|fi--0~macaddr~macaddr8~
pg_catalog|macaddr8|fi--0~macaddr8~macaddr~
pg_catalog|macaddr8_and|fi--0~macaddr8~macaddr8,macaddr8~
pg_catalog|macaddr8_cmp|fi--0~integer~macaddr8,macaddr8~
pg_catalog|macaddr8_eq|fi--0~boolean~macaddr8,macaddr8~
pg_catalog|macaddr8_ge|fi--0~boolean~macaddr8,macaddr8~
pg_catalog|macaddr8_gt|fi--0~boolean~macaddr8,macaddr8~
pg_catalog|macaddr8_in|fi--0~macaddr8~cstring~
pg_catalog|macaddr8_le|fi--0~boolean~macaddr8,macaddr8~
pg_catalog|macaddr8_lt|fi--0~boolean~macaddr8,macaddr8~
pg_catalog|macaddr8_ne|fi--0~boolean~macaddr8,macaddr8~
pg_catalog|macaddr8_not|fi--0~macaddr8~macaddr8~
pg_catalog|macaddr8_or|fi--0~macaddr8~macaddr8,macaddr8~
pg_catalog|macaddr8_out|fi--0~cstring~macaddr8~
pg_catalog|macaddr8_recv|fi--0~macaddr8~internal~
pg_catalog|macaddr8_send|fi--0~bytea~macaddr8~
pg_catalog|macaddr8_set7bit|fi--0~macaddr8~macaddr8~
pg_catalog|macaddr_and|fi--0~macaddr~macaddr,macaddr~
pg_catalog|macaddr_cmp|fi--0~integer~macaddr,macaddr~
pg_catalog|macaddr_eq|fi--0~boolean~macaddr,macaddr~
pg_catalog|macaddr_ge|fi--0~boolean~macaddr,macaddr~
pg_catalog|macaddr_gt|fi--0~boolean~macaddr,macaddr~
pg_catalog|macaddr_in|fi--0~macaddr~cstring~
pg_catalog|macaddr_le|fi--0~boolean~macaddr,macaddr~
pg_catalog|macaddr_lt|fi--0~boolean~macaddr,macaddr~
pg_catalog|macaddr_ne|fi--0~boolean~macaddr,macaddr~
pg_catalog|macaddr_not|fi--0~macaddr~macaddr~
pg_catalog|macaddr_or|fi--0~macaddr~macaddr,macaddr~
pg_catalog|macaddr_out|fi--0~cstring~macaddr~
pg_catalog|macaddr_recv|fi--0~macaddr~internal~
pg_catalog|macaddr_send|fi--0~bytea~macaddr~
pg_catalog|macaddr_sortsupport|fi--0~void~internal~
pg_catalog|make_date|fi--0~date~integer,integer,integer~
pg_catalog|make_interval|fi--7~interval~integer,integer,integer,integer,integer,integer,double precision~
pg_catalog|make_time|fi--0~time without time zone~integer,integer,double precision~
pg_catalog|make_timestamp|fi--0~timestamp without time zone~integer,integer,integer,integer,integer,double precision~
pg_catalog|make_timestamptz|fs--0~timestamp with time zone~integer,integer,integer,integer,integer,double precision~|fs--0~timestamp with time zone~integer,integer,integer,integer,integer,double precision,text~
pg_catalog|makeaclitem|fi--0~aclitem~oid,oid,text,boolean~
pg_catalog|masklen|fi--0~integer~inet~
pg_catalog|matchingjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|matchingsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|max|ai--0~anyarray~anyarray~|ai--0~bigint~bigint~|ai--0~integer~integer~|ai--0~smallint~smallint~|ai--0~oid~oid~|ai--0~real~real~|ai--0~double precision~double precision~|ai--0~date~date~|ai--0~time without time zone~time without time zone~|ai--0~time with time zone~time with time zone~|ai--0~money~money~|ai--0~timestamp without time zone~timestamp without time zone~|ai--0~timestamp with time zone~timestamp with time zone~|ai--0~interval~interval~|ai--0~text~text~|ai--0~numeric~numeric~|ai--0~character~character~|ai--0~tid~tid~|ai--0~anyenum~anyenum~|ai--0~inet~inet~|ai--0~pg_lsn~pg_lsn~|ai--0~xid8~xid8~|ai--0~record~record~|ai--0~bytea~bytea~
pg_catalog|md5|fi--0~text~text~|fi--0~text~bytea~
pg_catalog|mic_to_big5|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_euc_cn|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_euc_jp|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_euc_kr|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_euc_tw|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_iso|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_koi8r|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_latin1|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_latin2|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_latin3|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_latin4|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_sjis|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_win1250|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_win1251|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|mic_to_win866|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|min|ai--0~anyarray~anyarray~|ai--0~bigint~bigint~|ai--0~integer~integer~|ai--0~smallint~smallint~|ai--0~oid~oid~|ai--0~real~real~|ai--0~double precision~double precision~|ai--0~date~date~|ai--0~time without time zone~time without time zone~|ai--0~time with time zone~time with time zone~|ai--0~money~money~|ai--0~timestamp without time zone~timestamp without time zone~|ai--0~timestamp with time zone~timestamp with time zone~|ai--0~interval~interval~|ai--0~text~text~|ai--0~numeric~numeric~|ai--0~character~character~|ai--0~tid~tid~|ai--0~anyenum~anyenum~|ai--0~inet~inet~|ai--0~pg_lsn~pg_lsn~|ai--0~xid8~xid8~|ai--0~record~record~|ai--0~bytea~bytea~
pg_catalog|min_scale|fi--0~integer~numeric~
pg_catalog|mod|fi--0~smallint~smallint,smallint~|fi--0~integer~integer,integer~|fi--0~bigint~bigint,bigint~|fi--0~numeric~numeric,numeric~
pg_catalog|mode|ai--0~anyelement~anyelement~
pg_catalog|mode_final|fi--0~anyelement~internal,anyelement~
pg_catalog|money|fs--0~money~integer~|fs--0~money~bigint~|fs--0~money~numeric~
pg_catalog|mul_d_interval|fi--0~interval~double precision,interval~
pg_catalog|multirange|fi--0~anymultirange~anyrange~
pg_catalog|multirange_adjacent_multirange|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_adjacent_range|fi--0~boolean~anymultirange,anyrange~
pg_catalog|multirange_after_multirange|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_after_range|fi--0~boolean~anymultirange,anyrange~
pg_catalog|multirange_agg_finalfn|fi--0~anymultirange~internal,anymultirange~
pg_catalog|multirange_agg_transfn|fi--0~internal~internal,anymultirange~
pg_catalog|multirange_before_multirange|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_before_range|fi--0~boolean~anymultirange,anyrange~
pg_catalog|multirange_cmp|fi--0~integer~anymultirange,anymultirange~
pg_catalog|multirange_contained_by_multirange|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_contained_by_range|fi--0~boolean~anymultirange,anyrange~
pg_catalog|multirange_contains_elem|fi--0~boolean~anymultirange,anyelement~
pg_catalog|multirange_contains_multirange|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_contains_range|fi--0~boolean~anymultirange,anyrange~
pg_catalog|multirange_eq|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_ge|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_gist_compress|fi--0~internal~internal~
pg_catalog|multirange_gist_consistent|fi--0~boolean~internal,anymultirange,smallint,oid,internal~
pg_catalog|multirange_gt|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_in|fs--0~anymultirange~cstring,oid,integer~
pg_catalog|multirange_intersect|fi--0~anymultirange~anymultirange,anymultirange~
pg_catalog|multirange_intersect_agg_transfn|fi--0~anymultirange~anymultirange,anymultirange~
pg_catalog|multirange_le|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_lt|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_minus|fi--0~anymultirange~anymultirange,anymultirange~
pg_catalog|multirange_ne|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_out|fs--0~cstring~anymultirange~
pg_catalog|multirange_overlaps_multirange|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_overlaps_range|fi--0~boolean~anymultirange,anyrange~
pg_catalog|multirange_overleft_multirange|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_overleft_range|fi--0~boolean~anymultirange,anyrange~
pg_catalog|multirange_overright_multirange|fi--0~boolean~anymultirange,anymultirange~
pg_catalog|multirange_overright_range|fi--0~boolean~anymultirange,anyrange~
pg_catalog|multirange_recv|fs--0~anymultirange~internal,oid,integer~
pg_catalog|multirange_send|fs--0~bytea~anymultirange~
pg_catalog|multirange_typanalyze|fs--0~boolean~internal~
pg_catalog|multirange_union|fi--0~anymultirange~anymultirange,anymultirange~
pg_catalog|multirangesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|mxid_age|fs--0~integer~xid~
pg_catalog|name|fi--0~name~text~|fi--0~name~character~|fi--0~name~character varying~
pg_catalog|nameconcatoid|fi--0~name~name,oid~
pg_catalog|nameeq|fi--0~boolean~name,name~
pg_catalog|nameeqtext|fi--0~boolean~name,text~
pg_catalog|namege|fi--0~boolean~name,name~
pg_catalog|namegetext|fi--0~boolean~name,text~
pg_catalog|namegt|fi--0~boolean~name,name~
pg_catalog|namegttext|fi--0~boolean~name,text~
pg_catalog|nameiclike|fi--0~boolean~name,text~
pg_catalog|nameicnlike|fi--0~boolean~name,text~
pg_catalog|nameicregexeq|fi--0~boolean~name,text~
pg_catalog|nameicregexne|fi--0~boolean~name,text~
pg_catalog|namein|fi--0~name~cstring~
pg_catalog|namele|fi--0~boolean~name,name~
pg_catalog|nameletext|fi--0~boolean~name,text~
pg_catalog|namelike|fi--0~boolean~name,text~
pg_catalog|namelt|fi--0~boolean~name,name~
pg_catalog|namelttext|fi--0~boolean~name,text~
pg_catalog|namene|fi--0~boolean~name,name~
pg_catalog|namenetext|fi--0~boolean~name,text~
pg_catalog|namenlike|fi--0~boolean~name,text~
pg_catalog|nameout|fi--0~cstring~name~
pg_catalog|namerecv|fs--0~name~internal~
pg_catalog|nameregexeq|fi--0~boolean~name,text~
pg_catalog|nameregexne|fi--0~boolean~name,text~
pg_catalog|namesend|fs--0~bytea~name~
pg_catalog|neqjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|neqsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|netmask|fi--0~inet~inet~
pg_catalog|network|fi--0~cidr~inet~
pg_catalog|network_cmp|fi--0~integer~inet,inet~
pg_catalog|network_eq|fi--0~boolean~inet,inet~
pg_catalog|network_ge|fi--0~boolean~inet,inet~
pg_catalog|network_gt|fi--0~boolean~inet,inet~
pg_catalog|network_larger|fi--0~inet~inet,inet~
pg_catalog|network_le|fi--0~boolean~inet,inet~
pg_catalog|network_lt|fi--0~boolean~inet,inet~
pg_catalog|network_ne|fi--0~boolean~inet,inet~
pg_catalog|network_overlap|fi--0~boolean~inet,inet~
pg_catalog|network_smaller|fi--0~inet~inet,inet~
pg_catalog|network_sortsupport|fi--0~void~internal~
pg_catalog|network_sub|fi--0~boolean~inet,inet~
pg_catalog|network_subeq|fi--0~boolean~inet,inet~
pg_catalog|network_subset_support|fi--0~internal~internal~
pg_catalog|network_sup|fi--0~boolean~inet,inet~
pg_catalog|network_supeq|fi--0~boolean~inet,inet~
pg_catalog|networkjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|networksel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|nextval|fv--0~bigint~regclass~
pg_catalog|nlikejoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|nlikesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|normalize|fi--1~text~text,text~
pg_catalog|notlike|fi--0~boolean~text,text~|fi--0~boolean~name,text~|fi--0~boolean~bytea,bytea~
pg_catalog|now|fs--0~timestamp with time zone~~
pg_catalog|npoints|fi--0~integer~path~|fi--0~integer~polygon~
pg_catalog|nth_value|wi--0~anyelement~anyelement,integer~
pg_catalog|ntile|wi--0~integer~integer~
pg_catalog|num_nonnulls|fi-v0~integer~"any"~
pg_catalog|num_nulls|fi-v0~integer~"any"~
pg_catalog|numeric|fi--0~numeric~numeric,integer~|fi--0~numeric~integer~|fi--0~numeric~real~|fi--0~numeric~double precision~|fi--0~numeric~bigint~|fi--0~numeric~smallint~|fi--0~numeric~jsonb~|fs--0~numeric~money~
pg_catalog|numeric_abs|fi--0~numeric~numeric~
pg_catalog|numeric_accum|fi--0~internal~internal,numeric~
pg_catalog|numeric_accum_inv|fi--0~internal~internal,numeric~
pg_catalog|numeric_add|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_avg|fi--0~numeric~internal~
pg_catalog|numeric_avg_accum|fi--0~internal~internal,numeric~
pg_catalog|numeric_avg_combine|fi--0~internal~internal,internal~
pg_catalog|numeric_avg_deserialize|fi--0~internal~bytea,internal~
pg_catalog|numeric_avg_serialize|fi--0~bytea~internal~
pg_catalog|numeric_cmp|fi--0~integer~numeric,numeric~
pg_catalog|numeric_combine|fi--0~internal~internal,internal~
pg_catalog|numeric_deserialize|fi--0~internal~bytea,internal~
pg_catalog|numeric_div|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_div_trunc|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_eq|fi--0~boolean~numeric,numeric~
pg_catalog|numeric_exp|fi--0~numeric~numeric~
pg_catalog|numeric_ge|fi--0~boolean~numeric,numeric~
pg_catalog|numeric_gt|fi--0~boolean~numeric,numeric~
pg_catalog|numeric_in|fi--0~numeric~cstring,oid,integer~
pg_catalog|numeric_inc|fi--0~numeric~numeric~
pg_catalog|numeric_larger|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_le|fi--0~boolean~numeric,numeric~
pg_catalog|numeric_ln|fi--0~numeric~numeric~
pg_catalog|numeric_log|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_lt|fi--0~boolean~numeric,numeric~
pg_catalog|numeric_mod|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_mul|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_ne|fi--0~boolean~numeric,numeric~
pg_catalog|numeric_out|fi--0~cstring~numeric~
pg_catalog|numeric_pl_pg_lsn|fi--0~pg_lsn~numeric,pg_lsn~
pg_catalog|numeric_poly_avg|fi--0~numeric~internal~
pg_catalog|numeric_poly_combine|fi--0~internal~internal,internal~
pg_catalog|numeric_poly_deserialize|fi--0~internal~bytea,internal~
pg_catalog|numeric_poly_serialize|fi--0~bytea~internal~
pg_catalog|numeric_poly_stddev_pop|fi--0~numeric~internal~
pg_catalog|numeric_poly_stddev_samp|fi--0~numeric~internal~
pg_catalog|numeric_poly_sum|fi--0~numeric~internal~
pg_catalog|numeric_poly_var_pop|fi--0~numeric~internal~
pg_catalog|numeric_poly_var_samp|fi--0~numeric~internal~
pg_catalog|numeric_power|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_recv|fi--0~numeric~internal,oid,integer~
pg_catalog|numeric_send|fi--0~bytea~numeric~
pg_catalog|numeric_serialize|fi--0~bytea~internal~
pg_catalog|numeric_smaller|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_sortsupport|fi--0~void~internal~
pg_catalog|numeric_sqrt|fi--0~numeric~numeric~
pg_catalog|numeric_stddev_pop|fi--0~numeric~internal~
pg_catalog|numeric_stddev_samp|fi--0~numeric~internal~
pg_catalog|numeric_sub|fi--0~numeric~numeric,numeric~
pg_catalog|numeric_sum|fi--0~numeric~internal~
pg_catalog|numeric_support|fi--0~internal~internal~
pg_catalog|numeric_uminus|fi--0~numeric~numeric~
pg_catalog|numeric_uplus|fi--0~numeric~numeric~
pg_catalog|numeric_var_pop|fi--0~numeric~internal~
pg_catalog|numeric_var_samp|fi--0~numeric~internal~
pg_catalog|numerictypmodin|fi--0~integer~cstring[]~
pg_catalog|numerictypmodout|fi--0~cstring~integer~
pg_catalog|nummultirange|fi--0~nummultirange~~|fi--0~nummultirange~numrange~|fi-v0~nummultirange~numrange[]~
pg_catalog|numnode|fi--0~integer~tsquery~
pg_catalog|numrange|fi--0~numrange~numeric,numeric~|fi--0~numrange~numeric,numeric,text~
pg_catalog|numrange_subdiff|fi--0~double precision~numeric,numeric~
pg_catalog|obj_description|fs--0~text~oid,name~|fs--0~text~oid~
pg_catalog|octet_length|fi--0~integer~bytea~|fi--0~integer~text~|fi--0~integer~character~|fi--0~integer~bit~
pg_catalog|oid|fi--0~oid~bigint~
pg_catalog|oideq|fi--0~boolean~oid,oid~
pg_catalog|oidge|fi--0~boolean~oid,oid~
pg_catalog|oidgt|fi--0~boolean~oid,oid~
pg_catalog|oidin|fi--0~oid~cstring~
pg_catalog|oidlarger|fi--0~oid~oid,oid~
pg_catalog|oidle|fi--0~boolean~oid,oid~
pg_catalog|oidlt|fi--0~boolean~oid,oid~
pg_catalog|oidne|fi--0~boolean~oid,oid~
pg_catalog|oidout|fi--0~cstring~oid~
pg_catalog|oidrecv|fi--0~oid~internal~
pg_catalog|oidsend|fi--0~bytea~oid~
pg_catalog|oidsmaller|fi--0~oid~oid,oid~
pg_catalog|oidvectoreq|fi--0~boolean~oidvector,oidvector~
pg_catalog|oidvectorge|fi--0~boolean~oidvector,oidvector~
pg_catalog|oidvectorgt|fi--0~boolean~oidvector,oidvector~
pg_catalog|oidvectorin|fi--0~oidvector~cstring~
pg_catalog|oidvectorle|fi--0~boolean~oidvector,oidvector~
pg_catalog|oidvectorlt|fi--0~boolean~oidvector,oidvector~
pg_catalog|oidvectorne|fi--0~boolean~oidvector,oidvector~
pg_catalog|oidvectorout|fi--0~cstring~oidvector~
pg_catalog|oidvectorrecv|fi--0~oidvector~internal~
pg_catalog|oidvectorsend|fi--0~bytea~oidvector~
pg_catalog|oidvectortypes|fs--0~text~oidvector~
pg_catalog|on_pb|fi--0~boolean~point,box~
pg_catalog|on_pl|fi--0~boolean~point,line~
pg_catalog|on_ppath|fi--0~boolean~point,path~
pg_catalog|on_ps|fi--0~boolean~point,lseg~
pg_catalog|on_sb|fi--0~boolean~lseg,box~
pg_catalog|on_sl|fi--0~boolean~lseg,line~
pg_catalog|ordered_set_transition|fi--0~internal~internal,"any"~
pg_catalog|ordered_set_transition_multi|fi-v0~internal~internal,"any"~
pg_catalog|overlaps|fi--0~boolean~time with time zone,time with time zone,time with time zone,time with time zone~|fi--0~boolean~timestamp with time zone,timestamp with time zone,timestamp with time zone,timestamp with time zone~|fs--0~boolean~timestamp with time zone,interval,timestamp with time zone,interval~|fs--0~boolean~timestamp with time zone,timestamp with time zone,timestamp with time zone,interval~|fs--0~boolean~timestamp with time zone,interval,timestamp with time zone,timestamp with time zone~|fi--0~boolean~time without time zone,time without time zone,time without time zone,time without time zone~|fi--0~boolean~time without time zone,interval,time without time zone,interval~|fi--0~boolean~time without time zone,time without time zone,time without time zone,interval~|fi--0~boolean~time without time zone,interval,time without time zone,time without time zone~|fi--0~boolean~timestamp without time zone,timestamp without time zone,timestamp without time zone,timestamp without time zone~|fi--0~boolean~timestamp without time zone,interval,timestamp without time zone,interval~|fi--0~boolean~timestamp without time zone,timestamp without time zone,timestamp without time zone,interval~|fi--0~boolean~timestamp without time zone,interval,timestamp without time zone,timestamp without time zone~
pg_catalog|overlay|fi--0~bytea~bytea,bytea,integer,integer~|fi--0~bytea~bytea,bytea,integer~|fi--0~text~text,text,integer,integer~|fi--0~text~text,text,integer~|fi--0~bit~bit,bit,integer,integer~|fi--0~bit~bit,bit,integer~
pg_catalog|parse_ident|fi--1~text[]~text,boolean~
pg_catalog|path|fi--0~path~polygon~
pg_catalog|path_add|fi--0~path~path,path~
pg_catalog|path_add_pt|fi--0~path~path,point~
pg_catalog|path_contain_pt|fi--0~boolean~path,point~
pg_catalog|path_distance|fi--0~double precision~path,path~
pg_catalog|path_div_pt|fi--0~path~path,point~
pg_catalog|path_in|fi--0~path~cstring~
pg_catalog|path_inter|fi--0~boolean~path,path~
pg_catalog|path_length|fi--0~double precision~path~
pg_catalog|path_mul_pt|fi--0~path~path,point~
pg_catalog|path_n_eq|fi--0~boolean~path,path~
pg_catalog|path_n_ge|fi--0~boolean~path,path~
pg_catalog|path_n_gt|fi--0~boolean~path,path~
pg_catalog|path_n_le|fi--0~boolean~path,path~
pg_catalog|path_n_lt|fi--0~boolean~path,path~
pg_catalog|path_npoints|fi--0~integer~path~
pg_catalog|path_out|fi--0~cstring~path~
pg_catalog|path_recv|fi--0~path~internal~
pg_catalog|path_send|fi--0~bytea~path~
pg_catalog|path_sub_pt|fi--0~path~path,point~
pg_catalog|pclose|fi--0~path~path~
pg_catalog|percent_rank|wi--0~double precision~~|ai-v0~double precision~"any"~
pg_catalog|percent_rank_final|fi-v0~double precision~internal,"any"~
pg_catalog|percentile_cont|ai--0~double precision~double precision,double precision~|ai--0~interval~double precision,interval~|ai--0~double precision[]~double precision[],double precision~|ai--0~interval[]~double precision[],interval~
pg_catalog|percentile_cont_float8_final|fi--0~double precision~internal,double precision~
pg_catalog|percentile_cont_float8_multi_final|fi--0~double precision[]~internal,double precision[]~
pg_catalog|percentile_cont_interval_final|fi--0~interval~internal,double precision~
pg_catalog|percentile_cont_interval_multi_final|fi--0~interval[]~internal,double precision[]~
pg_catalog|percentile_disc|ai--0~anyelement~double precision,anyelement~|ai--0~anyarray~double precision[],anyelement~
pg_catalog|percentile_disc_final|fi--0~anyelement~internal,double precision,anyelement~
pg_catalog|percentile_disc_multi_final|fi--0~anyarray~internal,double precision[],anyelement~
pg_catalog|pg_advisory_lock|fv--0~void~bigint~|fv--0~void~integer,integer~
pg_catalog|pg_advisory_lock_shared|fv--0~void~bigint~|fv--0~void~integer,integer~
pg_catalog|pg_advisory_unlock|fv--0~boolean~bigint~|fv--0~boolean~integer,integer~
pg_catalog|pg_advisory_unlock_all|fv--0~void~~
pg_catalog|pg_advisory_unlock_shared|fv--0~boolean~bigint~|fv--0~boolean~integer,integer~
pg_catalog|pg_advisory_xact_lock|fv--0~void~bigint~|fv--0~void~integer,integer~
pg_catalog|pg_advisory_xact_lock_shared|fv--0~void~bigint~|fv--0~void~integer,integer~
pg_catalog|pg_available_extension_versions|fss-0~record~~name:name,version:text,superuser:boolean,trusted:boolean,relocatable:boolean,schema:name,requires:name[],comment:text
pg_catalog|pg_available_extensions|fss-0~record~~name:name,default_version:text,comment:text
pg_catalog|pg_available_wal_summaries|fvs-0~record~~tli:bigint,start_lsn:pg_lsn,end_lsn:pg_lsn
pg_catalog|pg_backend_pid|fs--0~integer~~
pg_catalog|pg_backup_start|fv--1~pg_lsn~text,boolean~
pg_catalog|pg_backup_stop|fv--1~record~boolean~lsn:pg_lsn,labelfile:text,spcmapfile:text
pg_catalog|pg_basetype|fs--0~regtype~regtype~
pg_catalog|pg_blocking_pids|fv--0~integer[]~integer~
pg_catalog|pg_cancel_backend|fv--0~boolean~integer~
pg_catalog|pg_char_to_encoding|fs--0~integer~name~
pg_catalog|pg_clear_attribute_stats|fv--0~void~text,text,text,boolean~
pg_catalog|pg_clear_relation_stats|fv--0~void~text,text~
pg_catalog|pg_client_encoding|fs--0~name~~
pg_catalog|pg_collation_actual_version|fv--0~text~oid~
pg_catalog|pg_collation_for|fs--0~text~"any"~
pg_catalog|pg_collation_is_visible|fs--0~boolean~oid~
pg_catalog|pg_column_compression|fs--0~text~"any"~
pg_catalog|pg_column_is_updatable|fs--0~boolean~regclass,smallint,boolean~
pg_catalog|pg_column_size|fs--0~integer~"any"~
pg_catalog|pg_column_toast_chunk_id|fs--0~oid~"any"~
pg_catalog|pg_conf_load_time|fs--0~timestamp with time zone~~
pg_catalog|pg_config|fss-0~record~~name:text,setting:text
pg_catalog|pg_control_checkpoint|fv--0~record~~checkpoint_lsn:pg_lsn,redo_lsn:pg_lsn,redo_wal_file:text,timeline_id:integer,prev_timeline_id:integer,full_page_writes:boolean,next_xid:text,next_oid:oid,next_multixact_id:xid,next_multi_offset:xid,oldest_xid:xid,oldest_xid_dbid:oid,oldest_active_xid:xid,oldest_multi_xid:xid,oldest_multi_dbid:oid,oldest_commit_ts_xid:xid,newest_commit_ts_xid:xid,checkpoint_time:timestamp with time zone
pg_catalog|pg_control_init|fv--0~record~~max_data_alignment:integer,database_block_size:integer,blocks_per_segment:integer,wal_block_size:integer,bytes_per_wal_segment:integer,max_identifier_length:integer,max_index_columns:integer,max_toast_chunk_size:integer,large_object_chunk_size:integer,float8_pass_by_value:boolean,data_page_checksum_version:integer,default_char_signedness:boolean
pg_catalog|pg_control_recovery|fv--0~record~~min_recovery_end_lsn:pg_lsn,min_recovery_end_timeline:integer,backup_start_lsn:pg_lsn,backup_end_lsn:pg_lsn,end_of_backup_record_required:boolean
pg_catalog|pg_control_system|fv--0~record~~pg_control_version:integer,catalog_version_no:integer,system_identifier:bigint,pg_control_last_modified:timestamp with time zone
pg_catalog|pg_conversion_is_visible|fs--0~boolean~oid~
pg_catalog|pg_copy_logical_replication_slot|fv--0~record~name,name,boolean,name~slot_name:name,lsn:pg_lsn|fv--0~record~name,name,boolean~slot_name:name,lsn:pg_lsn|fv--0~record~name,name~slot_name:name,lsn:pg_lsn
pg_catalog|pg_copy_physical_replication_slot|fv--0~record~name,name,boolean~slot_name:name,lsn:pg_lsn|fv--0~record~name,name~slot_name:name,lsn:pg_lsn
pg_catalog|pg_create_logical_replication_slot|fv--3~record~name,name,boolean,boolean,boolean~slot_name:name,lsn:pg_lsn
pg_catalog|pg_create_physical_replication_slot|fv--2~record~name,boolean,boolean~slot_name:name,lsn:pg_lsn
pg_catalog|pg_create_restore_point|fv--0~pg_lsn~text~
pg_catalog|pg_current_logfile|fv--0~text~~|fv--0~text~text~
pg_catalog|pg_current_snapshot|fs--0~pg_snapshot~~
pg_catalog|pg_current_wal_flush_lsn|fv--0~pg_lsn~~
pg_catalog|pg_current_wal_insert_lsn|fv--0~pg_lsn~~
pg_catalog|pg_current_wal_lsn|fv--0~pg_lsn~~
pg_catalog|pg_current_xact_id|fs--0~xid8~~
pg_catalog|pg_current_xact_id_if_assigned|fs--0~xid8~~
pg_catalog|pg_cursor|fss-0~record~~name:text,statement:text,is_holdable:boolean,is_binary:boolean,is_scrollable:boolean,creation_time:timestamp with time zone
pg_catalog|pg_database_collation_actual_version|fv--0~text~oid~
pg_catalog|pg_database_size|fv--0~bigint~name~|fv--0~bigint~oid~
pg_catalog|pg_ddl_command_in|fi--0~pg_ddl_command~cstring~
pg_catalog|pg_ddl_command_out|fi--0~cstring~pg_ddl_command~
pg_catalog|pg_ddl_command_recv|fi--0~pg_ddl_command~internal~
pg_catalog|pg_ddl_command_send|fi--0~bytea~pg_ddl_command~
pg_catalog|pg_dependencies_in|fi--0~pg_dependencies~cstring~
pg_catalog|pg_dependencies_out|fi--0~cstring~pg_dependencies~
pg_catalog|pg_dependencies_recv|fs--0~pg_dependencies~internal~
pg_catalog|pg_dependencies_send|fs--0~bytea~pg_dependencies~
pg_catalog|pg_describe_object|fs--0~text~oid,oid,integer~
pg_catalog|pg_drop_replication_slot|fv--0~void~name~
pg_catalog|pg_encoding_max_length|fi--0~integer~integer~
pg_catalog|pg_encoding_to_char|fs--0~name~integer~
pg_catalog|pg_event_trigger_ddl_commands|fss-0~record~~classid:oid,objid:oid,objsubid:integer,command_tag:text,object_type:text,schema_name:text,object_identity:text,in_extension:boolean,command:pg_ddl_command
pg_catalog|pg_event_trigger_dropped_objects|fss-0~record~~classid:oid,objid:oid,objsubid:integer,original:boolean,normal:boolean,is_temporary:boolean,object_type:text,schema_name:text,object_name:text,object_identity:text,address_names:text[],address_args:text[]
pg_catalog|pg_event_trigger_table_rewrite_oid|fs--0~oid~~oid:oid
pg_catalog|pg_event_trigger_table_rewrite_reason|fs--0~integer~~
pg_catalog|pg_export_snapshot|fv--0~text~~
pg_catalog|pg_extension_config_dump|fv--0~void~regclass,text~
pg_catalog|pg_extension_update_paths|fss-0~record~name~source:text,target:text,path:text
pg_catalog|pg_filenode_relation|fs--0~regclass~oid,oid~
pg_catalog|pg_function_is_visible|fs--0~boolean~oid~
pg_catalog|pg_get_acl|fs--0~aclitem[]~oid,oid,integer~
pg_catalog|pg_get_aios|fvs-0~record~~pid:integer,io_id:integer,io_generation:bigint,state:text,operation:text,off:bigint,length:bigint,target:text,handle_data_len:smallint,raw_result:integer,result:text,target_desc:text,f_sync:boolean,f_localmem:boolean,f_buffered:boolean
pg_catalog|pg_get_backend_memory_contexts|fvs-0~record~~name:text,ident:text,type:text,level:integer,path:integer[],total_bytes:bigint,total_nblocks:bigint,free_bytes:bigint,free_chunks:bigint,used_bytes:bigint
pg_catalog|pg_get_catalog_foreign_keys|fss-0~record~~fktable:regclass,fkcols:text[],pktable:regclass,pkcols:text[],is_array:boolean,is_opt:boolean
pg_catalog|pg_get_constraintdef|fs--0~text~oid~|fs--0~text~oid,boolean~
pg_catalog|pg_get_expr|fs--0~text~pg_node_tree,oid~|fs--0~text~pg_node_tree,oid,boolean~
pg_catalog|pg_get_function_arg_default|fs--0~text~oid,integer~
pg_catalog|pg_get_function_arguments|fs--0~text~oid~
pg_catalog|pg_get_function_identity_arguments|fs--0~text~oid~
pg_catalog|pg_get_function_result|fs--0~text~oid~
pg_catalog|pg_get_function_sqlbody|fs--0~text~oid~
pg_catalog|pg_get_functiondef|fs--0~text~oid~
pg_catalog|pg_get_indexdef|fs--0~text~oid~|fs--0~text~oid,integer,boolean~
pg_catalog|pg_get_keywords|fss-0~record~~word:text,catcode:"char",barelabel:boolean,catdesc:text,baredesc:text
pg_catalog|pg_get_loaded_modules|fvs-0~record~~module_name:text,version:text,file_name:text
pg_catalog|pg_get_multixact_members|fvs-0~record~xid~xid:xid,mode:text
pg_catalog|pg_get_object_address|fs--0~record~text,text[],text[]~classid:oid,objid:oid,objsubid:integer
pg_catalog|pg_get_partition_constraintdef|fs--0~text~oid~
pg_catalog|pg_get_partkeydef|fs--0~text~oid~
pg_catalog|pg_get_publication_tables|fssv0~record~text[]~pubid:oid,relid:oid,attrs:int2vector,qual:pg_node_tree
pg_catalog|pg_get_replica_identity_index|fs--0~regclass~regclass~
pg_catalog|pg_get_replication_slots|fss-0~record~~slot_name:name,plugin:name,slot_type:text,datoid:oid,temporary:boolean,active:boolean,active_pid:integer,xmin:xid,catalog_xmin:xid,restart_lsn:pg_lsn,confirmed_flush_lsn:pg_lsn,wal_status:text,safe_wal_size:bigint,two_phase:boolean,two_phase_at:pg_lsn,inactive_since:timestamp with time zone,conflicting:boolean,invalidation_reason:text,failover:boolean,synced:boolean
pg_catalog|pg_get_ruledef|fs--0~text~oid~|fs--0~text~oid,boolean~
pg_catalog|pg_get_sequence_data|fv--0~record~regclass~last_value:bigint,is_called:boolean
pg_catalog|pg_get_serial_sequence|fs--0~text~text,text~
pg_catalog|pg_get_shmem_allocations|fvs-0~record~~name:text,off:bigint,size:bigint,allocated_size:bigint
pg_catalog|pg_get_shmem_allocations_numa|fvs-0~record~~name:text,numa_node:integer,size:bigint
pg_catalog|pg_get_statisticsobjdef|fs--0~text~oid~
pg_catalog|pg_get_statisticsobjdef_columns|fs--0~text~oid~
pg_catalog|pg_get_statisticsobjdef_expressions|fs--0~text[]~oid~
pg_catalog|pg_get_triggerdef|fs--0~text~oid~|fs--0~text~oid,boolean~
pg_catalog|pg_get_userbyid|fs--0~name~oid~
pg_catalog|pg_get_viewdef|fs--0~text~text~|fs--0~text~oid~|fs--0~text~text,boolean~|fs--0~text~oid,boolean~|fs--0~text~oid,integer~
pg_catalog|pg_get_wait_events|fvs-0~record~~type:text,name:text,description:text
pg_catalog|pg_get_wal_replay_pause_state|fv--0~text~~
pg_catalog|pg_get_wal_resource_managers|fvs-0~record~~rm_id:integer,rm_name:text,rm_builtin:boolean
pg_catalog|pg_get_wal_summarizer_state|fv--0~record~~summarized_tli:bigint,summarized_lsn:pg_lsn,pending_lsn:pg_lsn,summarizer_pid:integer
pg_catalog|pg_has_role|fs--0~boolean~name,name,text~|fs--0~boolean~name,oid,text~|fs--0~boolean~oid,name,text~|fs--0~boolean~oid,oid,text~|fs--0~boolean~name,text~|fs--0~boolean~oid,text~
pg_catalog|pg_hba_file_rules|fvs-0~record~~rule_number:integer,file_name:text,line_number:integer,type:text,database:text[],user_name:text[],address:text,netmask:text,auth_method:text,options:text[],error:text
pg_catalog|pg_ident_file_mappings|fvs-0~record~~map_number:integer,file_name:text,line_number:integer,map_name:text,sys_name:text,pg_username:text,error:text
pg_catalog|pg_identify_object|fs--0~record~oid,oid,integer~type:text,schema:text,name:text,identity:text
pg_catalog|pg_identify_object_as_address|fs--0~record~oid,oid,integer~type:text,object_names:text[],object_args:text[]
pg_catalog|pg_import_system_collations|fv--0~integer~regnamespace~
pg_catalog|pg_index_column_has_property|fs--0~boolean~regclass,integer,text~
pg_catalog|pg_index_has_property|fs--0~boolean~regclass,text~
pg_catalog|pg_indexam_has_property|fs--0~boolean~oid,text~
pg_catalog|pg_indexam_progress_phasename|fi--0~text~oid,bigint~
pg_catalog|pg_indexes_size|fv--0~bigint~regclass~
pg_catalog|pg_input_error_info|fs--0~record~text,text~message:text,detail:text,hint:text,sql_error_code:text
pg_catalog|pg_input_is_valid|fs--0~boolean~text,text~
pg_catalog|pg_is_in_recovery|fv--0~boolean~~
pg_catalog|pg_is_other_temp_schema|fs--0~boolean~oid~
pg_catalog|pg_is_wal_replay_paused|fv--0~boolean~~
pg_catalog|pg_isolation_test_session_is_blocked|fv--0~boolean~integer,integer[]~
pg_catalog|pg_jit_available|fv--0~boolean~~
pg_catalog|pg_last_committed_xact|fv--0~record~~xid:xid,timestamp:timestamp with time zone,roident:oid
pg_catalog|pg_last_wal_receive_lsn|fv--0~pg_lsn~~
pg_catalog|pg_last_wal_replay_lsn|fv--0~pg_lsn~~
pg_catalog|pg_last_xact_replay_timestamp|fv--0~timestamp with time zone~~
pg_catalog|pg_listening_channels|fss-0~text~~
pg_catalog|pg_lock_status|fvs-0~record~~locktype:text,database:oid,relation:oid,page:integer,tuple:smallint,virtualxid:text,transactionid:xid,classid:oid,objid:oid,objsubid:smallint,virtualtransaction:text,pid:integer,mode:text,granted:boolean,fastpath:boolean,waitstart:timestamp with time zone
pg_catalog|pg_log_backend_memory_contexts|fv--0~boolean~integer~
pg_catalog|pg_log_standby_snapshot|fv--0~pg_lsn~~
pg_catalog|pg_logical_emit_message|fv--1~pg_lsn~boolean,text,text,boolean~|fv--1~pg_lsn~boolean,text,bytea,boolean~
pg_catalog|pg_logical_slot_get_binary_changes|fvsv1~record~name,pg_lsn,integer,text[]~lsn:pg_lsn,xid:xid,data:bytea
pg_catalog|pg_logical_slot_get_changes|fvsv1~record~name,pg_lsn,integer,text[]~lsn:pg_lsn,xid:xid,data:text
pg_catalog|pg_logical_slot_peek_binary_changes|fvsv1~record~name,pg_lsn,integer,text[]~lsn:pg_lsn,xid:xid,data:bytea
pg_catalog|pg_logical_slot_peek_changes|fvsv1~record~name,pg_lsn,integer,text[]~lsn:pg_lsn,xid:xid,data:text
pg_catalog|pg_ls_archive_statusdir|fvs-0~record~~name:text,size:bigint,modification:timestamp with time zone
pg_catalog|pg_ls_dir|fvs-0~text~text~|fvs-0~text~text,boolean,boolean~
pg_catalog|pg_ls_logdir|fvs-0~record~~name:text,size:bigint,modification:timestamp with time zone
pg_catalog|pg_ls_logicalmapdir|fvs-0~record~~name:text,size:bigint,modification:timestamp with time zone
pg_catalog|pg_ls_logicalsnapdir|fvs-0~record~~name:text,size:bigint,modification:timestamp with time zone
pg_catalog|pg_ls_replslotdir|fvs-0~record~text~name:text,size:bigint,modification:timestamp with time zone
pg_catalog|pg_ls_summariesdir|fvs-0~record~~name:text,size:bigint,modification:timestamp with time zone
pg_catalog|pg_ls_tmpdir|fvs-0~record~~name:text,size:bigint,modification:timestamp with time zone|fvs-0~record~oid~name:text,size:bigint,modification:timestamp with time zone
pg_catalog|pg_ls_waldir|fvs-0~record~~name:text,size:bigint,modification:timestamp with time zone
pg_catalog|pg_lsn|fi--0~pg_lsn~numeric~
pg_catalog|pg_lsn_cmp|fi--0~integer~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_eq|fi--0~boolean~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_ge|fi--0~boolean~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_gt|fi--0~boolean~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_hash|fi--0~integer~pg_lsn~
pg_catalog|pg_lsn_hash_extended|fi--0~bigint~pg_lsn,bigint~
pg_catalog|pg_lsn_in|fi--0~pg_lsn~cstring~
pg_catalog|pg_lsn_larger|fi--0~pg_lsn~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_le|fi--0~boolean~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_lt|fi--0~boolean~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_mi|fi--0~numeric~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_mii|fi--0~pg_lsn~pg_lsn,numeric~
pg_catalog|pg_lsn_ne|fi--0~boolean~pg_lsn,pg_lsn~
pg_catalog|pg_lsn_out|fi--0~cstring~pg_lsn~
pg_catalog|pg_lsn_pli|fi--0~pg_lsn~pg_lsn,numeric~
pg_catalog|pg_lsn_recv|fi--0~pg_lsn~internal~
pg_catalog|pg_lsn_send|fi--0~bytea~pg_lsn~
pg_catalog|pg_lsn_smaller|fi--0~pg_lsn~pg_lsn,pg_lsn~
pg_catalog|pg_mcv_list_in|fi--0~pg_mcv_list~cstring~
pg_catalog|pg_mcv_list_items|fss-0~record~pg_mcv_list~index:integer,values:text[],nulls:boolean[],frequency:double precision,base_frequency:double precision
pg_catalog|pg_mcv_list_out|fi--0~cstring~pg_mcv_list~
pg_catalog|pg_mcv_list_recv|fs--0~pg_mcv_list~internal~
pg_catalog|pg_mcv_list_send|fs--0~bytea~pg_mcv_list~
pg_catalog|pg_my_temp_schema|fs--0~oid~~
pg_catalog|pg_ndistinct_in|fi--0~pg_ndistinct~cstring~
pg_catalog|pg_ndistinct_out|fi--0~cstring~pg_ndistinct~
pg_catalog|pg_ndistinct_recv|fs--0~pg_ndistinct~internal~
pg_catalog|pg_ndistinct_send|fs--0~bytea~pg_ndistinct~
pg_catalog|pg_nextoid|fv--0~oid~regclass,name,regclass~
pg_catalog|pg_node_tree_in|fi--0~pg_node_tree~cstring~
pg_catalog|pg_node_tree_out|fi--0~cstring~pg_node_tree~
pg_catalog|pg_node_tree_recv|fs--0~pg_node_tree~internal~
pg_catalog|pg_node_tree_send|fs--0~bytea~pg_node_tree~
pg_catalog|pg_notification_queue_usage|fv--0~double precision~~
pg_catalog|pg_notify|fv--0~void~text,text~
pg_catalog|pg_numa_available|fs--0~boolean~~
pg_catalog|pg_opclass_is_visible|fs--0~boolean~oid~
pg_catalog|pg_operator_is_visible|fs--0~boolean~oid~
pg_catalog|pg_opfamily_is_visible|fs--0~boolean~oid~
pg_catalog|pg_options_to_table|fss-0~record~text[]~option_name:text,option_value:text
pg_catalog|pg_partition_ancestors|fvs-0~regclass~regclass~relid:regclass
pg_catalog|pg_partition_root|fi--0~regclass~regclass~
pg_catalog|pg_partition_tree|fvs-0~record~regclass~relid:regclass,parentrelid:regclass,isleaf:boolean,level:integer
pg_catalog|pg_postmaster_start_time|fs--0~timestamp with time zone~~
pg_catalog|pg_prepared_statement|fss-0~record~~name:text,statement:text,prepare_time:timestamp with time zone,parameter_types:regtype[],result_types:regtype[],from_sql:boolean,generic_plans:bigint,custom_plans:bigint
pg_catalog|pg_prepared_xact|fvs-0~record~~transaction:xid,gid:text,prepared:timestamp with time zone,ownerid:oid,dbid:oid
pg_catalog|pg_promote|fv--2~boolean~boolean,integer~
pg_catalog|pg_read_binary_file|fv--0~bytea~text,bigint,bigint,boolean~|fv--0~bytea~text,bigint,bigint~|fv--0~bytea~text~|fv--0~bytea~text,boolean~
pg_catalog|pg_read_file|fv--0~text~text,bigint,bigint~|fv--0~text~text,bigint,bigint,boolean~|fv--0~text~text~|fv--0~text~text,boolean~
pg_catalog|pg_relation_filenode|fs--0~oid~regclass~
pg_catalog|pg_relation_filepath|fs--0~text~regclass~
pg_catalog|pg_relation_is_publishable|fs--0~boolean~regclass~
pg_catalog|pg_relation_is_updatable|fs--0~integer~regclass,boolean~
pg_catalog|pg_relation_size|fv--0~bigint~regclass~|fv--0~bigint~regclass,text~
pg_catalog|pg_reload_conf|fv--0~boolean~~
pg_catalog|pg_replication_origin_advance|fv--0~void~text,pg_lsn~
pg_catalog|pg_replication_origin_create|fv--0~oid~text~
pg_catalog|pg_replication_origin_drop|fv--0~void~text~
pg_catalog|pg_replication_origin_oid|fs--0~oid~text~
pg_catalog|pg_replication_origin_progress|fv--0~pg_lsn~text,boolean~
pg_catalog|pg_replication_origin_session_is_setup|fv--0~boolean~~
pg_catalog|pg_replication_origin_session_progress|fv--0~pg_lsn~boolean~
pg_catalog|pg_replication_origin_session_reset|fv--0~void~~
pg_catalog|pg_replication_origin_session_setup|fv--0~void~text~
pg_catalog|pg_replication_origin_xact_reset|fv--0~void~~
pg_catalog|pg_replication_origin_xact_setup|fv--0~void~pg_lsn,timestamp with time zone~
pg_catalog|pg_replication_slot_advance|fv--0~record~name,pg_lsn~slot_name:name,end_lsn:pg_lsn
pg_catalog|pg_restore_attribute_stats|fv-v0~boolean~"any"~
pg_catalog|pg_restore_relation_stats|fv-v0~boolean~"any"~
pg_catalog|pg_rotate_logfile|fv--0~boolean~~
pg_catalog|pg_safe_snapshot_blocking_pids|fv--0~integer[]~integer~
pg_catalog|pg_sequence_last_value|fv--0~bigint~regclass~
pg_catalog|pg_sequence_parameters|fs--0~record~oid~start_value:bigint,minimum_value:bigint,maximum_value:bigint,increment:bigint,cycle_option:boolean,cache_size:bigint,data_type:oid
pg_catalog|pg_settings_get_flags|fs--0~text[]~text~
pg_catalog|pg_show_all_file_settings|fvs-0~record~~sourcefile:text,sourceline:integer,seqno:integer,name:text,setting:text,applied:boolean,error:text
pg_catalog|pg_show_all_settings|fss-0~record~~name:text,setting:text,unit:text,category:text,short_desc:text,extra_desc:text,context:text,vartype:text,source:text,min_val:text,max_val:text,enumvals:text[],boot_val:text,reset_val:text,sourcefile:text,sourceline:integer,pending_restart:boolean
pg_catalog|pg_show_replication_origin_status|fvs-0~record~~local_id:oid,external_id:text,remote_lsn:pg_lsn,local_lsn:pg_lsn
pg_catalog|pg_size_bytes|fi--0~bigint~text~
pg_catalog|pg_size_pretty|fi--0~text~bigint~|fi--0~text~numeric~
pg_catalog|pg_sleep|fv--0~void~double precision~
pg_catalog|pg_sleep_for|fv--0~void~interval~
pg_catalog|pg_sleep_until|fv--0~void~timestamp with time zone~
pg_catalog|pg_snapshot_in|fi--0~pg_snapshot~cstring~
pg_catalog|pg_snapshot_out|fi--0~cstring~pg_snapshot~
pg_catalog|pg_snapshot_recv|fi--0~pg_snapshot~internal~
pg_catalog|pg_snapshot_send|fi--0~bytea~pg_snapshot~
pg_catalog|pg_snapshot_xip|fis-0~xid8~pg_snapshot~
pg_catalog|pg_snapshot_xmax|fi--0~xid8~pg_snapshot~
pg_catalog|pg_snapshot_xmin|fi--0~xid8~pg_snapshot~
pg_catalog|pg_split_walfile_name|fs--0~record~text~segment_number:numeric,timeline_id:bigint
pg_catalog|pg_stat_clear_snapshot|fv--0~void~~
pg_catalog|pg_stat_file|fv--0~record~text~size:bigint,access:timestamp with time zone,modification:timestamp with time zone,change:timestamp with time zone,creation:timestamp with time zone,isdir:boolean|fv--0~record~text,boolean~size:bigint,access:timestamp with time zone,modification:timestamp with time zone,change:timestamp with time zone,creation:timestamp with time zone,isdir:boolean
pg_catalog|pg_stat_force_next_flush|fv--0~void~~
pg_catalog|pg_stat_get_activity|fss-0~record~integer~datid:oid,pid:integer,usesysid:oid,application_name:text,state:text,query:text,wait_event_type:text,wait_event:text,xact_start:timestamp with time zone,query_start:timestamp with time zone,backend_start:timestamp with time zone,state_change:timestamp with time zone,client_addr:inet,client_hostname:text,client_port:integer,backend_xid:xid,backend_xmin:xid,backend_type:text,ssl:boolean,sslversion:text,sslcipher:text,sslbits:integer,ssl_client_dn:text,ssl_client_serial:numeric,ssl_issuer_dn:text,gss_auth:boolean,gss_princ:text,gss_enc:boolean,gss_delegation:boolean,leader_pid:integer,query_id:bigint
pg_catalog|pg_stat_get_analyze_count|fs--0~bigint~oid~
pg_catalog|pg_stat_get_archiver|fs--0~record~~archived_count:bigint,last_archived_wal:text,last_archived_time:timestamp with time zone,failed_count:bigint,last_failed_wal:text,last_failed_time:timestamp with time zone,stats_reset:timestamp with time zone
pg_catalog|pg_stat_get_autoanalyze_count|fs--0~bigint~oid~
pg_catalog|pg_stat_get_autovacuum_count|fs--0~bigint~oid~
pg_catalog|pg_stat_get_backend_activity|fs--0~text~integer~
pg_catalog|pg_stat_get_backend_activity_start|fs--0~timestamp with time zone~integer~
pg_catalog|pg_stat_get_backend_client_addr|fs--0~inet~integer~
pg_catalog|pg_stat_get_backend_client_port|fs--0~integer~integer~
pg_catalog|pg_stat_get_backend_dbid|fs--0~oid~integer~
pg_catalog|pg_stat_get_backend_idset|fss-0~integer~~
pg_catalog|pg_stat_get_backend_io|fvs-0~record~integer~backend_type:text,object:text,context:text,reads:bigint,read_bytes:numeric,read_time:double precision,writes:bigint,write_bytes:numeric,write_time:double precision,writebacks:bigint,writeback_time:double precision,extends:bigint,extend_bytes:numeric,extend_time:double precision,hits:bigint,evictions:bigint,reuses:bigint,fsyncs:bigint,fsync_time:double precision,stats_reset:timestamp with time zone
pg_catalog|pg_stat_get_backend_pid|fs--0~integer~integer~
pg_catalog|pg_stat_get_backend_start|fs--0~timestamp with time zone~integer~
pg_catalog|pg_stat_get_backend_subxact|fs--0~record~integer~subxact_count:integer,subxact_overflowed:boolean
pg_catalog|pg_stat_get_backend_userid|fs--0~oid~integer~
pg_catalog|pg_stat_get_backend_wait_event|fs--0~text~integer~
pg_catalog|pg_stat_get_backend_wait_event_type|fs--0~text~integer~
pg_catalog|pg_stat_get_backend_wal|fv--0~record~integer~wal_records:bigint,wal_fpi:bigint,wal_bytes:numeric,wal_buffers_full:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_get_backend_xact_start|fs--0~timestamp with time zone~integer~
pg_catalog|pg_stat_get_bgwriter_buf_written_clean|fs--0~bigint~~
pg_catalog|pg_stat_get_bgwriter_maxwritten_clean|fs--0~bigint~~
pg_catalog|pg_stat_get_bgwriter_stat_reset_time|fs--0~timestamp with time zone~~
pg_catalog|pg_stat_get_blocks_fetched|fs--0~bigint~oid~
pg_catalog|pg_stat_get_blocks_hit|fs--0~bigint~oid~
pg_catalog|pg_stat_get_buf_alloc|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_buffers_written|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_num_performed|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_num_requested|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_num_timed|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_restartpoints_performed|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_restartpoints_requested|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_restartpoints_timed|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_slru_written|fs--0~bigint~~
pg_catalog|pg_stat_get_checkpointer_stat_reset_time|fs--0~timestamp with time zone~~
pg_catalog|pg_stat_get_checkpointer_sync_time|fs--0~double precision~~
pg_catalog|pg_stat_get_checkpointer_write_time|fs--0~double precision~~
pg_catalog|pg_stat_get_db_active_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_db_blk_read_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_db_blk_write_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_db_blocks_fetched|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_blocks_hit|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_checksum_failures|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_checksum_last_failure|fs--0~timestamp with time zone~oid~
pg_catalog|pg_stat_get_db_conflict_all|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_conflict_bufferpin|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_conflict_lock|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_conflict_logicalslot|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_conflict_snapshot|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_conflict_startup_deadlock|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_conflict_tablespace|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_deadlocks|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_idle_in_transaction_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_db_numbackends|fs--0~integer~oid~
pg_catalog|pg_stat_get_db_parallel_workers_launched|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_parallel_workers_to_launch|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_session_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_db_sessions|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_sessions_abandoned|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_sessions_fatal|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_sessions_killed|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_stat_reset_time|fs--0~timestamp with time zone~oid~
pg_catalog|pg_stat_get_db_temp_bytes|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_temp_files|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_tuples_deleted|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_tuples_fetched|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_tuples_inserted|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_tuples_returned|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_tuples_updated|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_xact_commit|fs--0~bigint~oid~
pg_catalog|pg_stat_get_db_xact_rollback|fs--0~bigint~oid~
pg_catalog|pg_stat_get_dead_tuples|fs--0~bigint~oid~
pg_catalog|pg_stat_get_function_calls|fs--0~bigint~oid~
pg_catalog|pg_stat_get_function_self_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_function_total_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_ins_since_vacuum|fs--0~bigint~oid~
pg_catalog|pg_stat_get_io|fvs-0~record~~backend_type:text,object:text,context:text,reads:bigint,read_bytes:numeric,read_time:double precision,writes:bigint,write_bytes:numeric,write_time:double precision,writebacks:bigint,writeback_time:double precision,extends:bigint,extend_bytes:numeric,extend_time:double precision,hits:bigint,evictions:bigint,reuses:bigint,fsyncs:bigint,fsync_time:double precision,stats_reset:timestamp with time zone
pg_catalog|pg_stat_get_last_analyze_time|fs--0~timestamp with time zone~oid~
pg_catalog|pg_stat_get_last_autoanalyze_time|fs--0~timestamp with time zone~oid~
pg_catalog|pg_stat_get_last_autovacuum_time|fs--0~timestamp with time zone~oid~
pg_catalog|pg_stat_get_last_vacuum_time|fs--0~timestamp with time zone~oid~
pg_catalog|pg_stat_get_lastscan|fs--0~timestamp with time zone~oid~
pg_catalog|pg_stat_get_live_tuples|fs--0~bigint~oid~
pg_catalog|pg_stat_get_mod_since_analyze|fs--0~bigint~oid~
pg_catalog|pg_stat_get_numscans|fs--0~bigint~oid~
pg_catalog|pg_stat_get_progress_info|fss-0~record~text~pid:integer,datid:oid,relid:oid,param1:bigint,param2:bigint,param3:bigint,param4:bigint,param5:bigint,param6:bigint,param7:bigint,param8:bigint,param9:bigint,param10:bigint,param11:bigint,param12:bigint,param13:bigint,param14:bigint,param15:bigint,param16:bigint,param17:bigint,param18:bigint,param19:bigint,param20:bigint
pg_catalog|pg_stat_get_recovery_prefetch|fvs-0~record~~stats_reset:timestamp with time zone,prefetch:bigint,hit:bigint,skip_init:bigint,skip_new:bigint,skip_fpw:bigint,skip_rep:bigint,wal_distance:integer,block_distance:integer,io_depth:integer
pg_catalog|pg_stat_get_replication_slot|fs--0~record~text~slot_name:text,spill_txns:bigint,spill_count:bigint,spill_bytes:bigint,stream_txns:bigint,stream_count:bigint,stream_bytes:bigint,total_txns:bigint,total_bytes:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_get_slru|fss-0~record~~name:text,blks_zeroed:bigint,blks_hit:bigint,blks_read:bigint,blks_written:bigint,blks_exists:bigint,flushes:bigint,truncates:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_get_snapshot_timestamp|fs--0~timestamp with time zone~~
pg_catalog|pg_stat_get_subscription|fss-0~record~oid~subid:oid,relid:oid,pid:integer,leader_pid:integer,received_lsn:pg_lsn,last_msg_send_time:timestamp with time zone,last_msg_receipt_time:timestamp with time zone,latest_end_lsn:pg_lsn,latest_end_time:timestamp with time zone,worker_type:text
pg_catalog|pg_stat_get_subscription_stats|fs--0~record~oid~subid:oid,apply_error_count:bigint,sync_error_count:bigint,confl_insert_exists:bigint,confl_update_origin_differs:bigint,confl_update_exists:bigint,confl_update_missing:bigint,confl_delete_origin_differs:bigint,confl_delete_missing:bigint,confl_multiple_unique_conflicts:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_get_total_analyze_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_total_autoanalyze_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_total_autovacuum_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_total_vacuum_time|fs--0~double precision~oid~
pg_catalog|pg_stat_get_tuples_deleted|fs--0~bigint~oid~
pg_catalog|pg_stat_get_tuples_fetched|fs--0~bigint~oid~
pg_catalog|pg_stat_get_tuples_hot_updated|fs--0~bigint~oid~
pg_catalog|pg_stat_get_tuples_inserted|fs--0~bigint~oid~
pg_catalog|pg_stat_get_tuples_newpage_updated|fs--0~bigint~oid~
pg_catalog|pg_stat_get_tuples_returned|fs--0~bigint~oid~
pg_catalog|pg_stat_get_tuples_updated|fs--0~bigint~oid~
pg_catalog|pg_stat_get_vacuum_count|fs--0~bigint~oid~
pg_catalog|pg_stat_get_wal|fs--0~record~~wal_records:bigint,wal_fpi:bigint,wal_bytes:numeric,wal_buffers_full:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_get_wal_receiver|fs--0~record~~pid:integer,status:text,receive_start_lsn:pg_lsn,receive_start_tli:integer,written_lsn:pg_lsn,flushed_lsn:pg_lsn,received_tli:integer,last_msg_send_time:timestamp with time zone,last_msg_receipt_time:timestamp with time zone,latest_end_lsn:pg_lsn,latest_end_time:timestamp with time zone,slot_name:text,sender_host:text,sender_port:integer,conninfo:text
pg_catalog|pg_stat_get_wal_senders|fss-0~record~~pid:integer,state:text,sent_lsn:pg_lsn,write_lsn:pg_lsn,flush_lsn:pg_lsn,replay_lsn:pg_lsn,write_lag:interval,flush_lag:interval,replay_lag:interval,sync_priority:integer,sync_state:text,reply_time:timestamp with time zone
pg_catalog|pg_stat_get_xact_blocks_fetched|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_blocks_hit|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_function_calls|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_function_self_time|fv--0~double precision~oid~
pg_catalog|pg_stat_get_xact_function_total_time|fv--0~double precision~oid~
pg_catalog|pg_stat_get_xact_numscans|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_tuples_deleted|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_tuples_fetched|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_tuples_hot_updated|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_tuples_inserted|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_tuples_newpage_updated|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_tuples_returned|fv--0~bigint~oid~
pg_catalog|pg_stat_get_xact_tuples_updated|fv--0~bigint~oid~
pg_catalog|pg_stat_have_stats|fv--0~boolean~text,oid,bigint~
pg_catalog|pg_stat_reset|fv--0~void~~
pg_catalog|pg_stat_reset_backend_stats|fv--0~void~integer~
pg_catalog|pg_stat_reset_replication_slot|fv--0~void~text~
pg_catalog|pg_stat_reset_shared|fv--1~void~text~
pg_catalog|pg_stat_reset_single_function_counters|fv--0~void~oid~
pg_catalog|pg_stat_reset_single_table_counters|fv--0~void~oid~
pg_catalog|pg_stat_reset_slru|fv--1~void~text~
pg_catalog|pg_stat_reset_subscription_stats|fv--0~void~oid~
pg_catalog|pg_statistics_obj_is_visible|fs--0~boolean~oid~
pg_catalog|pg_stop_making_pinned_objects|fv--0~void~~
pg_catalog|pg_switch_wal|fv--0~pg_lsn~~
pg_catalog|pg_sync_replication_slots|fv--0~void~~
pg_catalog|pg_table_is_visible|fs--0~boolean~oid~
pg_catalog|pg_table_size|fv--0~bigint~regclass~
pg_catalog|pg_tablespace_databases|fss-0~oid~oid~
pg_catalog|pg_tablespace_location|fs--0~text~oid~
pg_catalog|pg_tablespace_size|fv--0~bigint~oid~|fv--0~bigint~name~
pg_catalog|pg_terminate_backend|fv--1~boolean~integer,bigint~
pg_catalog|pg_timezone_abbrevs_abbrevs|fss-0~record~~abbrev:text,utc_offset:interval,is_dst:boolean
pg_catalog|pg_timezone_abbrevs_zone|fss-0~record~~abbrev:text,utc_offset:interval,is_dst:boolean
pg_catalog|pg_timezone_names|fss-0~record~~name:text,abbrev:text,utc_offset:interval,is_dst:boolean
pg_catalog|pg_total_relation_size|fv--0~bigint~regclass~
pg_catalog|pg_trigger_depth|fs--0~integer~~
pg_catalog|pg_try_advisory_lock|fv--0~boolean~bigint~|fv--0~boolean~integer,integer~
pg_catalog|pg_try_advisory_lock_shared|fv--0~boolean~bigint~|fv--0~boolean~integer,integer~
pg_catalog|pg_try_advisory_xact_lock|fv--0~boolean~bigint~|fv--0~boolean~integer,integer~
pg_catalog|pg_try_advisory_xact_lock_shared|fv--0~boolean~bigint~|fv--0~boolean~integer,integer~
pg_catalog|pg_ts_config_is_visible|fs--0~boolean~oid~
pg_catalog|pg_ts_dict_is_visible|fs--0~boolean~oid~
pg_catalog|pg_ts_parser_is_visible|fs--0~boolean~oid~
pg_catalog|pg_ts_template_is_visible|fs--0~boolean~oid~
pg_catalog|pg_type_is_visible|fs--0~boolean~oid~
pg_catalog|pg_typeof|fs--0~regtype~"any"~
pg_catalog|pg_visible_in_snapshot|fi--0~boolean~xid8,pg_snapshot~
pg_catalog|pg_wal_lsn_diff|fi--0~numeric~pg_lsn,pg_lsn~
pg_catalog|pg_wal_replay_pause|fv--0~void~~
pg_catalog|pg_wal_replay_resume|fv--0~void~~
pg_catalog|pg_wal_summary_contents|fvs-0~record~bigint,pg_lsn,pg_lsn~relfilenode:oid,reltablespace:oid,reldatabase:oid,relforknumber:smallint,relblocknumber:bigint,is_limit_block:boolean
pg_catalog|pg_walfile_name|fi--0~text~pg_lsn~
pg_catalog|pg_walfile_name_offset|fi--0~record~pg_lsn~file_name:text,file_offset:integer
pg_catalog|pg_xact_commit_timestamp|fv--0~timestamp with time zone~xid~
pg_catalog|pg_xact_commit_timestamp_origin|fv--0~record~xid~timestamp:timestamp with time zone,roident:oid
pg_catalog|pg_xact_status|fv--0~text~xid8~
pg_catalog|phraseto_tsquery|fs--0~tsquery~text~|fi--0~tsquery~regconfig,text~
pg_catalog|pi|fi--0~double precision~~
pg_catalog|plainto_tsquery|fi--0~tsquery~regconfig,text~|fs--0~tsquery~text~
pg_catalog|plpgsql_call_handler|fv--0~language_handler~~
pg_catalog|plpgsql_inline_handler|fv--0~void~internal~
pg_catalog|plpgsql_validator|fv--0~void~oid~
pg_catalog|point|fi--0~point~circle~|fi--0~point~double precision,double precision~|fi--0~point~lseg~|fi--0~point~box~|fi--0~point~polygon~
pg_catalog|point_above|fi--0~boolean~point,point~
pg_catalog|point_add|fi--0~point~point,point~
pg_catalog|point_below|fi--0~boolean~point,point~
pg_catalog|point_distance|fi--0~double precision~point,point~
pg_catalog|point_div|fi--0~point~point,point~
pg_catalog|point_eq|fi--0~boolean~point,point~
pg_catalog|point_horiz|fi--0~boolean~point,point~
pg_catalog|point_in|fi--0~point~cstring~
pg_catalog|point_left|fi--0~boolean~point,point~
pg_catalog|point_mul|fi--0~point~point,point~
pg_catalog|point_ne|fi--0~boolean~point,point~
pg_catalog|point_out|fi--0~cstring~point~
pg_catalog|point_recv|fi--0~point~internal~
pg_catalog|point_right|fi--0~boolean~point,point~
pg_catalog|point_send|fi--0~bytea~point~
pg_catalog|point_sub|fi--0~point~point,point~
pg_catalog|point_vert|fi--0~boolean~point,point~
pg_catalog|poly_above|fi--0~boolean~polygon,polygon~
pg_catalog|poly_below|fi--0~boolean~polygon,polygon~
pg_catalog|poly_center|fi--0~point~polygon~
pg_catalog|poly_contain|fi--0~boolean~polygon,polygon~
pg_catalog|poly_contain_pt|fi--0~boolean~polygon,point~
pg_catalog|poly_contained|fi--0~boolean~polygon,polygon~
pg_catalog|poly_distance|fi--0~double precision~polygon,polygon~
pg_catalog|poly_in|fi--0~polygon~cstring~
pg_catalog|poly_left|fi--0~boolean~polygon,polygon~
pg_catalog|poly_npoints|fi--0~integer~polygon~
pg_catalog|poly_out|fi--0~cstring~polygon~
pg_catalog|poly_overabove|fi--0~boolean~polygon,polygon~
pg_catalog|poly_overbelow|fi--0~boolean~polygon,polygon~
pg_catalog|poly_overlap|fi--0~boolean~polygon,polygon~
pg_catalog|poly_overleft|fi--0~boolean~polygon,polygon~
pg_catalog|poly_overright|fi--0~boolean~polygon,polygon~
pg_catalog|poly_recv|fi--0~polygon~internal~
pg_catalog|poly_right|fi--0~boolean~polygon,polygon~
pg_catalog|poly_same|fi--0~boolean~polygon,polygon~
pg_catalog|poly_send|fi--0~bytea~polygon~
pg_catalog|polygon|fi--0~polygon~box~|fi--0~polygon~path~|fi--0~polygon~integer,circle~|fi--0~polygon~circle~
pg_catalog|popen|fi--0~path~path~
pg_catalog|position|fi--0~integer~text,text~|fi--0~integer~bit,bit~|fi--0~integer~bytea,bytea~
pg_catalog|positionjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|positionsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|postgresql_fdw_validator|fi--0~boolean~text[],oid~
pg_catalog|pow|fi--0~double precision~double precision,double precision~|fi--0~numeric~numeric,numeric~
pg_catalog|power|fi--0~double precision~double precision,double precision~|fi--0~numeric~numeric,numeric~
pg_catalog|prefixjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|prefixsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|prsd_end|fi--0~void~internal~
pg_catalog|prsd_headline|fi--0~internal~internal,internal,tsquery~
pg_catalog|prsd_lextype|fi--0~internal~internal~
pg_catalog|prsd_nexttoken|fi--0~internal~internal,internal,internal~
pg_catalog|prsd_start|fi--0~internal~internal,integer~
pg_catalog|pt_contained_circle|fi--0~boolean~point,circle~
pg_catalog|pt_contained_poly|fi--0~boolean~point,polygon~
pg_catalog|query_to_xml|fv--0~xml~text,boolean,boolean,text~
pg_catalog|query_to_xml_and_xmlschema|fv--0~xml~text,boolean,boolean,text~
pg_catalog|query_to_xmlschema|fv--0~xml~text,boolean,boolean,text~
pg_catalog|querytree|fi--0~text~tsquery~
pg_catalog|quote_ident|fi--0~text~text~
pg_catalog|quote_literal|fi--0~text~text~|fs--0~text~anyelement~
pg_catalog|quote_nullable|fi--0~text~text~|fs--0~text~anyelement~
pg_catalog|radians|fi--0~double precision~double precision~
pg_catalog|radius|fi--0~double precision~circle~
pg_catalog|random|fv--0~double precision~~|fv--0~integer~integer,integer~|fv--0~bigint~bigint,bigint~|fv--0~numeric~numeric,numeric~
pg_catalog|random_normal|fv--2~double precision~double precision,double precision~
pg_catalog|range_adjacent|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_adjacent_multirange|fi--0~boolean~anyrange,anymultirange~
pg_catalog|range_after|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_after_multirange|fi--0~boolean~anyrange,anymultirange~
pg_catalog|range_agg|ai--0~anymultirange~anyrange~|ai--0~anymultirange~anymultirange~
pg_catalog|range_agg_finalfn|fi--0~anymultirange~internal,anyrange~
pg_catalog|range_agg_transfn|fi--0~internal~internal,anyrange~
pg_catalog|range_before|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_before_multirange|fi--0~boolean~anyrange,anymultirange~
pg_catalog|range_cmp|fi--0~integer~anyrange,anyrange~
pg_catalog|range_contained_by|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_contained_by_multirange|fi--0~boolean~anyrange,anymultirange~
pg_catalog|range_contains|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_contains_elem|fi--0~boolean~anyrange,anyelement~
pg_catalog|range_contains_elem_support|fi--0~internal~internal~
pg_catalog|range_contains_multirange|fi--0~boolean~anyrange,anymultirange~
pg_catalog|range_eq|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_ge|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_gist_consistent|fi--0~boolean~internal,anyrange,smallint,oid,internal~
pg_catalog|range_gist_penalty|fi--0~internal~internal,internal,internal~
pg_catalog|range_gist_picksplit|fi--0~internal~internal,internal~
pg_catalog|range_gist_same|fi--0~internal~anyrange,anyrange,internal~
pg_catalog|range_gist_union|fi--0~anyrange~internal,internal~
pg_catalog|range_gt|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_in|fs--0~anyrange~cstring,oid,integer~
pg_catalog|range_intersect|fi--0~anyrange~anyrange,anyrange~
pg_catalog|range_intersect_agg|ai--0~anymultirange~anymultirange~|ai--0~anyrange~anyrange~
pg_catalog|range_intersect_agg_transfn|fi--0~anyrange~anyrange,anyrange~
pg_catalog|range_le|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_lt|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_merge|fi--0~anyrange~anyrange,anyrange~|fi--0~anyrange~anymultirange~
pg_catalog|range_minus|fi--0~anyrange~anyrange,anyrange~
pg_catalog|range_ne|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_out|fs--0~cstring~anyrange~
pg_catalog|range_overlaps|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_overlaps_multirange|fi--0~boolean~anyrange,anymultirange~
pg_catalog|range_overleft|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_overleft_multirange|fi--0~boolean~anyrange,anymultirange~
pg_catalog|range_overright|fi--0~boolean~anyrange,anyrange~
pg_catalog|range_overright_multirange|fi--0~boolean~anyrange,anymultirange~
pg_catalog|range_recv|fs--0~anyrange~internal,oid,integer~
pg_catalog|range_send|fs--0~bytea~anyrange~
pg_catalog|range_sortsupport|fi--0~void~internal~
pg_catalog|range_typanalyze|fs--0~boolean~internal~
pg_catalog|range_union|fi--0~anyrange~anyrange,anyrange~
pg_catalog|rangesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|rank|wi--0~bigint~~|ai-v0~bigint~"any"~
pg_catalog|rank_final|fi-v0~bigint~internal,"any"~
pg_catalog|raw_array_subscript_handler|fi--0~internal~internal~
pg_catalog|record_eq|fi--0~boolean~record,record~
pg_catalog|record_ge|fi--0~boolean~record,record~
pg_catalog|record_gt|fi--0~boolean~record,record~
pg_catalog|record_image_eq|fi--0~boolean~record,record~
pg_catalog|record_image_ge|fi--0~boolean~record,record~
pg_catalog|record_image_gt|fi--0~boolean~record,record~
pg_catalog|record_image_le|fi--0~boolean~record,record~
pg_catalog|record_image_lt|fi--0~boolean~record,record~
pg_catalog|record_image_ne|fi--0~boolean~record,record~
pg_catalog|record_in|fs--0~record~cstring,oid,integer~
pg_catalog|record_larger|fi--0~record~record,record~
pg_catalog|record_le|fi--0~boolean~record,record~
pg_catalog|record_lt|fi--0~boolean~record,record~
pg_catalog|record_ne|fi--0~boolean~record,record~
pg_catalog|record_out|fs--0~cstring~record~
pg_catalog|record_recv|fs--0~record~internal,oid,integer~
pg_catalog|record_send|fs--0~bytea~record~
pg_catalog|record_smaller|fi--0~record~record,record~
pg_catalog|regclass|fs--0~regclass~text~
pg_catalog|regclassin|fs--0~regclass~cstring~
pg_catalog|regclassout|fs--0~cstring~regclass~
pg_catalog|regclassrecv|fi--0~regclass~internal~
pg_catalog|regclasssend|fi--0~bytea~regclass~
pg_catalog|regcollationin|fs--0~regcollation~cstring~
pg_catalog|regcollationout|fs--0~cstring~regcollation~
pg_catalog|regcollationrecv|fi--0~regcollation~internal~
pg_catalog|regcollationsend|fi--0~bytea~regcollation~
pg_catalog|regconfigin|fs--0~regconfig~cstring~
pg_catalog|regconfigout|fs--0~cstring~regconfig~
pg_catalog|regconfigrecv|fi--0~regconfig~internal~
pg_catalog|regconfigsend|fi--0~bytea~regconfig~
pg_catalog|regdictionaryin|fs--0~regdictionary~cstring~
pg_catalog|regdictionaryout|fs--0~cstring~regdictionary~
pg_catalog|regdictionaryrecv|fi--0~regdictionary~internal~
pg_catalog|regdictionarysend|fi--0~bytea~regdictionary~
pg_catalog|regexeqjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|regexeqsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|regexnejoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|regexnesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|regexp_count|fi--0~integer~text,text~|fi--0~integer~text,text,integer~|fi--0~integer~text,text,integer,text~
pg_catalog|regexp_instr|fi--0~integer~text,text~|fi--0~integer~text,text,integer~|fi--0~integer~text,text,integer,integer~|fi--0~integer~text,text,integer,integer,integer~|fi--0~integer~text,text,integer,integer,integer,text~|fi--0~integer~text,text,integer,integer,integer,text,integer~
pg_catalog|regexp_like|fi--0~boolean~text,text~|fi--0~boolean~text,text,text~
pg_catalog|regexp_match|fi--0~text[]~text,text~|fi--0~text[]~text,text,text~
pg_catalog|regexp_matches|fis-0~text[]~text,text~|fis-0~text[]~text,text,text~
pg_catalog|regexp_replace|fi--0~text~text,text,text~|fi--0~text~text,text,text,text~|fi--0~text~text,text,text,integer,integer,text~|fi--0~text~text,text,text,integer,integer~|fi--0~text~text,text,text,integer~
pg_catalog|regexp_split_to_array|fi--0~text[]~text,text~|fi--0~text[]~text,text,text~
pg_catalog|regexp_split_to_table|fis-0~text~text,text~|fis-0~text~text,text,text~
pg_catalog|regexp_substr|fi--0~text~text,text~|fi--0~text~text,text,integer~|fi--0~text~text,text,integer,integer~|fi--0~text~text,text,integer,integer,text~|fi--0~text~text,text,integer,integer,text,integer~
pg_catalog|regnamespacein|fs--0~regnamespace~cstring~
pg_catalog|regnamespaceout|fs--0~cstring~regnamespace~
pg_catalog|regnamespacerecv|fi--0~regnamespace~internal~
pg_catalog|regnamespacesend|fi--0~bytea~regnamespace~
pg_catalog|regoperatorin|fs--0~regoperator~cstring~
pg_catalog|regoperatorout|fs--0~cstring~regoperator~
pg_catalog|regoperatorrecv|fi--0~regoperator~internal~
pg_catalog|regoperatorsend|fi--0~bytea~regoperator~
pg_catalog|regoperin|fs--0~regoper~cstring~
pg_catalog|regoperout|fs--0~cstring~regoper~
pg_catalog|regoperrecv|fi--0~regoper~internal~
pg_catalog|regopersend|fi--0~bytea~regoper~
pg_catalog|regprocedurein|fs--0~regprocedure~cstring~
pg_catalog|regprocedureout|fs--0~cstring~regprocedure~
pg_catalog|regprocedurerecv|fi--0~regprocedure~internal~
pg_catalog|regproceduresend|fi--0~bytea~regprocedure~
pg_catalog|regprocin|fs--0~regproc~cstring~
pg_catalog|regprocout|fs--0~cstring~regproc~
pg_catalog|regprocrecv|fi--0~regproc~internal~
pg_catalog|regprocsend|fi--0~bytea~regproc~
pg_catalog|regr_avgx|ai--0~double precision~double precision,double precision~
pg_catalog|regr_avgy|ai--0~double precision~double precision,double precision~
pg_catalog|regr_count|ai--0~bigint~double precision,double precision~
pg_catalog|regr_intercept|ai--0~double precision~double precision,double precision~
pg_catalog|regr_r2|ai--0~double precision~double precision,double precision~
pg_catalog|regr_slope|ai--0~double precision~double precision,double precision~
pg_catalog|regr_sxx|ai--0~double precision~double precision,double precision~
pg_catalog|regr_sxy|ai--0~double precision~double precision,double precision~
pg_catalog|regr_syy|ai--0~double precision~double precision,double precision~
pg_catalog|regrolein|fs--0~regrole~cstring~
pg_catalog|regroleout|fs--0~cstring~regrole~
pg_catalog|regrolerecv|fi--0~regrole~internal~
pg_catalog|regrolesend|fi--0~bytea~regrole~
pg_catalog|regtypein|fs--0~regtype~cstring~
pg_catalog|regtypeout|fs--0~cstring~regtype~
pg_catalog|regtyperecv|fi--0~regtype~internal~
pg_catalog|regtypesend|fi--0~bytea~regtype~
pg_catalog|repeat|fi--0~text~text,integer~
pg_catalog|replace|fi--0~text~text,text,text~
pg_catalog|reverse|fi--0~text~text~|fi--0~bytea~bytea~
pg_catalog|right|fi--0~text~text,integer~
pg_catalog|round|fi--0~double precision~double precision~|fi--0~numeric~numeric,integer~|fi--0~numeric~numeric~
pg_catalog|row_number|wi--0~bigint~~
pg_catalog|row_security_active|fs--0~boolean~oid~|fs--0~boolean~text~
pg_catalog|row_to_json|fs--0~json~record~|fs--0~json~record,boolean~
pg_catalog|rpad|fi--0~text~text,integer,text~|fi--0~text~text,integer~
pg_catalog|rtrim|fi--0~text~text,text~|fi--0~text~text~|fi--0~bytea~bytea,bytea~
pg_catalog|satisfies_hash_partition|fi-v0~boolean~oid,integer,integer,"any"~
pg_catalog|scalargejoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|scalargesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|scalargtjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|scalargtsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|scalarlejoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|scalarlesel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|scalarltjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|scalarltsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|scale|fi--0~integer~numeric~
pg_catalog|schema_to_xml|fs--0~xml~name,boolean,boolean,text~
pg_catalog|schema_to_xml_and_xmlschema|fs--0~xml~name,boolean,boolean,text~
pg_catalog|schema_to_xmlschema|fs--0~xml~name,boolean,boolean,text~
pg_catalog|session_user|fs--0~name~~
pg_catalog|set_bit|fi--0~bytea~bytea,bigint,integer~|fi--0~bit~bit,integer,integer~
pg_catalog|set_byte|fi--0~bytea~bytea,integer,integer~
pg_catalog|set_config|fv--0~text~text,text,boolean~
pg_catalog|set_masklen|fi--0~inet~inet,integer~|fi--0~cidr~cidr,integer~
pg_catalog|setseed|fv--0~void~double precision~
pg_catalog|setval|fv--0~bigint~regclass,bigint~|fv--0~bigint~regclass,bigint,boolean~
pg_catalog|setweight|fi--0~tsvector~tsvector,"char",text[]~|fi--0~tsvector~tsvector,"char"~
pg_catalog|sha224|fi--0~bytea~bytea~
pg_catalog|sha256|fi--0~bytea~bytea~
pg_catalog|sha384|fi--0~bytea~bytea~
pg_catalog|sha512|fi--0~bytea~bytea~
pg_catalog|shell_in|fi--0~void~cstring~
pg_catalog|shell_out|fi--0~cstring~void~
pg_catalog|shift_jis_2004_to_euc_jis_2004|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|shift_jis_2004_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|shobj_description|fs--0~text~oid,name~
pg_catalog|sign|fi--0~numeric~numeric~|fi--0~double precision~double precision~
pg_catalog|similar_escape|fi--0~text~text,text~
pg_catalog|similar_to_escape|fi--0~text~text,text~|fi--0~text~text~
pg_catalog|sin|fi--0~double precision~double precision~
pg_catalog|sind|fi--0~double precision~double precision~
pg_catalog|sinh|fi--0~double precision~double precision~
pg_catalog|sjis_to_euc_jp|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|sjis_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|sjis_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|slope|fi--0~double precision~point,point~
pg_catalog|spg_bbox_quad_config|fi--0~void~internal,internal~
pg_catalog|spg_box_quad_choose|fi--0~void~internal,internal~
pg_catalog|spg_box_quad_config|fi--0~void~internal,internal~
pg_catalog|spg_box_quad_inner_consistent|fi--0~void~internal,internal~
pg_catalog|spg_box_quad_leaf_consistent|fi--0~boolean~internal,internal~
pg_catalog|spg_box_quad_picksplit|fi--0~void~internal,internal~
pg_catalog|spg_kd_choose|fi--0~void~internal,internal~
pg_catalog|spg_kd_config|fi--0~void~internal,internal~
pg_catalog|spg_kd_inner_consistent|fi--0~void~internal,internal~
pg_catalog|spg_kd_picksplit|fi--0~void~internal,internal~
pg_catalog|spg_poly_quad_compress|fi--0~box~polygon~
pg_catalog|spg_quad_choose|fi--0~void~internal,internal~
pg_catalog|spg_quad_config|fi--0~void~internal,internal~
pg_catalog|spg_quad_inner_consistent|fi--0~void~internal,internal~
pg_catalog|spg_quad_leaf_consistent|fi--0~boolean~internal,internal~
pg_catalog|spg_quad_picksplit|fi--0~void~internal,internal~
pg_catalog|spg_range_quad_choose|fi--0~void~internal,internal~
pg_catalog|spg_range_quad_config|fi--0~void~internal,internal~
pg_catalog|spg_range_quad_inner_consistent|fi--0~void~internal,internal~
pg_catalog|spg_range_quad_leaf_consistent|fi--0~boolean~internal,internal~
pg_catalog|spg_range_quad_picksplit|fi--0~void~internal,internal~
pg_catalog|spg_text_choose|fi--0~void~internal,internal~
pg_catalog|spg_text_config|fi--0~void~internal,internal~
pg_catalog|spg_text_inner_consistent|fi--0~void~internal,internal~
pg_catalog|spg_text_leaf_consistent|fi--0~boolean~internal,internal~
pg_catalog|spg_text_picksplit|fi--0~void~internal,internal~
pg_catalog|spghandler|fv--0~index_am_handler~internal~
pg_catalog|split_part|fi--0~text~text,text,integer~
pg_catalog|sqrt|fi--0~double precision~double precision~|fi--0~numeric~numeric~
pg_catalog|starts_with|fi--0~boolean~text,text~
pg_catalog|statement_timestamp|fs--0~timestamp with time zone~~
pg_catalog|stddev|ai--0~numeric~bigint~|ai--0~numeric~integer~|ai--0~numeric~smallint~|ai--0~double precision~real~|ai--0~double precision~double precision~|ai--0~numeric~numeric~
pg_catalog|stddev_pop|ai--0~numeric~bigint~|ai--0~numeric~integer~|ai--0~numeric~smallint~|ai--0~double precision~real~|ai--0~double precision~double precision~|ai--0~numeric~numeric~
pg_catalog|stddev_samp|ai--0~numeric~bigint~|ai--0~numeric~integer~|ai--0~numeric~smallint~|ai--0~double precision~real~|ai--0~double precision~double precision~|ai--0~numeric~numeric~
pg_catalog|string_agg|ai--0~text~text,text~|ai--0~bytea~bytea,bytea~
pg_catalog|string_agg_combine|fi--0~internal~internal,internal~
pg_catalog|string_agg_deserialize|fi--0~internal~bytea,internal~
pg_catalog|string_agg_finalfn|fi--0~text~internal~
pg_catalog|string_agg_serialize|fi--0~bytea~internal~
pg_catalog|string_agg_transfn|fi--0~internal~internal,text,text~
pg_catalog|string_to_array|fi--0~text[]~text,text,text~|fi--0~text[]~text,text~
pg_catalog|string_to_table|fis-0~text~text,text~|fis-0~text~text,text,text~
pg_catalog|strip|fi--0~tsvector~tsvector~
pg_catalog|strpos|fi--0~integer~text,text~
pg_catalog|substr|fi--0~text~text,integer,integer~|fi--0~text~text,integer~|fi--0~bytea~bytea,integer,integer~|fi--0~bytea~bytea,integer~
pg_catalog|substring|fi--0~text~text,integer,integer~|fi--0~text~text,integer~|fi--0~bit~bit,integer,integer~|fi--0~bit~bit,integer~|fi--0~bytea~bytea,integer,integer~|fi--0~bytea~bytea,integer~|fi--0~text~text,text~|fi--0~text~text,text,text~
pg_catalog|sum|ai--0~numeric~bigint~|ai--0~bigint~integer~|ai--0~bigint~smallint~|ai--0~real~real~|ai--0~double precision~double precision~|ai--0~money~money~|ai--0~interval~interval~|ai--0~numeric~numeric~
pg_catalog|suppress_redundant_updates_trigger|fv--0~trigger~~
pg_catalog|system|fv--0~tsm_handler~internal~
pg_catalog|system_user|fs--0~text~~
pg_catalog|table_am_handler_in|fi--0~table_am_handler~cstring~
pg_catalog|table_am_handler_out|fi--0~cstring~table_am_handler~
pg_catalog|table_to_xml|fs--0~xml~regclass,boolean,boolean,text~
pg_catalog|table_to_xml_and_xmlschema|fs--0~xml~regclass,boolean,boolean,text~
pg_catalog|table_to_xmlschema|fs--0~xml~regclass,boolean,boolean,text~
pg_catalog|tan|fi--0~double precision~double precision~
pg_catalog|tand|fi--0~double precision~double precision~
pg_catalog|tanh|fi--0~double precision~double precision~
pg_catalog|text|fi--0~text~character~|fi--0~text~name~|fi--0~text~inet~|fi--0~text~"char"~|fi--0~text~xml~|fi--0~text~boolean~
pg_catalog|text_ge|fi--0~boolean~text,text~
pg_catalog|text_gt|fi--0~boolean~text,text~
pg_catalog|text_larger|fi--0~text~text,text~
pg_catalog|text_le|fi--0~boolean~text,text~
pg_catalog|text_lt|fi--0~boolean~text,text~
pg_catalog|text_pattern_ge|fi--0~boolean~text,text~
pg_catalog|text_pattern_gt|fi--0~boolean~text,text~
pg_catalog|text_pattern_le|fi--0~boolean~text,text~
pg_catalog|text_pattern_lt|fi--0~boolean~text,text~
pg_catalog|text_smaller|fi--0~text~text,text~
pg_catalog|text_starts_with_support|fi--0~internal~internal~
pg_catalog|textanycat|fs--0~text~text,anynonarray~
pg_catalog|textcat|fi--0~text~text,text~
pg_catalog|texteq|fi--0~boolean~text,text~
pg_catalog|texteqname|fi--0~boolean~text,name~
pg_catalog|textgename|fi--0~boolean~text,name~
pg_catalog|textgtname|fi--0~boolean~text,name~
pg_catalog|texticlike|fi--0~boolean~text,text~
pg_catalog|texticlike_support|fi--0~internal~internal~
pg_catalog|texticnlike|fi--0~boolean~text,text~
pg_catalog|texticregexeq|fi--0~boolean~text,text~
pg_catalog|texticregexeq_support|fi--0~internal~internal~
pg_catalog|texticregexne|fi--0~boolean~text,text~
pg_catalog|textin|fi--0~text~cstring~
pg_catalog|textlen|fi--0~integer~text~
pg_catalog|textlename|fi--0~boolean~text,name~
pg_catalog|textlike|fi--0~boolean~text,text~
pg_catalog|textlike_support|fi--0~internal~internal~
pg_catalog|textltname|fi--0~boolean~text,name~
pg_catalog|textne|fi--0~boolean~text,text~
pg_catalog|textnename|fi--0~boolean~text,name~
pg_catalog|textnlike|fi--0~boolean~text,text~
pg_catalog|textout|fi--0~cstring~text~
pg_catalog|textrecv|fs--0~text~internal~
pg_catalog|textregexeq|fi--0~boolean~text,text~
pg_catalog|textregexeq_support|fi--0~internal~internal~
pg_catalog|textregexne|fi--0~boolean~text,text~
pg_catalog|textsend|fs--0~bytea~text~
pg_catalog|thesaurus_init|fi--0~internal~internal~
pg_catalog|thesaurus_lexize|fi--0~internal~internal,internal,internal,internal~
pg_catalog|tideq|fi--0~boolean~tid,tid~
pg_catalog|tidge|fi--0~boolean~tid,tid~
pg_catalog|tidgt|fi--0~boolean~tid,tid~
pg_catalog|tidin|fi--0~tid~cstring~
pg_catalog|tidlarger|fi--0~tid~tid,tid~
pg_catalog|tidle|fi--0~boolean~tid,tid~
pg_catalog|tidlt|fi--0~boolean~tid,tid~
pg_catalog|tidne|fi--0~boolean~tid,tid~
pg_catalog|tidout|fi--0~cstring~tid~
pg_catalog|tidrecv|fi--0~tid~internal~
pg_catalog|tidsend|fi--0~bytea~tid~
pg_catalog|tidsmaller|fi--0~tid~tid,tid~
pg_catalog|time|fi--0~time without time zone~timestamp without time zone~|fi--0~time without time zone~interval~|fi--0~time without time zone~time without time zone,integer~|fs--0~time without time zone~timestamp with time zone~|fi--0~time without time zone~time with time zone~
pg_catalog|time_cmp|fi--0~integer~time without time zone,time without time zone~
pg_catalog|time_eq|fi--0~boolean~time without time zone,time without time zone~
pg_catalog|time_ge|fi--0~boolean~time without time zone,time without time zone~
pg_catalog|time_gt|fi--0~boolean~time without time zone,time without time zone~
pg_catalog|time_hash|fi--0~integer~time without time zone~
pg_catalog|time_hash_extended|fi--0~bigint~time without time zone,bigint~
pg_catalog|time_in|fs--0~time without time zone~cstring,oid,integer~
pg_catalog|time_larger|fi--0~time without time zone~time without time zone,time without time zone~
pg_catalog|time_le|fi--0~boolean~time without time zone,time without time zone~
pg_catalog|time_lt|fi--0~boolean~time without time zone,time without time zone~
pg_catalog|time_mi_interval|fi--0~time without time zone~time without time zone,interval~
pg_catalog|time_mi_time|fi--0~interval~time without time zone,time without time zone~
pg_catalog|time_ne|fi--0~boolean~time without time zone,time without time zone~
pg_catalog|time_out|fi--0~cstring~time without time zone~
pg_catalog|time_pl_interval|fi--0~time without time zone~time without time zone,interval~
pg_catalog|time_recv|fi--0~time without time zone~internal,oid,integer~
pg_catalog|time_send|fi--0~bytea~time without time zone~
pg_catalog|time_smaller|fi--0~time without time zone~time without time zone,time without time zone~
pg_catalog|time_support|fi--0~internal~internal~
pg_catalog|timedate_pl|fi--0~timestamp without time zone~time without time zone,date~
pg_catalog|timeofday|fv--0~text~~
pg_catalog|timestamp|fi--0~timestamp without time zone~timestamp without time zone,integer~|fi--0~timestamp without time zone~date~|fi--0~timestamp without time zone~date,time without time zone~|fs--0~timestamp without time zone~timestamp with time zone~
pg_catalog|timestamp_cmp|fi--0~integer~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_cmp_date|fi--0~integer~timestamp without time zone,date~
pg_catalog|timestamp_cmp_timestamptz|fs--0~integer~timestamp without time zone,timestamp with time zone~
pg_catalog|timestamp_eq|fi--0~boolean~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_eq_date|fi--0~boolean~timestamp without time zone,date~
pg_catalog|timestamp_eq_timestamptz|fs--0~boolean~timestamp without time zone,timestamp with time zone~
pg_catalog|timestamp_ge|fi--0~boolean~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_ge_date|fi--0~boolean~timestamp without time zone,date~
pg_catalog|timestamp_ge_timestamptz|fs--0~boolean~timestamp without time zone,timestamp with time zone~
pg_catalog|timestamp_gt|fi--0~boolean~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_gt_date|fi--0~boolean~timestamp without time zone,date~
pg_catalog|timestamp_gt_timestamptz|fs--0~boolean~timestamp without time zone,timestamp with time zone~
pg_catalog|timestamp_hash|fi--0~integer~timestamp without time zone~
pg_catalog|timestamp_hash_extended|fi--0~bigint~timestamp without time zone,bigint~
pg_catalog|timestamp_in|fs--0~timestamp without time zone~cstring,oid,integer~
pg_catalog|timestamp_larger|fi--0~timestamp without time zone~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_le|fi--0~boolean~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_le_date|fi--0~boolean~timestamp without time zone,date~
pg_catalog|timestamp_le_timestamptz|fs--0~boolean~timestamp without time zone,timestamp with time zone~
pg_catalog|timestamp_lt|fi--0~boolean~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_lt_date|fi--0~boolean~timestamp without time zone,date~
pg_catalog|timestamp_lt_timestamptz|fs--0~boolean~timestamp without time zone,timestamp with time zone~
pg_catalog|timestamp_mi|fi--0~interval~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_mi_interval|fi--0~timestamp without time zone~timestamp without time zone,interval~
pg_catalog|timestamp_ne|fi--0~boolean~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_ne_date|fi--0~boolean~timestamp without time zone,date~
pg_catalog|timestamp_ne_timestamptz|fs--0~boolean~timestamp without time zone,timestamp with time zone~
pg_catalog|timestamp_out|fs--0~cstring~timestamp without time zone~
pg_catalog|timestamp_pl_interval|fi--0~timestamp without time zone~timestamp without time zone,interval~
pg_catalog|timestamp_recv|fi--0~timestamp without time zone~internal,oid,integer~
pg_catalog|timestamp_send|fi--0~bytea~timestamp without time zone~
pg_catalog|timestamp_skipsupport|fi--0~void~internal~
pg_catalog|timestamp_smaller|fi--0~timestamp without time zone~timestamp without time zone,timestamp without time zone~
pg_catalog|timestamp_sortsupport|fi--0~void~internal~
pg_catalog|timestamp_support|fi--0~internal~internal~
pg_catalog|timestamptypmodin|fi--0~integer~cstring[]~
pg_catalog|timestamptypmodout|fi--0~cstring~integer~
pg_catalog|timestamptz|fs--0~timestamp with time zone~date~|fs--0~timestamp with time zone~date,time without time zone~|fi--0~timestamp with time zone~date,time with time zone~|fi--0~timestamp with time zone~timestamp with time zone,integer~|fs--0~timestamp with time zone~timestamp without time zone~
pg_catalog|timestamptz_cmp|fi--0~integer~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_cmp_date|fs--0~integer~timestamp with time zone,date~
pg_catalog|timestamptz_cmp_timestamp|fs--0~integer~timestamp with time zone,timestamp without time zone~
pg_catalog|timestamptz_eq|fi--0~boolean~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_eq_date|fs--0~boolean~timestamp with time zone,date~
pg_catalog|timestamptz_eq_timestamp|fs--0~boolean~timestamp with time zone,timestamp without time zone~
pg_catalog|timestamptz_ge|fi--0~boolean~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_ge_date|fs--0~boolean~timestamp with time zone,date~
pg_catalog|timestamptz_ge_timestamp|fs--0~boolean~timestamp with time zone,timestamp without time zone~
pg_catalog|timestamptz_gt|fi--0~boolean~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_gt_date|fs--0~boolean~timestamp with time zone,date~
pg_catalog|timestamptz_gt_timestamp|fs--0~boolean~timestamp with time zone,timestamp without time zone~
pg_catalog|timestamptz_hash|fi--0~integer~timestamp with time zone~
pg_catalog|timestamptz_hash_extended|fi--0~bigint~timestamp with time zone,bigint~
pg_catalog|timestamptz_in|fs--0~timestamp with time zone~cstring,oid,integer~
pg_catalog|timestamptz_larger|fi--0~timestamp with time zone~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_le|fi--0~boolean~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_le_date|fs--0~boolean~timestamp with time zone,date~
pg_catalog|timestamptz_le_timestamp|fs--0~boolean~timestamp with time zone,timestamp without time zone~
pg_catalog|timestamptz_lt|fi--0~boolean~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_lt_date|fs--0~boolean~timestamp with time zone,date~
pg_catalog|timestamptz_lt_timestamp|fs--0~boolean~timestamp with time zone,timestamp without time zone~
pg_catalog|timestamptz_mi|fi--0~interval~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_mi_interval|fs--0~timestamp with time zone~timestamp with time zone,interval~
pg_catalog|timestamptz_ne|fi--0~boolean~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptz_ne_date|fs--0~boolean~timestamp with time zone,date~
pg_catalog|timestamptz_ne_timestamp|fs--0~boolean~timestamp with time zone,timestamp without time zone~
pg_catalog|timestamptz_out|fs--0~cstring~timestamp with time zone~
pg_catalog|timestamptz_pl_interval|fs--0~timestamp with time zone~timestamp with time zone,interval~
pg_catalog|timestamptz_recv|fi--0~timestamp with time zone~internal,oid,integer~
pg_catalog|timestamptz_send|fi--0~bytea~timestamp with time zone~
pg_catalog|timestamptz_smaller|fi--0~timestamp with time zone~timestamp with time zone,timestamp with time zone~
pg_catalog|timestamptztypmodin|fi--0~integer~cstring[]~
pg_catalog|timestamptztypmodout|fi--0~cstring~integer~
pg_catalog|timetypmodin|fi--0~integer~cstring[]~
pg_catalog|timetypmodout|fi--0~cstring~integer~
pg_catalog|timetz|fs--0~time with time zone~timestamp with time zone~|fi--0~time with time zone~time with time zone,integer~|fs--0~time with time zone~time without time zone~
pg_catalog|timetz_cmp|fi--0~integer~time with time zone,time with time zone~
pg_catalog|timetz_eq|fi--0~boolean~time with time zone,time with time zone~
pg_catalog|timetz_ge|fi--0~boolean~time with time zone,time with time zone~
pg_catalog|timetz_gt|fi--0~boolean~time with time zone,time with time zone~
pg_catalog|timetz_hash|fi--0~integer~time with time zone~
pg_catalog|timetz_hash_extended|fi--0~bigint~time with time zone,bigint~
pg_catalog|timetz_in|fs--0~time with time zone~cstring,oid,integer~
pg_catalog|timetz_larger|fi--0~time with time zone~time with time zone,time with time zone~
pg_catalog|timetz_le|fi--0~boolean~time with time zone,time with time zone~
pg_catalog|timetz_lt|fi--0~boolean~time with time zone,time with time zone~
pg_catalog|timetz_mi_interval|fi--0~time with time zone~time with time zone,interval~
pg_catalog|timetz_ne|fi--0~boolean~time with time zone,time with time zone~
pg_catalog|timetz_out|fi--0~cstring~time with time zone~
pg_catalog|timetz_pl_interval|fi--0~time with time zone~time with time zone,interval~
pg_catalog|timetz_recv|fi--0~time with time zone~internal,oid,integer~
pg_catalog|timetz_send|fi--0~bytea~time with time zone~
pg_catalog|timetz_smaller|fi--0~time with time zone~time with time zone,time with time zone~
pg_catalog|timetzdate_pl|fi--0~timestamp with time zone~time with time zone,date~
pg_catalog|timetztypmodin|fi--0~integer~cstring[]~
pg_catalog|timetztypmodout|fi--0~cstring~integer~
pg_catalog|timezone|fi--0~timestamp without time zone~interval,timestamp with time zone~|fi--0~timestamp without time zone~text,timestamp with time zone~|fs--0~time with time zone~text,time with time zone~|fi--0~time with time zone~interval,time with time zone~|fi--0~timestamp with time zone~text,timestamp without time zone~|fi--0~timestamp with time zone~interval,timestamp without time zone~|fs--0~timestamp without time zone~timestamp with time zone~|fs--0~timestamp with time zone~timestamp without time zone~|fs--0~time with time zone~time with time zone~
pg_catalog|to_ascii|fi--0~text~text~|fi--0~text~text,integer~|fi--0~text~text,name~
pg_catalog|to_bin|fi--0~text~integer~|fi--0~text~bigint~
pg_catalog|to_char|fs--0~text~interval,text~|fs--0~text~timestamp with time zone,text~|fs--0~text~numeric,text~|fs--0~text~integer,text~|fs--0~text~bigint,text~|fs--0~text~real,text~|fs--0~text~double precision,text~|fs--0~text~timestamp without time zone,text~
pg_catalog|to_date|fs--0~date~text,text~
pg_catalog|to_hex|fi--0~text~integer~|fi--0~text~bigint~
pg_catalog|to_json|fs--0~json~anyelement~
pg_catalog|to_jsonb|fs--0~jsonb~anyelement~
pg_catalog|to_number|fs--0~numeric~text,text~
pg_catalog|to_oct|fi--0~text~integer~|fi--0~text~bigint~
pg_catalog|to_regclass|fs--0~regclass~text~
pg_catalog|to_regcollation|fs--0~regcollation~text~
pg_catalog|to_regnamespace|fs--0~regnamespace~text~
pg_catalog|to_regoper|fs--0~regoper~text~
pg_catalog|to_regoperator|fs--0~regoperator~text~
pg_catalog|to_regproc|fs--0~regproc~text~
pg_catalog|to_regprocedure|fs--0~regprocedure~text~
pg_catalog|to_regrole|fs--0~regrole~text~
pg_catalog|to_regtype|fs--0~regtype~text~
pg_catalog|to_regtypemod|fs--0~integer~text~
pg_catalog|to_timestamp|fi--0~timestamp with time zone~double precision~|fs--0~timestamp with time zone~text,text~
pg_catalog|to_tsquery|fi--0~tsquery~regconfig,text~|fs--0~tsquery~text~
pg_catalog|to_tsvector|fi--0~tsvector~regconfig,text~|fs--0~tsvector~text~|fs--0~tsvector~jsonb~|fs--0~tsvector~json~|fi--0~tsvector~regconfig,jsonb~|fi--0~tsvector~regconfig,json~
pg_catalog|transaction_timestamp|fs--0~timestamp with time zone~~
pg_catalog|translate|fi--0~text~text,text,text~
pg_catalog|trigger_in|fi--0~trigger~cstring~
pg_catalog|trigger_out|fi--0~cstring~trigger~
pg_catalog|trim_array|fi--0~anyarray~anyarray,integer~
pg_catalog|trim_scale|fi--0~numeric~numeric~
pg_catalog|trunc|fi--0~macaddr~macaddr~|fi--0~double precision~double precision~|fi--0~numeric~numeric,integer~|fi--0~numeric~numeric~|fi--0~macaddr8~macaddr8~
pg_catalog|ts_debug|fss-0~record~regconfig,text~alias:text,description:text,token:text,dictionaries:regdictionary[],dictionary:regdictionary,lexemes:text[]|fss-0~record~text~alias:text,description:text,token:text,dictionaries:regdictionary[],dictionary:regdictionary,lexemes:text[]
pg_catalog|ts_delete|fi--0~tsvector~tsvector,text~|fi--0~tsvector~tsvector,text[]~
pg_catalog|ts_filter|fi--0~tsvector~tsvector,"char"[]~
pg_catalog|ts_headline|fi--0~text~regconfig,text,tsquery,text~|fi--0~text~regconfig,text,tsquery~|fs--0~text~text,tsquery,text~|fs--0~text~text,tsquery~|fi--0~jsonb~regconfig,jsonb,tsquery,text~|fi--0~jsonb~regconfig,jsonb,tsquery~|fs--0~jsonb~jsonb,tsquery,text~|fs--0~jsonb~jsonb,tsquery~|fi--0~json~regconfig,json,tsquery,text~|fi--0~json~regconfig,json,tsquery~|fs--0~json~json,tsquery,text~|fs--0~json~json,tsquery~
pg_catalog|ts_lexize|fi--0~text[]~regdictionary,text~
pg_catalog|ts_match_qv|fi--0~boolean~tsquery,tsvector~
pg_catalog|ts_match_tq|fs--0~boolean~text,tsquery~
pg_catalog|ts_match_tt|fs--0~boolean~text,text~
pg_catalog|ts_match_vq|fi--0~boolean~tsvector,tsquery~
pg_catalog|ts_parse|fis-0~record~oid,text~tokid:integer,token:text|fss-0~record~text,text~tokid:integer,token:text
pg_catalog|ts_rank|fi--0~real~real[],tsvector,tsquery,integer~|fi--0~real~real[],tsvector,tsquery~|fi--0~real~tsvector,tsquery,integer~|fi--0~real~tsvector,tsquery~
pg_catalog|ts_rank_cd|fi--0~real~real[],tsvector,tsquery,integer~|fi--0~real~real[],tsvector,tsquery~|fi--0~real~tsvector,tsquery,integer~|fi--0~real~tsvector,tsquery~
pg_catalog|ts_rewrite|fi--0~tsquery~tsquery,tsquery,tsquery~|fv--0~tsquery~tsquery,text~
pg_catalog|ts_stat|fvs-0~record~text~word:text,ndoc:integer,nentry:integer|fvs-0~record~text,text~word:text,ndoc:integer,nentry:integer
pg_catalog|ts_token_type|fis-0~record~oid~tokid:integer,alias:text,description:text|fss-0~record~text~tokid:integer,alias:text,description:text
pg_catalog|ts_typanalyze|fs--0~boolean~internal~
pg_catalog|tsm_handler_in|fi--0~tsm_handler~cstring~
pg_catalog|tsm_handler_out|fi--0~cstring~tsm_handler~
pg_catalog|tsmatchjoinsel|fs--0~double precision~internal,oid,internal,smallint,internal~
pg_catalog|tsmatchsel|fs--0~double precision~internal,oid,internal,integer~
pg_catalog|tsmultirange|fi--0~tsmultirange~~|fi--0~tsmultirange~tsrange~|fi-v0~tsmultirange~tsrange[]~
pg_catalog|tsq_mcontained|fi--0~boolean~tsquery,tsquery~
pg_catalog|tsq_mcontains|fi--0~boolean~tsquery,tsquery~
pg_catalog|tsquery_and|fi--0~tsquery~tsquery,tsquery~
pg_catalog|tsquery_cmp|fi--0~integer~tsquery,tsquery~
pg_catalog|tsquery_eq|fi--0~boolean~tsquery,tsquery~
pg_catalog|tsquery_ge|fi--0~boolean~tsquery,tsquery~
pg_catalog|tsquery_gt|fi--0~boolean~tsquery,tsquery~
pg_catalog|tsquery_le|fi--0~boolean~tsquery,tsquery~
pg_catalog|tsquery_lt|fi--0~boolean~tsquery,tsquery~
pg_catalog|tsquery_ne|fi--0~boolean~tsquery,tsquery~
pg_catalog|tsquery_not|fi--0~tsquery~tsquery~
pg_catalog|tsquery_or|fi--0~tsquery~tsquery,tsquery~
pg_catalog|tsquery_phrase|fi--0~tsquery~tsquery,tsquery~|fi--0~tsquery~tsquery,tsquery,integer~
pg_catalog|tsqueryin|fi--0~tsquery~cstring~
pg_catalog|tsqueryout|fi--0~cstring~tsquery~
pg_catalog|tsqueryrecv|fi--0~tsquery~internal~
pg_catalog|tsquerysend|fi--0~bytea~tsquery~
pg_catalog|tsrange|fi--0~tsrange~timestamp without time zone,timestamp without time zone~|fi--0~tsrange~timestamp without time zone,timestamp without time zone,text~
pg_catalog|tsrange_subdiff|fi--0~double precision~timestamp without time zone,timestamp without time zone~
pg_catalog|tstzmultirange|fi--0~tstzmultirange~~|fi--0~tstzmultirange~tstzrange~|fi-v0~tstzmultirange~tstzrange[]~
pg_catalog|tstzrange|fi--0~tstzrange~timestamp with time zone,timestamp with time zone~|fi--0~tstzrange~timestamp with time zone,timestamp with time zone,text~
pg_catalog|tstzrange_subdiff|fi--0~double precision~timestamp with time zone,timestamp with time zone~
pg_catalog|tsvector_cmp|fi--0~integer~tsvector,tsvector~
pg_catalog|tsvector_concat|fi--0~tsvector~tsvector,tsvector~
pg_catalog|tsvector_eq|fi--0~boolean~tsvector,tsvector~
pg_catalog|tsvector_ge|fi--0~boolean~tsvector,tsvector~
pg_catalog|tsvector_gt|fi--0~boolean~tsvector,tsvector~
pg_catalog|tsvector_le|fi--0~boolean~tsvector,tsvector~
pg_catalog|tsvector_lt|fi--0~boolean~tsvector,tsvector~
pg_catalog|tsvector_ne|fi--0~boolean~tsvector,tsvector~
pg_catalog|tsvector_to_array|fi--0~text[]~tsvector~
pg_catalog|tsvector_update_trigger|fv--0~trigger~~
pg_catalog|tsvector_update_trigger_column|fv--0~trigger~~
pg_catalog|tsvectorin|fi--0~tsvector~cstring~
pg_catalog|tsvectorout|fi--0~cstring~tsvector~
pg_catalog|tsvectorrecv|fi--0~tsvector~internal~
pg_catalog|tsvectorsend|fi--0~bytea~tsvector~
pg_catalog|txid_current|fs--0~bigint~~
pg_catalog|txid_current_if_assigned|fs--0~bigint~~
pg_catalog|txid_current_snapshot|fs--0~txid_snapshot~~
pg_catalog|txid_snapshot_in|fi--0~txid_snapshot~cstring~
pg_catalog|txid_snapshot_out|fi--0~cstring~txid_snapshot~
pg_catalog|txid_snapshot_recv|fi--0~txid_snapshot~internal~
pg_catalog|txid_snapshot_send|fi--0~bytea~txid_snapshot~
pg_catalog|txid_snapshot_xip|fis-0~bigint~txid_snapshot~
pg_catalog|txid_snapshot_xmax|fi--0~bigint~txid_snapshot~
pg_catalog|txid_snapshot_xmin|fi--0~bigint~txid_snapshot~
pg_catalog|txid_status|fv--0~text~bigint~
pg_catalog|txid_visible_in_snapshot|fi--0~boolean~bigint,txid_snapshot~
pg_catalog|uhc_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|unicode_assigned|fi--0~boolean~text~
pg_catalog|unicode_version|fi--0~text~~
pg_catalog|unique_key_recheck|fv--0~trigger~~
pg_catalog|unistr|fi--0~text~text~
pg_catalog|unknownin|fi--0~unknown~cstring~
pg_catalog|unknownout|fi--0~cstring~unknown~
pg_catalog|unknownrecv|fi--0~unknown~internal~
pg_catalog|unknownsend|fi--0~bytea~unknown~
pg_catalog|unnest|fis-0~anyrange~anymultirange~|fis-0~anyelement~anyarray~|fis-0~record~tsvector~lexeme:text,positions:smallint[],weights:text[]
pg_catalog|upper|fi--0~text~text~|fi--0~anyelement~anyrange~|fi--0~anyelement~anymultirange~
pg_catalog|upper_inc|fi--0~boolean~anyrange~|fi--0~boolean~anymultirange~
pg_catalog|upper_inf|fi--0~boolean~anyrange~|fi--0~boolean~anymultirange~
pg_catalog|utf8_to_big5|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_euc_cn|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_euc_jis_2004|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_euc_jp|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_euc_kr|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_euc_tw|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_gb18030|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_gbk|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_iso8859|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_iso8859_1|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_johab|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_koi8r|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_koi8u|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_shift_jis_2004|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_sjis|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_uhc|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|utf8_to_win|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|uuid_cmp|fi--0~integer~uuid,uuid~
pg_catalog|uuid_eq|fi--0~boolean~uuid,uuid~
pg_catalog|uuid_extract_timestamp|fi--0~timestamp with time zone~uuid~
pg_catalog|uuid_extract_version|fi--0~smallint~uuid~
pg_catalog|uuid_ge|fi--0~boolean~uuid,uuid~
pg_catalog|uuid_gt|fi--0~boolean~uuid,uuid~
pg_catalog|uuid_hash|fi--0~integer~uuid~
pg_catalog|uuid_hash_extended|fi--0~bigint~uuid,bigint~
pg_catalog|uuid_in|fi--0~uuid~cstring~
pg_catalog|uuid_le|fi--0~boolean~uuid,uuid~
pg_catalog|uuid_lt|fi--0~boolean~uuid,uuid~
pg_catalog|uuid_ne|fi--0~boolean~uuid,uuid~
pg_catalog|uuid_out|fi--0~cstring~uuid~
pg_catalog|uuid_recv|fi--0~uuid~internal~
pg_catalog|uuid_send|fi--0~bytea~uuid~
pg_catalog|uuid_skipsupport|fi--0~void~internal~
pg_catalog|uuid_sortsupport|fi--0~void~internal~
pg_catalog|uuidv4|fv--0~uuid~~
pg_catalog|uuidv7|fv--0~uuid~~|fv--0~uuid~interval~
pg_catalog|var_pop|ai--0~numeric~bigint~|ai--0~numeric~integer~|ai--0~numeric~smallint~|ai--0~double precision~real~|ai--0~double precision~double precision~|ai--0~numeric~numeric~
pg_catalog|var_samp|ai--0~numeric~bigint~|ai--0~numeric~integer~|ai--0~numeric~smallint~|ai--0~double precision~real~|ai--0~double precision~double precision~|ai--0~numeric~numeric~
pg_catalog|varbit|fi--0~bit varying~bit varying,integer,boolean~
pg_catalog|varbit_in|fi--0~bit varying~cstring,oid,integer~
pg_catalog|varbit_out|fi--0~cstring~bit varying~
pg_catalog|varbit_recv|fi--0~bit varying~internal,oid,integer~
pg_catalog|varbit_send|fi--0~bytea~bit varying~
pg_catalog|varbit_support|fi--0~internal~internal~
pg_catalog|varbitcmp|fi--0~integer~bit varying,bit varying~
pg_catalog|varbiteq|fi--0~boolean~bit varying,bit varying~
pg_catalog|varbitge|fi--0~boolean~bit varying,bit varying~
pg_catalog|varbitgt|fi--0~boolean~bit varying,bit varying~
pg_catalog|varbitle|fi--0~boolean~bit varying,bit varying~
pg_catalog|varbitlt|fi--0~boolean~bit varying,bit varying~
pg_catalog|varbitne|fi--0~boolean~bit varying,bit varying~
pg_catalog|varbittypmodin|fi--0~integer~cstring[]~
pg_catalog|varbittypmodout|fi--0~cstring~integer~
pg_catalog|varchar|fi--0~character varying~character varying,integer,boolean~|fi--0~character varying~name~
pg_catalog|varchar_support|fi--0~internal~internal~
pg_catalog|varcharin|fi--0~character varying~cstring,oid,integer~
pg_catalog|varcharout|fi--0~cstring~character varying~
pg_catalog|varcharrecv|fs--0~character varying~internal,oid,integer~
pg_catalog|varcharsend|fs--0~bytea~character varying~
pg_catalog|varchartypmodin|fi--0~integer~cstring[]~
pg_catalog|varchartypmodout|fi--0~cstring~integer~
pg_catalog|variance|ai--0~numeric~bigint~|ai--0~numeric~integer~|ai--0~numeric~smallint~|ai--0~double precision~real~|ai--0~double precision~double precision~|ai--0~numeric~numeric~
pg_catalog|version|fs--0~text~~
pg_catalog|void_in|fi--0~void~cstring~
pg_catalog|void_out|fi--0~cstring~void~
pg_catalog|void_recv|fi--0~void~internal~
pg_catalog|void_send|fi--0~bytea~void~
pg_catalog|websearch_to_tsquery|fi--0~tsquery~regconfig,text~|fs--0~tsquery~text~
pg_catalog|width|fi--0~double precision~box~
pg_catalog|width_bucket|fi--0~integer~double precision,double precision,double precision,integer~|fi--0~integer~numeric,numeric,numeric,integer~|fi--0~integer~anycompatible,anycompatiblearray~
pg_catalog|win1250_to_latin2|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win1250_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win1251_to_iso|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win1251_to_koi8r|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win1251_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win1251_to_win866|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win866_to_iso|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win866_to_koi8r|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win866_to_mic|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win866_to_win1251|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|win_to_utf8|fi--0~integer~integer,integer,cstring,internal,integer,boolean~
pg_catalog|window_cume_dist_support|fi--0~internal~internal~
pg_catalog|window_dense_rank_support|fi--0~internal~internal~
pg_catalog|window_ntile_support|fi--0~internal~internal~
pg_catalog|window_percent_rank_support|fi--0~internal~internal~
pg_catalog|window_rank_support|fi--0~internal~internal~
pg_catalog|window_row_number_support|fi--0~internal~internal~
pg_catalog|xid|fi--0~xid~xid8~
pg_catalog|xid8_larger|fi--0~xid8~xid8,xid8~
pg_catalog|xid8_smaller|fi--0~xid8~xid8,xid8~
pg_catalog|xid8cmp|fi--0~integer~xid8,xid8~
pg_catalog|xid8eq|fi--0~boolean~xid8,xid8~
pg_catalog|xid8ge|fi--0~boolean~xid8,xid8~
pg_catalog|xid8gt|fi--0~boolean~xid8,xid8~
pg_catalog|xid8in|fi--0~xid8~cstring~
pg_catalog|xid8le|fi--0~boolean~xid8,xid8~
pg_catalog|xid8lt|fi--0~boolean~xid8,xid8~
pg_catalog|xid8ne|fi--0~boolean~xid8,xid8~
pg_catalog|xid8out|fi--0~cstring~xid8~
pg_catalog|xid8recv|fi--0~xid8~internal~
pg_catalog|xid8send|fi--0~bytea~xid8~
pg_catalog|xideq|fi--0~boolean~xid,xid~
pg_catalog|xideqint4|fi--0~boolean~xid,integer~
pg_catalog|xidin|fi--0~xid~cstring~
pg_catalog|xidneq|fi--0~boolean~xid,xid~
pg_catalog|xidneqint4|fi--0~boolean~xid,integer~
pg_catalog|xidout|fi--0~cstring~xid~
pg_catalog|xidrecv|fi--0~xid~internal~
pg_catalog|xidsend|fi--0~bytea~xid~
pg_catalog|xml|fs--0~xml~text~
pg_catalog|xml_in|fs--0~xml~cstring~
pg_catalog|xml_is_well_formed|fs--0~boolean~text~
pg_catalog|xml_is_well_formed_content|fi--0~boolean~text~
pg_catalog|xml_is_well_formed_document|fi--0~boolean~text~
pg_catalog|xml_out|fi--0~cstring~xml~
pg_catalog|xml_recv|fs--0~xml~internal~
pg_catalog|xml_send|fs--0~bytea~xml~
pg_catalog|xmlagg|ai--0~xml~xml~
pg_catalog|xmlcomment|fi--0~xml~text~
pg_catalog|xmlconcat2|fi--0~xml~xml,xml~
pg_catalog|xmlexists|fi--0~boolean~text,xml~
pg_catalog|xmltext|fi--0~xml~text~
pg_catalog|xmlvalidate|fi--0~boolean~xml,text~
pg_catalog|xpath|fi--0~xml[]~text,xml,text[]~|fi--0~xml[]~text,xml~
pg_catalog|xpath_exists|fi--0~boolean~text,xml,text[]~|fi--0~boolean~text,xml~
`

/** schema|name|kind|column:type,... */
export const relationLines: string = `
information_schema|_pg_foreign_data_wrappers|v|oid:oid,fdwowner:oid,fdwoptions:text[],foreign_data_wrapper_catalog:information_schema.sql_identifier,foreign_data_wrapper_name:information_schema.sql_identifier,authorization_identifier:information_schema.sql_identifier,foreign_data_wrapper_language:information_schema.character_data
information_schema|_pg_foreign_servers|v|oid:oid,srvoptions:text[],foreign_server_catalog:information_schema.sql_identifier,foreign_server_name:information_schema.sql_identifier,foreign_data_wrapper_catalog:information_schema.sql_identifier,foreign_data_wrapper_name:information_schema.sql_identifier,foreign_server_type:information_schema.character_data,foreign_server_version:information_schema.character_data,authorization_identifier:information_schema.sql_identifier
information_schema|_pg_foreign_table_columns|v|nspname:name,relname:name,attname:name,attfdwoptions:text[]
information_schema|_pg_foreign_tables|v|foreign_table_catalog:information_schema.sql_identifier,foreign_table_schema:information_schema.sql_identifier,foreign_table_name:information_schema.sql_identifier,ftoptions:text[],foreign_server_catalog:information_schema.sql_identifier,foreign_server_name:information_schema.sql_identifier,authorization_identifier:information_schema.sql_identifier
information_schema|_pg_user_mappings|v|oid:oid,umoptions:text[],umuser:oid,authorization_identifier:information_schema.sql_identifier,foreign_server_catalog:information_schema.sql_identifier,foreign_server_name:information_schema.sql_identifier,srvowner:information_schema.sql_identifier
information_schema|administrable_role_authorizations|v|grantee:information_schema.sql_identifier,role_name:information_schema.sql_identifier,is_grantable:information_schema.yes_or_no
information_schema|applicable_roles|v|grantee:information_schema.sql_identifier,role_name:information_schema.sql_identifier,is_grantable:information_schema.yes_or_no
information_schema|attributes|v|udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,attribute_name:information_schema.sql_identifier,ordinal_position:information_schema.cardinal_number,attribute_default:information_schema.character_data,is_nullable:information_schema.yes_or_no,data_type:information_schema.character_data,character_maximum_length:information_schema.cardinal_number,character_octet_length:information_schema.cardinal_number,character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier,collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,numeric_precision:information_schema.cardinal_number,numeric_precision_radix:information_schema.cardinal_number,numeric_scale:information_schema.cardinal_number,datetime_precision:information_schema.cardinal_number,interval_type:information_schema.character_data,interval_precision:information_schema.cardinal_number,attribute_udt_catalog:information_schema.sql_identifier,attribute_udt_schema:information_schema.sql_identifier,attribute_udt_name:information_schema.sql_identifier,scope_catalog:information_schema.sql_identifier,scope_schema:information_schema.sql_identifier,scope_name:information_schema.sql_identifier,maximum_cardinality:information_schema.cardinal_number,dtd_identifier:information_schema.sql_identifier,is_derived_reference_attribute:information_schema.yes_or_no
information_schema|character_sets|v|character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier,character_repertoire:information_schema.sql_identifier,form_of_use:information_schema.sql_identifier,default_collate_catalog:information_schema.sql_identifier,default_collate_schema:information_schema.sql_identifier,default_collate_name:information_schema.sql_identifier
information_schema|check_constraint_routine_usage|v|constraint_catalog:information_schema.sql_identifier,constraint_schema:information_schema.sql_identifier,constraint_name:information_schema.sql_identifier,specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier
information_schema|check_constraints|v|constraint_catalog:information_schema.sql_identifier,constraint_schema:information_schema.sql_identifier,constraint_name:information_schema.sql_identifier,check_clause:information_schema.character_data
information_schema|collation_character_set_applicability|v|collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier
information_schema|collations|v|collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,pad_attribute:information_schema.character_data
information_schema|column_column_usage|v|table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier,dependent_column:information_schema.sql_identifier
information_schema|column_domain_usage|v|domain_catalog:information_schema.sql_identifier,domain_schema:information_schema.sql_identifier,domain_name:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier
information_schema|column_options|v|table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier,option_name:information_schema.sql_identifier,option_value:information_schema.character_data
information_schema|column_privileges|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no
information_schema|column_udt_usage|v|udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier
information_schema|columns|v|table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier,ordinal_position:information_schema.cardinal_number,column_default:information_schema.character_data,is_nullable:information_schema.yes_or_no,data_type:information_schema.character_data,character_maximum_length:information_schema.cardinal_number,character_octet_length:information_schema.cardinal_number,numeric_precision:information_schema.cardinal_number,numeric_precision_radix:information_schema.cardinal_number,numeric_scale:information_schema.cardinal_number,datetime_precision:information_schema.cardinal_number,interval_type:information_schema.character_data,interval_precision:information_schema.cardinal_number,character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier,collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,domain_catalog:information_schema.sql_identifier,domain_schema:information_schema.sql_identifier,domain_name:information_schema.sql_identifier,udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,scope_catalog:information_schema.sql_identifier,scope_schema:information_schema.sql_identifier,scope_name:information_schema.sql_identifier,maximum_cardinality:information_schema.cardinal_number,dtd_identifier:information_schema.sql_identifier,is_self_referencing:information_schema.yes_or_no,is_identity:information_schema.yes_or_no,identity_generation:information_schema.character_data,identity_start:information_schema.character_data,identity_increment:information_schema.character_data,identity_maximum:information_schema.character_data,identity_minimum:information_schema.character_data,identity_cycle:information_schema.yes_or_no,is_generated:information_schema.character_data,generation_expression:information_schema.character_data,is_updatable:information_schema.yes_or_no
information_schema|constraint_column_usage|v|table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier,constraint_catalog:information_schema.sql_identifier,constraint_schema:information_schema.sql_identifier,constraint_name:information_schema.sql_identifier
information_schema|constraint_table_usage|v|table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,constraint_catalog:information_schema.sql_identifier,constraint_schema:information_schema.sql_identifier,constraint_name:information_schema.sql_identifier
information_schema|data_type_privileges|v|object_catalog:information_schema.sql_identifier,object_schema:information_schema.sql_identifier,object_name:information_schema.sql_identifier,object_type:information_schema.character_data,dtd_identifier:information_schema.sql_identifier
information_schema|domain_constraints|v|constraint_catalog:information_schema.sql_identifier,constraint_schema:information_schema.sql_identifier,constraint_name:information_schema.sql_identifier,domain_catalog:information_schema.sql_identifier,domain_schema:information_schema.sql_identifier,domain_name:information_schema.sql_identifier,is_deferrable:information_schema.yes_or_no,initially_deferred:information_schema.yes_or_no
information_schema|domain_udt_usage|v|udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,domain_catalog:information_schema.sql_identifier,domain_schema:information_schema.sql_identifier,domain_name:information_schema.sql_identifier
information_schema|domains|v|domain_catalog:information_schema.sql_identifier,domain_schema:information_schema.sql_identifier,domain_name:information_schema.sql_identifier,data_type:information_schema.character_data,character_maximum_length:information_schema.cardinal_number,character_octet_length:information_schema.cardinal_number,character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier,collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,numeric_precision:information_schema.cardinal_number,numeric_precision_radix:information_schema.cardinal_number,numeric_scale:information_schema.cardinal_number,datetime_precision:information_schema.cardinal_number,interval_type:information_schema.character_data,interval_precision:information_schema.cardinal_number,domain_default:information_schema.character_data,udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,scope_catalog:information_schema.sql_identifier,scope_schema:information_schema.sql_identifier,scope_name:information_schema.sql_identifier,maximum_cardinality:information_schema.cardinal_number,dtd_identifier:information_schema.sql_identifier
information_schema|element_types|v|object_catalog:information_schema.sql_identifier,object_schema:information_schema.sql_identifier,object_name:information_schema.sql_identifier,object_type:information_schema.character_data,collection_type_identifier:information_schema.sql_identifier,data_type:information_schema.character_data,character_maximum_length:information_schema.cardinal_number,character_octet_length:information_schema.cardinal_number,character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier,collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,numeric_precision:information_schema.cardinal_number,numeric_precision_radix:information_schema.cardinal_number,numeric_scale:information_schema.cardinal_number,datetime_precision:information_schema.cardinal_number,interval_type:information_schema.character_data,interval_precision:information_schema.cardinal_number,udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,scope_catalog:information_schema.sql_identifier,scope_schema:information_schema.sql_identifier,scope_name:information_schema.sql_identifier,maximum_cardinality:information_schema.cardinal_number,dtd_identifier:information_schema.sql_identifier
information_schema|enabled_roles|v|role_name:information_schema.sql_identifier
information_schema|foreign_data_wrapper_options|v|foreign_data_wrapper_catalog:information_schema.sql_identifier,foreign_data_wrapper_name:information_schema.sql_identifier,option_name:information_schema.sql_identifier,option_value:information_schema.character_data
information_schema|foreign_data_wrappers|v|foreign_data_wrapper_catalog:information_schema.sql_identifier,foreign_data_wrapper_name:information_schema.sql_identifier,authorization_identifier:information_schema.sql_identifier,library_name:information_schema.character_data,foreign_data_wrapper_language:information_schema.character_data
information_schema|foreign_server_options|v|foreign_server_catalog:information_schema.sql_identifier,foreign_server_name:information_schema.sql_identifier,option_name:information_schema.sql_identifier,option_value:information_schema.character_data
information_schema|foreign_servers|v|foreign_server_catalog:information_schema.sql_identifier,foreign_server_name:information_schema.sql_identifier,foreign_data_wrapper_catalog:information_schema.sql_identifier,foreign_data_wrapper_name:information_schema.sql_identifier,foreign_server_type:information_schema.character_data,foreign_server_version:information_schema.character_data,authorization_identifier:information_schema.sql_identifier
information_schema|foreign_table_options|v|foreign_table_catalog:information_schema.sql_identifier,foreign_table_schema:information_schema.sql_identifier,foreign_table_name:information_schema.sql_identifier,option_name:information_schema.sql_identifier,option_value:information_schema.character_data
information_schema|foreign_tables|v|foreign_table_catalog:information_schema.sql_identifier,foreign_table_schema:information_schema.sql_identifier,foreign_table_name:information_schema.sql_identifier,foreign_server_catalog:information_schema.sql_identifier,foreign_server_name:information_schema.sql_identifier
information_schema|information_schema_catalog_name|v|catalog_name:information_schema.sql_identifier
information_schema|key_column_usage|v|constraint_catalog:information_schema.sql_identifier,constraint_schema:information_schema.sql_identifier,constraint_name:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier,ordinal_position:information_schema.cardinal_number,position_in_unique_constraint:information_schema.cardinal_number
information_schema|parameters|v|specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,ordinal_position:information_schema.cardinal_number,parameter_mode:information_schema.character_data,is_result:information_schema.yes_or_no,as_locator:information_schema.yes_or_no,parameter_name:information_schema.sql_identifier,data_type:information_schema.character_data,character_maximum_length:information_schema.cardinal_number,character_octet_length:information_schema.cardinal_number,character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier,collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,numeric_precision:information_schema.cardinal_number,numeric_precision_radix:information_schema.cardinal_number,numeric_scale:information_schema.cardinal_number,datetime_precision:information_schema.cardinal_number,interval_type:information_schema.character_data,interval_precision:information_schema.cardinal_number,udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,scope_catalog:information_schema.sql_identifier,scope_schema:information_schema.sql_identifier,scope_name:information_schema.sql_identifier,maximum_cardinality:information_schema.cardinal_number,dtd_identifier:information_schema.sql_identifier,parameter_default:information_schema.character_data
information_schema|referential_constraints|v|constraint_catalog:information_schema.sql_identifier,constraint_schema:information_schema.sql_identifier,constraint_name:information_schema.sql_identifier,unique_constraint_catalog:information_schema.sql_identifier,unique_constraint_schema:information_schema.sql_identifier,unique_constraint_name:information_schema.sql_identifier,match_option:information_schema.character_data,update_rule:information_schema.character_data,delete_rule:information_schema.character_data
information_schema|role_column_grants|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no
information_schema|role_routine_grants|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,routine_catalog:information_schema.sql_identifier,routine_schema:information_schema.sql_identifier,routine_name:information_schema.sql_identifier,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no
information_schema|role_table_grants|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no,with_hierarchy:information_schema.yes_or_no
information_schema|role_udt_grants|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no
information_schema|role_usage_grants|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,object_catalog:information_schema.sql_identifier,object_schema:information_schema.sql_identifier,object_name:information_schema.sql_identifier,object_type:information_schema.character_data,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no
information_schema|routine_column_usage|v|specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,routine_catalog:information_schema.sql_identifier,routine_schema:information_schema.sql_identifier,routine_name:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier
information_schema|routine_privileges|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,routine_catalog:information_schema.sql_identifier,routine_schema:information_schema.sql_identifier,routine_name:information_schema.sql_identifier,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no
information_schema|routine_routine_usage|v|specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,routine_catalog:information_schema.sql_identifier,routine_schema:information_schema.sql_identifier,routine_name:information_schema.sql_identifier
information_schema|routine_sequence_usage|v|specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,routine_catalog:information_schema.sql_identifier,routine_schema:information_schema.sql_identifier,routine_name:information_schema.sql_identifier,sequence_catalog:information_schema.sql_identifier,sequence_schema:information_schema.sql_identifier,sequence_name:information_schema.sql_identifier
information_schema|routine_table_usage|v|specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,routine_catalog:information_schema.sql_identifier,routine_schema:information_schema.sql_identifier,routine_name:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier
information_schema|routines|v|specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,routine_catalog:information_schema.sql_identifier,routine_schema:information_schema.sql_identifier,routine_name:information_schema.sql_identifier,routine_type:information_schema.character_data,module_catalog:information_schema.sql_identifier,module_schema:information_schema.sql_identifier,module_name:information_schema.sql_identifier,udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,data_type:information_schema.character_data,character_maximum_length:information_schema.cardinal_number,character_octet_length:information_schema.cardinal_number,character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier,collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,numeric_precision:information_schema.cardinal_number,numeric_precision_radix:information_schema.cardinal_number,numeric_scale:information_schema.cardinal_number,datetime_precision:information_schema.cardinal_number,interval_type:information_schema.character_data,interval_precision:information_schema.cardinal_number,type_udt_catalog:information_schema.sql_identifier,type_udt_schema:information_schema.sql_identifier,type_udt_name:information_schema.sql_identifier,scope_catalog:information_schema.sql_identifier,scope_schema:information_schema.sql_identifier,scope_name:information_schema.sql_identifier,maximum_cardinality:information_schema.cardinal_number,dtd_identifier:information_schema.sql_identifier,routine_body:information_schema.character_data,routine_definition:information_schema.character_data,external_name:information_schema.character_data,external_language:information_schema.character_data,parameter_style:information_schema.character_data,is_deterministic:information_schema.yes_or_no,sql_data_access:information_schema.character_data,is_null_call:information_schema.yes_or_no,sql_path:information_schema.character_data,schema_level_routine:information_schema.yes_or_no,max_dynamic_result_sets:information_schema.cardinal_number,is_user_defined_cast:information_schema.yes_or_no,is_implicitly_invocable:information_schema.yes_or_no,security_type:information_schema.character_data,to_sql_specific_catalog:information_schema.sql_identifier,to_sql_specific_schema:information_schema.sql_identifier,to_sql_specific_name:information_schema.sql_identifier,as_locator:information_schema.yes_or_no,created:information_schema.time_stamp,last_altered:information_schema.time_stamp,new_savepoint_level:information_schema.yes_or_no,is_udt_dependent:information_schema.yes_or_no,result_cast_from_data_type:information_schema.character_data,result_cast_as_locator:information_schema.yes_or_no,result_cast_char_max_length:information_schema.cardinal_number,result_cast_char_octet_length:information_schema.cardinal_number,result_cast_char_set_catalog:information_schema.sql_identifier,result_cast_char_set_schema:information_schema.sql_identifier,result_cast_char_set_name:information_schema.sql_identifier,result_cast_collation_catalog:information_schema.sql_identifier,result_cast_collation_schema:information_schema.sql_identifier,result_cast_collation_name:information_schema.sql_identifier,result_cast_numeric_precision:information_schema.cardinal_number,result_cast_numeric_precision_radix:information_schema.cardinal_number,result_cast_numeric_scale:information_schema.cardinal_number,result_cast_datetime_precision:information_schema.cardinal_number,result_cast_interval_type:information_schema.character_data,result_cast_interval_precision:information_schema.cardinal_number,result_cast_type_udt_catalog:information_schema.sql_identifier,result_cast_type_udt_schema:information_schema.sql_identifier,result_cast_type_udt_name:information_schema.sql_identifier,result_cast_scope_catalog:information_schema.sql_identifier,result_cast_scope_schema:information_schema.sql_identifier,result_cast_scope_name:information_schema.sql_identifier,result_cast_maximum_cardinality:information_schema.cardinal_number,result_cast_dtd_identifier:information_schema.sql_identifier
information_schema|schemata|v|catalog_name:information_schema.sql_identifier,schema_name:information_schema.sql_identifier,schema_owner:information_schema.sql_identifier,default_character_set_catalog:information_schema.sql_identifier,default_character_set_schema:information_schema.sql_identifier,default_character_set_name:information_schema.sql_identifier,sql_path:information_schema.character_data
information_schema|sequences|v|sequence_catalog:information_schema.sql_identifier,sequence_schema:information_schema.sql_identifier,sequence_name:information_schema.sql_identifier,data_type:information_schema.character_data,numeric_precision:information_schema.cardinal_number,numeric_precision_radix:information_schema.cardinal_number,numeric_scale:information_schema.cardinal_number,start_value:information_schema.character_data,minimum_value:information_schema.character_data,maximum_value:information_schema.character_data,increment:information_schema.character_data,cycle_option:information_schema.yes_or_no
information_schema|sql_features|r|feature_id:information_schema.character_data,feature_name:information_schema.character_data,sub_feature_id:information_schema.character_data,sub_feature_name:information_schema.character_data,is_supported:information_schema.yes_or_no,is_verified_by:information_schema.character_data,comments:information_schema.character_data
information_schema|sql_implementation_info|r|implementation_info_id:information_schema.character_data,implementation_info_name:information_schema.character_data,integer_value:information_schema.cardinal_number,character_value:information_schema.character_data,comments:information_schema.character_data
information_schema|sql_parts|r|feature_id:information_schema.character_data,feature_name:information_schema.character_data,is_supported:information_schema.yes_or_no,is_verified_by:information_schema.character_data,comments:information_schema.character_data
information_schema|sql_sizing|r|sizing_id:information_schema.cardinal_number,sizing_name:information_schema.character_data,supported_value:information_schema.cardinal_number,comments:information_schema.character_data
information_schema|table_constraints|v|constraint_catalog:information_schema.sql_identifier,constraint_schema:information_schema.sql_identifier,constraint_name:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,constraint_type:information_schema.character_data,is_deferrable:information_schema.yes_or_no,initially_deferred:information_schema.yes_or_no,enforced:information_schema.yes_or_no,nulls_distinct:information_schema.yes_or_no
information_schema|table_privileges|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no,with_hierarchy:information_schema.yes_or_no
information_schema|tables|v|table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,table_type:information_schema.character_data,self_referencing_column_name:information_schema.sql_identifier,reference_generation:information_schema.character_data,user_defined_type_catalog:information_schema.sql_identifier,user_defined_type_schema:information_schema.sql_identifier,user_defined_type_name:information_schema.sql_identifier,is_insertable_into:information_schema.yes_or_no,is_typed:information_schema.yes_or_no,commit_action:information_schema.character_data
information_schema|transforms|v|udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier,group_name:information_schema.sql_identifier,transform_type:information_schema.character_data
information_schema|triggered_update_columns|v|trigger_catalog:information_schema.sql_identifier,trigger_schema:information_schema.sql_identifier,trigger_name:information_schema.sql_identifier,event_object_catalog:information_schema.sql_identifier,event_object_schema:information_schema.sql_identifier,event_object_table:information_schema.sql_identifier,event_object_column:information_schema.sql_identifier
information_schema|triggers|v|trigger_catalog:information_schema.sql_identifier,trigger_schema:information_schema.sql_identifier,trigger_name:information_schema.sql_identifier,event_manipulation:information_schema.character_data,event_object_catalog:information_schema.sql_identifier,event_object_schema:information_schema.sql_identifier,event_object_table:information_schema.sql_identifier,action_order:information_schema.cardinal_number,action_condition:information_schema.character_data,action_statement:information_schema.character_data,action_orientation:information_schema.character_data,action_timing:information_schema.character_data,action_reference_old_table:information_schema.sql_identifier,action_reference_new_table:information_schema.sql_identifier,action_reference_old_row:information_schema.sql_identifier,action_reference_new_row:information_schema.sql_identifier,created:information_schema.time_stamp
information_schema|udt_privileges|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,udt_catalog:information_schema.sql_identifier,udt_schema:information_schema.sql_identifier,udt_name:information_schema.sql_identifier,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no
information_schema|usage_privileges|v|grantor:information_schema.sql_identifier,grantee:information_schema.sql_identifier,object_catalog:information_schema.sql_identifier,object_schema:information_schema.sql_identifier,object_name:information_schema.sql_identifier,object_type:information_schema.character_data,privilege_type:information_schema.character_data,is_grantable:information_schema.yes_or_no
information_schema|user_defined_types|v|user_defined_type_catalog:information_schema.sql_identifier,user_defined_type_schema:information_schema.sql_identifier,user_defined_type_name:information_schema.sql_identifier,user_defined_type_category:information_schema.character_data,is_instantiable:information_schema.yes_or_no,is_final:information_schema.yes_or_no,ordering_form:information_schema.character_data,ordering_category:information_schema.character_data,ordering_routine_catalog:information_schema.sql_identifier,ordering_routine_schema:information_schema.sql_identifier,ordering_routine_name:information_schema.sql_identifier,reference_type:information_schema.character_data,data_type:information_schema.character_data,character_maximum_length:information_schema.cardinal_number,character_octet_length:information_schema.cardinal_number,character_set_catalog:information_schema.sql_identifier,character_set_schema:information_schema.sql_identifier,character_set_name:information_schema.sql_identifier,collation_catalog:information_schema.sql_identifier,collation_schema:information_schema.sql_identifier,collation_name:information_schema.sql_identifier,numeric_precision:information_schema.cardinal_number,numeric_precision_radix:information_schema.cardinal_number,numeric_scale:information_schema.cardinal_number,datetime_precision:information_schema.cardinal_number,interval_type:information_schema.character_data,interval_precision:information_schema.cardinal_number,source_dtd_identifier:information_schema.sql_identifier,ref_dtd_identifier:information_schema.sql_identifier
information_schema|user_mapping_options|v|authorization_identifier:information_schema.sql_identifier,foreign_server_catalog:information_schema.sql_identifier,foreign_server_name:information_schema.sql_identifier,option_name:information_schema.sql_identifier,option_value:information_schema.character_data
information_schema|user_mappings|v|authorization_identifier:information_schema.sql_identifier,foreign_server_catalog:information_schema.sql_identifier,foreign_server_name:information_schema.sql_identifier
information_schema|view_column_usage|v|view_catalog:information_schema.sql_identifier,view_schema:information_schema.sql_identifier,view_name:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,column_name:information_schema.sql_identifier
information_schema|view_routine_usage|v|table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,specific_catalog:information_schema.sql_identifier,specific_schema:information_schema.sql_identifier,specific_name:information_schema.sql_identifier
information_schema|view_table_usage|v|view_catalog:information_schema.sql_identifier,view_schema:information_schema.sql_identifier,view_name:information_schema.sql_identifier,table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier
information_schema|views|v|table_catalog:information_schema.sql_identifier,table_schema:information_schema.sql_identifier,table_name:information_schema.sql_identifier,view_definition:information_schema.character_data,check_option:information_schema.character_data,is_updatable:information_schema.yes_or_no,is_insertable_into:information_schema.yes_or_no,is_trigger_updatable:information_schema.yes_or_no,is_trigger_deletable:information_schema.yes_or_no,is_trigger_insertable_into:information_schema.yes_or_no
pg_catalog|pg_aggregate|r|aggfnoid:regproc,aggkind:"char",aggnumdirectargs:smallint,aggtransfn:regproc,aggfinalfn:regproc,aggcombinefn:regproc,aggserialfn:regproc,aggdeserialfn:regproc,aggmtransfn:regproc,aggminvtransfn:regproc,aggmfinalfn:regproc,aggfinalextra:boolean,aggmfinalextra:boolean,aggfinalmodify:"char",aggmfinalmodify:"char",aggsortop:oid,aggtranstype:oid,aggtransspace:integer,aggmtranstype:oid,aggmtransspace:integer,agginitval:text,aggminitval:text
pg_catalog|pg_aios|v|pid:integer,io_id:integer,io_generation:bigint,state:text,operation:text,off:bigint,length:bigint,target:text,handle_data_len:smallint,raw_result:integer,result:text,target_desc:text,f_sync:boolean,f_localmem:boolean,f_buffered:boolean
pg_catalog|pg_am|r|oid:oid,amname:name,amhandler:regproc,amtype:"char"
pg_catalog|pg_amop|r|oid:oid,amopfamily:oid,amoplefttype:oid,amoprighttype:oid,amopstrategy:smallint,amoppurpose:"char",amopopr:oid,amopmethod:oid,amopsortfamily:oid
pg_catalog|pg_amproc|r|oid:oid,amprocfamily:oid,amproclefttype:oid,amprocrighttype:oid,amprocnum:smallint,amproc:regproc
pg_catalog|pg_attrdef|r|oid:oid,adrelid:oid,adnum:smallint,adbin:pg_node_tree
pg_catalog|pg_attribute|r|attrelid:oid,attname:name,atttypid:oid,attlen:smallint,attnum:smallint,atttypmod:integer,attndims:smallint,attbyval:boolean,attalign:"char",attstorage:"char",attcompression:"char",attnotnull:boolean,atthasdef:boolean,atthasmissing:boolean,attidentity:"char",attgenerated:"char",attisdropped:boolean,attislocal:boolean,attinhcount:smallint,attcollation:oid,attstattarget:smallint,attacl:aclitem[],attoptions:text[],attfdwoptions:text[],attmissingval:anyarray
pg_catalog|pg_auth_members|r|oid:oid,roleid:oid,member:oid,grantor:oid,admin_option:boolean,inherit_option:boolean,set_option:boolean
pg_catalog|pg_authid|r|oid:oid,rolname:name,rolsuper:boolean,rolinherit:boolean,rolcreaterole:boolean,rolcreatedb:boolean,rolcanlogin:boolean,rolreplication:boolean,rolbypassrls:boolean,rolconnlimit:integer,rolpassword:text,rolvaliduntil:timestamp with time zone
pg_catalog|pg_available_extension_versions|v|name:name,version:text,installed:boolean,superuser:boolean,trusted:boolean,relocatable:boolean,schema:name,requires:name[],comment:text
pg_catalog|pg_available_extensions|v|name:name,default_version:text,installed_version:text,comment:text
pg_catalog|pg_backend_memory_contexts|v|name:text,ident:text,type:text,level:integer,path:integer[],total_bytes:bigint,total_nblocks:bigint,free_bytes:bigint,free_chunks:bigint,used_bytes:bigint
pg_catalog|pg_cast|r|oid:oid,castsource:oid,casttarget:oid,castfunc:oid,castcontext:"char",castmethod:"char"
pg_catalog|pg_class|r|oid:oid,relname:name,relnamespace:oid,reltype:oid,reloftype:oid,relowner:oid,relam:oid,relfilenode:oid,reltablespace:oid,relpages:integer,reltuples:real,relallvisible:integer,relallfrozen:integer,reltoastrelid:oid,relhasindex:boolean,relisshared:boolean,relpersistence:"char",relkind:"char",relnatts:smallint,relchecks:smallint,relhasrules:boolean,relhastriggers:boolean,relhassubclass:boolean,relrowsecurity:boolean,relforcerowsecurity:boolean,relispopulated:boolean,relreplident:"char",relispartition:boolean,relrewrite:oid,relfrozenxid:xid,relminmxid:xid,relacl:aclitem[],reloptions:text[],relpartbound:pg_node_tree
pg_catalog|pg_collation|r|oid:oid,collname:name,collnamespace:oid,collowner:oid,collprovider:"char",collisdeterministic:boolean,collencoding:integer,collcollate:text,collctype:text,colllocale:text,collicurules:text,collversion:text
pg_catalog|pg_config|v|name:text,setting:text
pg_catalog|pg_constraint|r|oid:oid,conname:name,connamespace:oid,contype:"char",condeferrable:boolean,condeferred:boolean,conenforced:boolean,convalidated:boolean,conrelid:oid,contypid:oid,conindid:oid,conparentid:oid,confrelid:oid,confupdtype:"char",confdeltype:"char",confmatchtype:"char",conislocal:boolean,coninhcount:smallint,connoinherit:boolean,conperiod:boolean,conkey:smallint[],confkey:smallint[],conpfeqop:oid[],conppeqop:oid[],conffeqop:oid[],confdelsetcols:smallint[],conexclop:oid[],conbin:pg_node_tree
pg_catalog|pg_conversion|r|oid:oid,conname:name,connamespace:oid,conowner:oid,conforencoding:integer,contoencoding:integer,conproc:regproc,condefault:boolean
pg_catalog|pg_cursors|v|name:text,statement:text,is_holdable:boolean,is_binary:boolean,is_scrollable:boolean,creation_time:timestamp with time zone
pg_catalog|pg_database|r|oid:oid,datname:name,datdba:oid,encoding:integer,datlocprovider:"char",datistemplate:boolean,datallowconn:boolean,dathasloginevt:boolean,datconnlimit:integer,datfrozenxid:xid,datminmxid:xid,dattablespace:oid,datcollate:text,datctype:text,datlocale:text,daticurules:text,datcollversion:text,datacl:aclitem[]
pg_catalog|pg_db_role_setting|r|setdatabase:oid,setrole:oid,setconfig:text[]
pg_catalog|pg_default_acl|r|oid:oid,defaclrole:oid,defaclnamespace:oid,defaclobjtype:"char",defaclacl:aclitem[]
pg_catalog|pg_depend|r|classid:oid,objid:oid,objsubid:integer,refclassid:oid,refobjid:oid,refobjsubid:integer,deptype:"char"
pg_catalog|pg_description|r|objoid:oid,classoid:oid,objsubid:integer,description:text
pg_catalog|pg_enum|r|oid:oid,enumtypid:oid,enumsortorder:real,enumlabel:name
pg_catalog|pg_event_trigger|r|oid:oid,evtname:name,evtevent:name,evtowner:oid,evtfoid:oid,evtenabled:"char",evttags:text[]
pg_catalog|pg_extension|r|oid:oid,extname:name,extowner:oid,extnamespace:oid,extrelocatable:boolean,extversion:text,extconfig:oid[],extcondition:text[]
pg_catalog|pg_file_settings|v|sourcefile:text,sourceline:integer,seqno:integer,name:text,setting:text,applied:boolean,error:text
pg_catalog|pg_foreign_data_wrapper|r|oid:oid,fdwname:name,fdwowner:oid,fdwhandler:oid,fdwvalidator:oid,fdwacl:aclitem[],fdwoptions:text[]
pg_catalog|pg_foreign_server|r|oid:oid,srvname:name,srvowner:oid,srvfdw:oid,srvtype:text,srvversion:text,srvacl:aclitem[],srvoptions:text[]
pg_catalog|pg_foreign_table|r|ftrelid:oid,ftserver:oid,ftoptions:text[]
pg_catalog|pg_group|v|groname:name,grosysid:oid,grolist:oid[]
pg_catalog|pg_hba_file_rules|v|rule_number:integer,file_name:text,line_number:integer,type:text,database:text[],user_name:text[],address:text,netmask:text,auth_method:text,options:text[],error:text
pg_catalog|pg_ident_file_mappings|v|map_number:integer,file_name:text,line_number:integer,map_name:text,sys_name:text,pg_username:text,error:text
pg_catalog|pg_index|r|indexrelid:oid,indrelid:oid,indnatts:smallint,indnkeyatts:smallint,indisunique:boolean,indnullsnotdistinct:boolean,indisprimary:boolean,indisexclusion:boolean,indimmediate:boolean,indisclustered:boolean,indisvalid:boolean,indcheckxmin:boolean,indisready:boolean,indislive:boolean,indisreplident:boolean,indkey:int2vector,indcollation:oidvector,indclass:oidvector,indoption:int2vector,indexprs:pg_node_tree,indpred:pg_node_tree
pg_catalog|pg_indexes|v|schemaname:name,tablename:name,indexname:name,tablespace:name,indexdef:text
pg_catalog|pg_inherits|r|inhrelid:oid,inhparent:oid,inhseqno:integer,inhdetachpending:boolean
pg_catalog|pg_init_privs|r|objoid:oid,classoid:oid,objsubid:integer,privtype:"char",initprivs:aclitem[]
pg_catalog|pg_language|r|oid:oid,lanname:name,lanowner:oid,lanispl:boolean,lanpltrusted:boolean,lanplcallfoid:oid,laninline:oid,lanvalidator:oid,lanacl:aclitem[]
pg_catalog|pg_largeobject|r|loid:oid,pageno:integer,data:bytea
pg_catalog|pg_largeobject_metadata|r|oid:oid,lomowner:oid,lomacl:aclitem[]
pg_catalog|pg_locks|v|locktype:text,database:oid,relation:oid,page:integer,tuple:smallint,virtualxid:text,transactionid:xid,classid:oid,objid:oid,objsubid:smallint,virtualtransaction:text,pid:integer,mode:text,granted:boolean,fastpath:boolean,waitstart:timestamp with time zone
pg_catalog|pg_matviews|v|schemaname:name,matviewname:name,matviewowner:name,tablespace:name,hasindexes:boolean,ispopulated:boolean,definition:text
pg_catalog|pg_namespace|r|oid:oid,nspname:name,nspowner:oid,nspacl:aclitem[]
pg_catalog|pg_opclass|r|oid:oid,opcmethod:oid,opcname:name,opcnamespace:oid,opcowner:oid,opcfamily:oid,opcintype:oid,opcdefault:boolean,opckeytype:oid
pg_catalog|pg_operator|r|oid:oid,oprname:name,oprnamespace:oid,oprowner:oid,oprkind:"char",oprcanmerge:boolean,oprcanhash:boolean,oprleft:oid,oprright:oid,oprresult:oid,oprcom:oid,oprnegate:oid,oprcode:regproc,oprrest:regproc,oprjoin:regproc
pg_catalog|pg_opfamily|r|oid:oid,opfmethod:oid,opfname:name,opfnamespace:oid,opfowner:oid
pg_catalog|pg_parameter_acl|r|oid:oid,parname:text,paracl:aclitem[]
pg_catalog|pg_partitioned_table|r|partrelid:oid,partstrat:"char",partnatts:smallint,partdefid:oid,partattrs:int2vector,partclass:oidvector,partcollation:oidvector,partexprs:pg_node_tree
pg_catalog|pg_policies|v|schemaname:name,tablename:name,policyname:name,permissive:text,roles:name[],cmd:text,qual:text,with_check:text
pg_catalog|pg_policy|r|oid:oid,polname:name,polrelid:oid,polcmd:"char",polpermissive:boolean,polroles:oid[],polqual:pg_node_tree,polwithcheck:pg_node_tree
pg_catalog|pg_prepared_statements|v|name:text,statement:text,prepare_time:timestamp with time zone,parameter_types:regtype[],result_types:regtype[],from_sql:boolean,generic_plans:bigint,custom_plans:bigint
pg_catalog|pg_prepared_xacts|v|transaction:xid,gid:text,prepared:timestamp with time zone,owner:name,database:name
pg_catalog|pg_proc|r|oid:oid,proname:name,pronamespace:oid,proowner:oid,prolang:oid,procost:real,prorows:real,provariadic:oid,prosupport:regproc,prokind:"char",prosecdef:boolean,proleakproof:boolean,proisstrict:boolean,proretset:boolean,provolatile:"char",proparallel:"char",pronargs:smallint,pronargdefaults:smallint,prorettype:oid,proargtypes:oidvector,proallargtypes:oid[],proargmodes:"char"[],proargnames:text[],proargdefaults:pg_node_tree,protrftypes:oid[],prosrc:text,probin:text,prosqlbody:pg_node_tree,proconfig:text[],proacl:aclitem[]
pg_catalog|pg_publication|r|oid:oid,pubname:name,pubowner:oid,puballtables:boolean,pubinsert:boolean,pubupdate:boolean,pubdelete:boolean,pubtruncate:boolean,pubviaroot:boolean,pubgencols:"char"
pg_catalog|pg_publication_namespace|r|oid:oid,pnpubid:oid,pnnspid:oid
pg_catalog|pg_publication_rel|r|oid:oid,prpubid:oid,prrelid:oid,prqual:pg_node_tree,prattrs:int2vector
pg_catalog|pg_publication_tables|v|pubname:name,schemaname:name,tablename:name,attnames:name[],rowfilter:text
pg_catalog|pg_range|r|rngtypid:oid,rngsubtype:oid,rngmultitypid:oid,rngcollation:oid,rngsubopc:oid,rngcanonical:regproc,rngsubdiff:regproc
pg_catalog|pg_replication_origin|r|roident:oid,roname:text
pg_catalog|pg_replication_origin_status|v|local_id:oid,external_id:text,remote_lsn:pg_lsn,local_lsn:pg_lsn
pg_catalog|pg_replication_slots|v|slot_name:name,plugin:name,slot_type:text,datoid:oid,database:name,temporary:boolean,active:boolean,active_pid:integer,xmin:xid,catalog_xmin:xid,restart_lsn:pg_lsn,confirmed_flush_lsn:pg_lsn,wal_status:text,safe_wal_size:bigint,two_phase:boolean,two_phase_at:pg_lsn,inactive_since:timestamp with time zone,conflicting:boolean,invalidation_reason:text,failover:boolean,synced:boolean
pg_catalog|pg_rewrite|r|oid:oid,rulename:name,ev_class:oid,ev_type:"char",ev_enabled:"char",is_instead:boolean,ev_qual:pg_node_tree,ev_action:pg_node_tree
pg_catalog|pg_roles|v|rolname:name,rolsuper:boolean,rolinherit:boolean,rolcreaterole:boolean,rolcreatedb:boolean,rolcanlogin:boolean,rolreplication:boolean,rolconnlimit:integer,rolpassword:text,rolvaliduntil:timestamp with time zone,rolbypassrls:boolean,rolconfig:text[],oid:oid
pg_catalog|pg_rules|v|schemaname:name,tablename:name,rulename:name,definition:text
pg_catalog|pg_seclabel|r|objoid:oid,classoid:oid,objsubid:integer,provider:text,label:text
pg_catalog|pg_seclabels|v|objoid:oid,classoid:oid,objsubid:integer,objtype:text,objnamespace:oid,objname:text,provider:text,label:text
pg_catalog|pg_sequence|r|seqrelid:oid,seqtypid:oid,seqstart:bigint,seqincrement:bigint,seqmax:bigint,seqmin:bigint,seqcache:bigint,seqcycle:boolean
pg_catalog|pg_sequences|v|schemaname:name,sequencename:name,sequenceowner:name,data_type:regtype,start_value:bigint,min_value:bigint,max_value:bigint,increment_by:bigint,cycle:boolean,cache_size:bigint,last_value:bigint
pg_catalog|pg_settings|v|name:text,setting:text,unit:text,category:text,short_desc:text,extra_desc:text,context:text,vartype:text,source:text,min_val:text,max_val:text,enumvals:text[],boot_val:text,reset_val:text,sourcefile:text,sourceline:integer,pending_restart:boolean
pg_catalog|pg_shadow|v|usename:name,usesysid:oid,usecreatedb:boolean,usesuper:boolean,userepl:boolean,usebypassrls:boolean,passwd:text,valuntil:timestamp with time zone,useconfig:text[]
pg_catalog|pg_shdepend|r|dbid:oid,classid:oid,objid:oid,objsubid:integer,refclassid:oid,refobjid:oid,deptype:"char"
pg_catalog|pg_shdescription|r|objoid:oid,classoid:oid,description:text
pg_catalog|pg_shmem_allocations|v|name:text,off:bigint,size:bigint,allocated_size:bigint
pg_catalog|pg_shmem_allocations_numa|v|name:text,numa_node:integer,size:bigint
pg_catalog|pg_shseclabel|r|objoid:oid,classoid:oid,provider:text,label:text
pg_catalog|pg_stat_activity|v|datid:oid,datname:name,pid:integer,leader_pid:integer,usesysid:oid,usename:name,application_name:text,client_addr:inet,client_hostname:text,client_port:integer,backend_start:timestamp with time zone,xact_start:timestamp with time zone,query_start:timestamp with time zone,state_change:timestamp with time zone,wait_event_type:text,wait_event:text,state:text,backend_xid:xid,backend_xmin:xid,query_id:bigint,query:text,backend_type:text
pg_catalog|pg_stat_all_indexes|v|relid:oid,indexrelid:oid,schemaname:name,relname:name,indexrelname:name,idx_scan:bigint,last_idx_scan:timestamp with time zone,idx_tup_read:bigint,idx_tup_fetch:bigint
pg_catalog|pg_stat_all_tables|v|relid:oid,schemaname:name,relname:name,seq_scan:bigint,last_seq_scan:timestamp with time zone,seq_tup_read:bigint,idx_scan:bigint,last_idx_scan:timestamp with time zone,idx_tup_fetch:bigint,n_tup_ins:bigint,n_tup_upd:bigint,n_tup_del:bigint,n_tup_hot_upd:bigint,n_tup_newpage_upd:bigint,n_live_tup:bigint,n_dead_tup:bigint,n_mod_since_analyze:bigint,n_ins_since_vacuum:bigint,last_vacuum:timestamp with time zone,last_autovacuum:timestamp with time zone,last_analyze:timestamp with time zone,last_autoanalyze:timestamp with time zone,vacuum_count:bigint,autovacuum_count:bigint,analyze_count:bigint,autoanalyze_count:bigint,total_vacuum_time:double precision,total_autovacuum_time:double precision,total_analyze_time:double precision,total_autoanalyze_time:double precision
pg_catalog|pg_stat_archiver|v|archived_count:bigint,last_archived_wal:text,last_archived_time:timestamp with time zone,failed_count:bigint,last_failed_wal:text,last_failed_time:timestamp with time zone,stats_reset:timestamp with time zone
pg_catalog|pg_stat_bgwriter|v|buffers_clean:bigint,maxwritten_clean:bigint,buffers_alloc:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_checkpointer|v|num_timed:bigint,num_requested:bigint,num_done:bigint,restartpoints_timed:bigint,restartpoints_req:bigint,restartpoints_done:bigint,write_time:double precision,sync_time:double precision,buffers_written:bigint,slru_written:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_database|v|datid:oid,datname:name,numbackends:integer,xact_commit:bigint,xact_rollback:bigint,blks_read:bigint,blks_hit:bigint,tup_returned:bigint,tup_fetched:bigint,tup_inserted:bigint,tup_updated:bigint,tup_deleted:bigint,conflicts:bigint,temp_files:bigint,temp_bytes:bigint,deadlocks:bigint,checksum_failures:bigint,checksum_last_failure:timestamp with time zone,blk_read_time:double precision,blk_write_time:double precision,session_time:double precision,active_time:double precision,idle_in_transaction_time:double precision,sessions:bigint,sessions_abandoned:bigint,sessions_fatal:bigint,sessions_killed:bigint,parallel_workers_to_launch:bigint,parallel_workers_launched:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_database_conflicts|v|datid:oid,datname:name,confl_tablespace:bigint,confl_lock:bigint,confl_snapshot:bigint,confl_bufferpin:bigint,confl_deadlock:bigint,confl_active_logicalslot:bigint
pg_catalog|pg_stat_gssapi|v|pid:integer,gss_authenticated:boolean,principal:text,encrypted:boolean,credentials_delegated:boolean
pg_catalog|pg_stat_io|v|backend_type:text,object:text,context:text,reads:bigint,read_bytes:numeric,read_time:double precision,writes:bigint,write_bytes:numeric,write_time:double precision,writebacks:bigint,writeback_time:double precision,extends:bigint,extend_bytes:numeric,extend_time:double precision,hits:bigint,evictions:bigint,reuses:bigint,fsyncs:bigint,fsync_time:double precision,stats_reset:timestamp with time zone
pg_catalog|pg_stat_progress_analyze|v|pid:integer,datid:oid,datname:name,relid:oid,phase:text,sample_blks_total:bigint,sample_blks_scanned:bigint,ext_stats_total:bigint,ext_stats_computed:bigint,child_tables_total:bigint,child_tables_done:bigint,current_child_table_relid:oid,delay_time:double precision
pg_catalog|pg_stat_progress_basebackup|v|pid:integer,phase:text,backup_total:bigint,backup_streamed:bigint,tablespaces_total:bigint,tablespaces_streamed:bigint
pg_catalog|pg_stat_progress_cluster|v|pid:integer,datid:oid,datname:name,relid:oid,command:text,phase:text,cluster_index_relid:oid,heap_tuples_scanned:bigint,heap_tuples_written:bigint,heap_blks_total:bigint,heap_blks_scanned:bigint,index_rebuild_count:bigint
pg_catalog|pg_stat_progress_copy|v|pid:integer,datid:oid,datname:name,relid:oid,command:text,type:text,bytes_processed:bigint,bytes_total:bigint,tuples_processed:bigint,tuples_excluded:bigint,tuples_skipped:bigint
pg_catalog|pg_stat_progress_create_index|v|pid:integer,datid:oid,datname:name,relid:oid,index_relid:oid,command:text,phase:text,lockers_total:bigint,lockers_done:bigint,current_locker_pid:bigint,blocks_total:bigint,blocks_done:bigint,tuples_total:bigint,tuples_done:bigint,partitions_total:bigint,partitions_done:bigint
pg_catalog|pg_stat_progress_vacuum|v|pid:integer,datid:oid,datname:name,relid:oid,phase:text,heap_blks_total:bigint,heap_blks_scanned:bigint,heap_blks_vacuumed:bigint,index_vacuum_count:bigint,max_dead_tuple_bytes:bigint,dead_tuple_bytes:bigint,num_dead_item_ids:bigint,indexes_total:bigint,indexes_processed:bigint,delay_time:double precision
pg_catalog|pg_stat_recovery_prefetch|v|stats_reset:timestamp with time zone,prefetch:bigint,hit:bigint,skip_init:bigint,skip_new:bigint,skip_fpw:bigint,skip_rep:bigint,wal_distance:integer,block_distance:integer,io_depth:integer
pg_catalog|pg_stat_replication|v|pid:integer,usesysid:oid,usename:name,application_name:text,client_addr:inet,client_hostname:text,client_port:integer,backend_start:timestamp with time zone,backend_xmin:xid,state:text,sent_lsn:pg_lsn,write_lsn:pg_lsn,flush_lsn:pg_lsn,replay_lsn:pg_lsn,write_lag:interval,flush_lag:interval,replay_lag:interval,sync_priority:integer,sync_state:text,reply_time:timestamp with time zone
pg_catalog|pg_stat_replication_slots|v|slot_name:text,spill_txns:bigint,spill_count:bigint,spill_bytes:bigint,stream_txns:bigint,stream_count:bigint,stream_bytes:bigint,total_txns:bigint,total_bytes:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_slru|v|name:text,blks_zeroed:bigint,blks_hit:bigint,blks_read:bigint,blks_written:bigint,blks_exists:bigint,flushes:bigint,truncates:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_ssl|v|pid:integer,ssl:boolean,version:text,cipher:text,bits:integer,client_dn:text,client_serial:numeric,issuer_dn:text
pg_catalog|pg_stat_subscription|v|subid:oid,subname:name,worker_type:text,pid:integer,leader_pid:integer,relid:oid,received_lsn:pg_lsn,last_msg_send_time:timestamp with time zone,last_msg_receipt_time:timestamp with time zone,latest_end_lsn:pg_lsn,latest_end_time:timestamp with time zone
pg_catalog|pg_stat_subscription_stats|v|subid:oid,subname:name,apply_error_count:bigint,sync_error_count:bigint,confl_insert_exists:bigint,confl_update_origin_differs:bigint,confl_update_exists:bigint,confl_update_missing:bigint,confl_delete_origin_differs:bigint,confl_delete_missing:bigint,confl_multiple_unique_conflicts:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_sys_indexes|v|relid:oid,indexrelid:oid,schemaname:name,relname:name,indexrelname:name,idx_scan:bigint,last_idx_scan:timestamp with time zone,idx_tup_read:bigint,idx_tup_fetch:bigint
pg_catalog|pg_stat_sys_tables|v|relid:oid,schemaname:name,relname:name,seq_scan:bigint,last_seq_scan:timestamp with time zone,seq_tup_read:bigint,idx_scan:bigint,last_idx_scan:timestamp with time zone,idx_tup_fetch:bigint,n_tup_ins:bigint,n_tup_upd:bigint,n_tup_del:bigint,n_tup_hot_upd:bigint,n_tup_newpage_upd:bigint,n_live_tup:bigint,n_dead_tup:bigint,n_mod_since_analyze:bigint,n_ins_since_vacuum:bigint,last_vacuum:timestamp with time zone,last_autovacuum:timestamp with time zone,last_analyze:timestamp with time zone,last_autoanalyze:timestamp with time zone,vacuum_count:bigint,autovacuum_count:bigint,analyze_count:bigint,autoanalyze_count:bigint,total_vacuum_time:double precision,total_autovacuum_time:double precision,total_analyze_time:double precision,total_autoanalyze_time:double precision
pg_catalog|pg_stat_user_functions|v|funcid:oid,schemaname:name,funcname:name,calls:bigint,total_time:double precision,self_time:double precision
pg_catalog|pg_stat_user_indexes|v|relid:oid,indexrelid:oid,schemaname:name,relname:name,indexrelname:name,idx_scan:bigint,last_idx_scan:timestamp with time zone,idx_tup_read:bigint,idx_tup_fetch:bigint
pg_catalog|pg_stat_user_tables|v|relid:oid,schemaname:name,relname:name,seq_scan:bigint,last_seq_scan:timestamp with time zone,seq_tup_read:bigint,idx_scan:bigint,last_idx_scan:timestamp with time zone,idx_tup_fetch:bigint,n_tup_ins:bigint,n_tup_upd:bigint,n_tup_del:bigint,n_tup_hot_upd:bigint,n_tup_newpage_upd:bigint,n_live_tup:bigint,n_dead_tup:bigint,n_mod_since_analyze:bigint,n_ins_since_vacuum:bigint,last_vacuum:timestamp with time zone,last_autovacuum:timestamp with time zone,last_analyze:timestamp with time zone,last_autoanalyze:timestamp with time zone,vacuum_count:bigint,autovacuum_count:bigint,analyze_count:bigint,autoanalyze_count:bigint,total_vacuum_time:double precision,total_autovacuum_time:double precision,total_analyze_time:double precision,total_autoanalyze_time:double precision
pg_catalog|pg_stat_wal|v|wal_records:bigint,wal_fpi:bigint,wal_bytes:numeric,wal_buffers_full:bigint,stats_reset:timestamp with time zone
pg_catalog|pg_stat_wal_receiver|v|pid:integer,status:text,receive_start_lsn:pg_lsn,receive_start_tli:integer,written_lsn:pg_lsn,flushed_lsn:pg_lsn,received_tli:integer,last_msg_send_time:timestamp with time zone,last_msg_receipt_time:timestamp with time zone,latest_end_lsn:pg_lsn,latest_end_time:timestamp with time zone,slot_name:text,sender_host:text,sender_port:integer,conninfo:text
pg_catalog|pg_stat_xact_all_tables|v|relid:oid,schemaname:name,relname:name,seq_scan:bigint,seq_tup_read:bigint,idx_scan:bigint,idx_tup_fetch:bigint,n_tup_ins:bigint,n_tup_upd:bigint,n_tup_del:bigint,n_tup_hot_upd:bigint,n_tup_newpage_upd:bigint
pg_catalog|pg_stat_xact_sys_tables|v|relid:oid,schemaname:name,relname:name,seq_scan:bigint,seq_tup_read:bigint,idx_scan:bigint,idx_tup_fetch:bigint,n_tup_ins:bigint,n_tup_upd:bigint,n_tup_del:bigint,n_tup_hot_upd:bigint,n_tup_newpage_upd:bigint
pg_catalog|pg_stat_xact_user_functions|v|funcid:oid,schemaname:name,funcname:name,calls:bigint,total_time:double precision,self_time:double precision
pg_catalog|pg_stat_xact_user_tables|v|relid:oid,schemaname:name,relname:name,seq_scan:bigint,seq_tup_read:bigint,idx_scan:bigint,idx_tup_fetch:bigint,n_tup_ins:bigint,n_tup_upd:bigint,n_tup_del:bigint,n_tup_hot_upd:bigint,n_tup_newpage_upd:bigint
pg_catalog|pg_statio_all_indexes|v|relid:oid,indexrelid:oid,schemaname:name,relname:name,indexrelname:name,idx_blks_read:bigint,idx_blks_hit:bigint
pg_catalog|pg_statio_all_sequences|v|relid:oid,schemaname:name,relname:name,blks_read:bigint,blks_hit:bigint
pg_catalog|pg_statio_all_tables|v|relid:oid,schemaname:name,relname:name,heap_blks_read:bigint,heap_blks_hit:bigint,idx_blks_read:bigint,idx_blks_hit:bigint,toast_blks_read:bigint,toast_blks_hit:bigint,tidx_blks_read:bigint,tidx_blks_hit:bigint
pg_catalog|pg_statio_sys_indexes|v|relid:oid,indexrelid:oid,schemaname:name,relname:name,indexrelname:name,idx_blks_read:bigint,idx_blks_hit:bigint
pg_catalog|pg_statio_sys_sequences|v|relid:oid,schemaname:name,relname:name,blks_read:bigint,blks_hit:bigint
pg_catalog|pg_statio_sys_tables|v|relid:oid,schemaname:name,relname:name,heap_blks_read:bigint,heap_blks_hit:bigint,idx_blks_read:bigint,idx_blks_hit:bigint,toast_blks_read:bigint,toast_blks_hit:bigint,tidx_blks_read:bigint,tidx_blks_hit:bigint
pg_catalog|pg_statio_user_indexes|v|relid:oid,indexrelid:oid,schemaname:name,relname:name,indexrelname:name,idx_blks_read:bigint,idx_blks_hit:bigint
pg_catalog|pg_statio_user_sequences|v|relid:oid,schemaname:name,relname:name,blks_read:bigint,blks_hit:bigint
pg_catalog|pg_statio_user_tables|v|relid:oid,schemaname:name,relname:name,heap_blks_read:bigint,heap_blks_hit:bigint,idx_blks_read:bigint,idx_blks_hit:bigint,toast_blks_read:bigint,toast_blks_hit:bigint,tidx_blks_read:bigint,tidx_blks_hit:bigint
pg_catalog|pg_statistic|r|starelid:oid,staattnum:smallint,stainherit:boolean,stanullfrac:real,stawidth:integer,stadistinct:real,stakind1:smallint,stakind2:smallint,stakind3:smallint,stakind4:smallint,stakind5:smallint,staop1:oid,staop2:oid,staop3:oid,staop4:oid,staop5:oid,stacoll1:oid,stacoll2:oid,stacoll3:oid,stacoll4:oid,stacoll5:oid,stanumbers1:real[],stanumbers2:real[],stanumbers3:real[],stanumbers4:real[],stanumbers5:real[],stavalues1:anyarray,stavalues2:anyarray,stavalues3:anyarray,stavalues4:anyarray,stavalues5:anyarray
pg_catalog|pg_statistic_ext|r|oid:oid,stxrelid:oid,stxname:name,stxnamespace:oid,stxowner:oid,stxkeys:int2vector,stxstattarget:smallint,stxkind:"char"[],stxexprs:pg_node_tree
pg_catalog|pg_statistic_ext_data|r|stxoid:oid,stxdinherit:boolean,stxdndistinct:pg_ndistinct,stxddependencies:pg_dependencies,stxdmcv:pg_mcv_list,stxdexpr:pg_statistic[]
pg_catalog|pg_stats|v|schemaname:name,tablename:name,attname:name,inherited:boolean,null_frac:real,avg_width:integer,n_distinct:real,most_common_vals:anyarray,most_common_freqs:real[],histogram_bounds:anyarray,correlation:real,most_common_elems:anyarray,most_common_elem_freqs:real[],elem_count_histogram:real[],range_length_histogram:anyarray,range_empty_frac:real,range_bounds_histogram:anyarray
pg_catalog|pg_stats_ext|v|schemaname:name,tablename:name,statistics_schemaname:name,statistics_name:name,statistics_owner:name,attnames:name[],exprs:text[],kinds:"char"[],inherited:boolean,n_distinct:pg_ndistinct,dependencies:pg_dependencies,most_common_vals:text[],most_common_val_nulls:boolean[],most_common_freqs:double precision[],most_common_base_freqs:double precision[]
pg_catalog|pg_stats_ext_exprs|v|schemaname:name,tablename:name,statistics_schemaname:name,statistics_name:name,statistics_owner:name,expr:text,inherited:boolean,null_frac:real,avg_width:integer,n_distinct:real,most_common_vals:anyarray,most_common_freqs:real[],histogram_bounds:anyarray,correlation:real,most_common_elems:anyarray,most_common_elem_freqs:real[],elem_count_histogram:real[]
pg_catalog|pg_subscription|r|oid:oid,subdbid:oid,subskiplsn:pg_lsn,subname:name,subowner:oid,subenabled:boolean,subbinary:boolean,substream:"char",subtwophasestate:"char",subdisableonerr:boolean,subpasswordrequired:boolean,subrunasowner:boolean,subfailover:boolean,subconninfo:text,subslotname:name,subsynccommit:text,subpublications:text[],suborigin:text
pg_catalog|pg_subscription_rel|r|srsubid:oid,srrelid:oid,srsubstate:"char",srsublsn:pg_lsn
pg_catalog|pg_tables|v|schemaname:name,tablename:name,tableowner:name,tablespace:name,hasindexes:boolean,hasrules:boolean,hastriggers:boolean,rowsecurity:boolean
pg_catalog|pg_tablespace|r|oid:oid,spcname:name,spcowner:oid,spcacl:aclitem[],spcoptions:text[]
pg_catalog|pg_timezone_abbrevs|v|abbrev:text,utc_offset:interval,is_dst:boolean
pg_catalog|pg_timezone_names|v|name:text,abbrev:text,utc_offset:interval,is_dst:boolean
pg_catalog|pg_transform|r|oid:oid,trftype:oid,trflang:oid,trffromsql:regproc,trftosql:regproc
pg_catalog|pg_trigger|r|oid:oid,tgrelid:oid,tgparentid:oid,tgname:name,tgfoid:oid,tgtype:smallint,tgenabled:"char",tgisinternal:boolean,tgconstrrelid:oid,tgconstrindid:oid,tgconstraint:oid,tgdeferrable:boolean,tginitdeferred:boolean,tgnargs:smallint,tgattr:int2vector,tgargs:bytea,tgqual:pg_node_tree,tgoldtable:name,tgnewtable:name
pg_catalog|pg_ts_config|r|oid:oid,cfgname:name,cfgnamespace:oid,cfgowner:oid,cfgparser:oid
pg_catalog|pg_ts_config_map|r|mapcfg:oid,maptokentype:integer,mapseqno:integer,mapdict:oid
pg_catalog|pg_ts_dict|r|oid:oid,dictname:name,dictnamespace:oid,dictowner:oid,dicttemplate:oid,dictinitoption:text
pg_catalog|pg_ts_parser|r|oid:oid,prsname:name,prsnamespace:oid,prsstart:regproc,prstoken:regproc,prsend:regproc,prsheadline:regproc,prslextype:regproc
pg_catalog|pg_ts_template|r|oid:oid,tmplname:name,tmplnamespace:oid,tmplinit:regproc,tmpllexize:regproc
pg_catalog|pg_type|r|oid:oid,typname:name,typnamespace:oid,typowner:oid,typlen:smallint,typbyval:boolean,typtype:"char",typcategory:"char",typispreferred:boolean,typisdefined:boolean,typdelim:"char",typrelid:oid,typsubscript:regproc,typelem:oid,typarray:oid,typinput:regproc,typoutput:regproc,typreceive:regproc,typsend:regproc,typmodin:regproc,typmodout:regproc,typanalyze:regproc,typalign:"char",typstorage:"char",typnotnull:boolean,typbasetype:oid,typtypmod:integer,typndims:integer,typcollation:oid,typdefaultbin:pg_node_tree,typdefault:text,typacl:aclitem[]
pg_catalog|pg_user|v|usename:name,usesysid:oid,usecreatedb:boolean,usesuper:boolean,userepl:boolean,usebypassrls:boolean,passwd:text,valuntil:timestamp with time zone,useconfig:text[]
pg_catalog|pg_user_mapping|r|oid:oid,umuser:oid,umserver:oid,umoptions:text[]
pg_catalog|pg_user_mappings|v|umid:oid,srvid:oid,srvname:name,umuser:oid,usename:name,umoptions:text[]
pg_catalog|pg_views|v|schemaname:name,viewname:name,viewowner:name,definition:text
pg_catalog|pg_wait_events|v|type:text,name:text,description:text
`

/** schema|name|kind, and for a domain its base type. */
export const typeLines: string = `
information_schema|cardinal_number|d|integer
information_schema|character_data|d|character varying
information_schema|sql_identifier|d|name
information_schema|time_stamp|d|timestamp with time zone
information_schema|yes_or_no|d|character varying
pg_catalog|aclitem|b
pg_catalog|any|p
pg_catalog|anyarray|p
pg_catalog|anycompatible|p
pg_catalog|anycompatiblearray|p
pg_catalog|anycompatiblemultirange|p
pg_catalog|anycompatiblenonarray|p
pg_catalog|anycompatiblerange|p
pg_catalog|anyelement|p
pg_catalog|anyenum|p
pg_catalog|anymultirange|p
pg_catalog|anynonarray|p
pg_catalog|anyrange|p
pg_catalog|bit|b
pg_catalog|bool|b
pg_catalog|box|b
pg_catalog|bpchar|b
pg_catalog|bytea|b
pg_catalog|char|b
pg_catalog|cid|b
pg_catalog|cidr|b
pg_catalog|circle|b
pg_catalog|cstring|p
pg_catalog|date|b
pg_catalog|datemultirange|m
pg_catalog|daterange|r
pg_catalog|event_trigger|p
pg_catalog|fdw_handler|p
pg_catalog|float4|b
pg_catalog|float8|b
pg_catalog|gtsvector|b
pg_catalog|index_am_handler|p
pg_catalog|inet|b
pg_catalog|int2|b
pg_catalog|int2vector|b
pg_catalog|int4|b
pg_catalog|int4multirange|m
pg_catalog|int4range|r
pg_catalog|int8|b
pg_catalog|int8multirange|m
pg_catalog|int8range|r
pg_catalog|internal|p
pg_catalog|interval|b
pg_catalog|json|b
pg_catalog|jsonb|b
pg_catalog|jsonpath|b
pg_catalog|language_handler|p
pg_catalog|line|b
pg_catalog|lseg|b
pg_catalog|macaddr|b
pg_catalog|macaddr8|b
pg_catalog|money|b
pg_catalog|name|b
pg_catalog|numeric|b
pg_catalog|nummultirange|m
pg_catalog|numrange|r
pg_catalog|oid|b
pg_catalog|oidvector|b
pg_catalog|path|b
pg_catalog|pg_brin_bloom_summary|b
pg_catalog|pg_brin_minmax_multi_summary|b
pg_catalog|pg_ddl_command|p
pg_catalog|pg_dependencies|b
pg_catalog|pg_lsn|b
pg_catalog|pg_mcv_list|b
pg_catalog|pg_ndistinct|b
pg_catalog|pg_node_tree|b
pg_catalog|pg_snapshot|b
pg_catalog|point|b
pg_catalog|polygon|b
pg_catalog|record|p
pg_catalog|refcursor|b
pg_catalog|regclass|b
pg_catalog|regcollation|b
pg_catalog|regconfig|b
pg_catalog|regdictionary|b
pg_catalog|regnamespace|b
pg_catalog|regoper|b
pg_catalog|regoperator|b
pg_catalog|regproc|b
pg_catalog|regprocedure|b
pg_catalog|regrole|b
pg_catalog|regtype|b
pg_catalog|table_am_handler|p
pg_catalog|text|b
pg_catalog|tid|b
pg_catalog|time|b
pg_catalog|timestamp|b
pg_catalog|timestamptz|b
pg_catalog|timetz|b
pg_catalog|trigger|p
pg_catalog|tsm_handler|p
pg_catalog|tsmultirange|m
pg_catalog|tsquery|b
pg_catalog|tsrange|r
pg_catalog|tstzmultirange|m
pg_catalog|tstzrange|r
pg_catalog|tsvector|b
pg_catalog|txid_snapshot|b
pg_catalog|unknown|p
pg_catalog|uuid|b
pg_catalog|varbit|b
pg_catalog|varchar|b
pg_catalog|void|p
pg_catalog|xid|b
pg_catalog|xid8|b
pg_catalog|xml|b
`
