# METADATA
# title: Agent depth
# description: Refuses identities that are delegated too deep, or whose chain has no person at its root.
package policy.agent_depth

default depth_max := 3

depth_max := data.config.agent_depth.max

deny contains {"rule": "agent_depth.too_deep", "message": message} if {
	count(input.identity.chain) > depth_max
	message := sprintf("the identity is delegated %d times, at most %d are allowed", [count(input.identity.chain), depth_max])
}

deny contains {"rule": "agent_depth.rootless", "message": "an agent started by an agent must act for a person or a service"} if {
	count(input.identity.chain) > 0
	input.identity.chain[0].kind == "agent"
}
