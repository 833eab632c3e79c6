# METADATA
# title: No forwarding
# description: Refuses port, agent and X11 forwarding over SSH, and port-forward in clusters.
package policy.no_forwarding

deny contains {"rule": "no_forwarding.ssh", "message": message} if {
	input.action.shell.operation in {"forward", "remote_forward", "agent", "x11"}
	message := sprintf("%s forwarding is refused", [input.action.shell.operation])
}

deny contains {"rule": "no_forwarding.kubernetes", "message": "port-forward is refused"} if {
	input.action.kube.subresource == "portforward"
}
