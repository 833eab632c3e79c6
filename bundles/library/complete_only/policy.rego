# METADATA
# title: Only what is understood
# description: Refuses every action of which the analyzer cannot prove that it saw everything it does.
package policy.complete_only

# METADATA
# title: incomplete
deny contains {"rule": "complete_only.incomplete", "message": message} if {
	input.action.complete != true
	not excepted
	message := concat("", ["the action cannot be fully understood before it runs: ", reasons])
}

reasons := concat("; ", found) if {
	found := sort({reason |
		some part in ["sql", "shell", "kube", "http"]
		some reason in object.get(input.action, [part, "reasons"], [])
	} | {reason |
		some statement in object.get(input.action, ["sql", "statements"], [])
		some reason in statement.reasons
	})
	count(found) > 0
} else := "no reason is known"

# A resource is excepted by name, never by accident.
excepted if input.resource.name in data.config.complete_only.except_resources
