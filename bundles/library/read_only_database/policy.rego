# METADATA
# title: Read-only database
# description: Allows reading, refuses everything else on PostgreSQL resources.
package policy.read_only_database

reading := {"read", "connect"}

allow if {
	input.resource.protocol == "postgres"
	input.action.verb in reading
	input.action.complete
}

deny contains {"rule": "read_only_database.write", "message": message} if {
	input.resource.protocol == "postgres"
	some statement in input.action.sql.statements
	not harmless(statement)
	message := sprintf("this database is read-only: a %s statement is not", [statement.kind])
}

deny contains {"rule": "read_only_database.relation", "message": message} if {
	input.resource.protocol == "postgres"
	some statement in input.action.sql.statements
	some relation in statement.relations
	relation.access in {"write", "define"}
	message := sprintf("this database is read-only: the statement changes %s.%s", [relation.schema, relation.name])
}

deny contains {"rule": "read_only_database.function", "message": message} if {
	input.resource.protocol == "postgres"
	some statement in input.action.sql.statements
	some called in statement.functions
	called.effects in {"write", "external", "unknown"}
	message := sprintf("this database is read-only: %s.%s can do more than read", [called.schema, called.name])
}

harmless(statement) if statement.verb == "read"

# Transactions and the client's own session settings change no data.
harmless(statement) if statement.kind in {"begin", "commit", "rollback", "savepoint", "release", "set", "show", "reset", "discard", "deallocate"}
