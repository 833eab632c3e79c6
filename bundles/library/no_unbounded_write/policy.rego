# METADATA
# title: No unbounded write
# description: Refuses UPDATE and DELETE without WHERE, and TRUNCATE.
package policy.no_unbounded_write

deny contains {"rule": "no_unbounded_write.where", "message": message} if {
	some statement in input.action.sql.statements
	statement.where == false
	message := sprintf("%s without WHERE would change every row", [upper(statement.kind)])
}

deny contains {"rule": "no_unbounded_write.truncate", "message": "TRUNCATE empties the whole table"} if {
	some statement in input.action.sql.statements
	statement.kind == "truncate"
}

limit contains {"affected": affected} if input.action.verb == "write"

default affected := 1000

affected := data.config.no_unbounded_write.affected
