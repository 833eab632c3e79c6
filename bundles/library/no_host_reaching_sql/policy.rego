# METADATA
# title: No SQL that reaches the host or the network
# description: Refuses functions and statements that read server files, run programs or open connections.
package policy.no_host_reaching_sql

deny contains {"rule": "no_host_reaching_sql.function", "message": message} if {
	some statement in input.action.sql.statements
	some called in statement.functions
	called.effects == "external"
	message := sprintf("%s.%s reaches outside the database", [called.schema, called.name])
}

deny contains {"rule": "no_host_reaching_sql.statement", "message": message} if {
	some statement in input.action.sql.statements
	statement.kind in reaching
	message := sprintf("%s reaches outside the database", [statement.kind])
}

reaching := {"copy_program", "copy_file", "load", "create_extension", "create_foreign_data_wrapper", "create_server", "create_user_mapping", "import_foreign_schema", "create_subscription", "alter_system", "create_language"}
