# METADATA
# title: No DDL without approval
# description: Holds statements that define or drop objects, or grant rights, until a person approves.
package policy.no_ddl_without_approval

hold contains {"rule": "no_ddl_without_approval.ddl", "reason": reason, "reviewers": reviewers, "quorum": 1, "expires": "15m"} if {
	input.resource.protocol == "postgres"
	some statement in input.action.sql.statements
	changes_schema(statement)
	reason := sprintf("%s changes the schema or its rights", [statement.kind])
}

default reviewers := ["dba"]

reviewers := data.config.no_ddl_without_approval.reviewers

changes_schema(statement) if statement.verb in {"define", "grant"}

changes_schema(statement) if {
	some relation in statement.relations
	relation.access == "define"
	relation.kind != "temporary"
}
