# METADATA
# title: Facts about SQL actions, named the way people ask for them
package sallyport.sql

# METADATA
# description: every statement of the action, in order
statements contains statement if some statement in input.action.sql.statements

# METADATA
# description: every relation that any statement touches
relations contains relation if {
	some statement in input.action.sql.statements
	some relation in statement.relations
}

# METADATA
# description: "`schema.name` of every relation that is written, defined or locked"
changed contains name if {
	some relation in relations
	relation.access != "read"
	name := concat(".", [relation.schema, relation.name])
}

# METADATA
# description: "`schema.name` of every relation that is read"
read contains name if {
	some relation in relations
	relation.access == "read"
	name := concat(".", [relation.schema, relation.name])
}

# METADATA
# description: "`schema.name` of every function that is called"
functions contains name if {
	some statement in input.action.sql.statements
	some called in statement.functions
	name := concat(".", [called.schema, called.name])
}

# METADATA
# description: what the called functions can do
effects contains called.effects if {
	some statement in input.action.sql.statements
	some called in statement.functions
}
