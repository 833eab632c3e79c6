# METADATA
# title: Only what is understood
# description: Refuses every action of which the analyzer cannot prove that it saw everything it does.
package policy.complete_only

# METADATA
# title: incomplete
deny contains {"rule": "complete_only.incomplete", "message": message} if {
	input.action.complete != true
	not excepted
	message := concat("", ["the action cannot be fully understood before it runs: ", reasons, names])
}

reasons := concat("; ", sort(found)) if {
	count(found) > 0
} else := "no reason is known"

# What the database does not know, by the words of whoever asked.
names := sprintf(" (%s)", [concat(", ", sort(unresolved))]) if {
	count(unresolved) > 0
} else := ""

unresolved contains name if {
	some statement in input.action.sql.statements
	some name in statement.unresolved
}

# Each part is named, so that nothing else of the action is looked at.
found contains reason if some reason in input.action.shell.reasons

found contains reason if some reason in input.action.kube.reasons

found contains reason if some reason in input.action.http.reasons

found contains reason if {
	some statement in input.action.sql.statements
	some reason in statement.reasons
}

# A resource is excepted by name, never by accident.
excepted if input.resource.name in data.config.complete_only.except_resources
