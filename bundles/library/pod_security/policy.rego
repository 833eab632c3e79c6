# METADATA
# title: Pod security
# description: Refuses pods that reach their node, run as root or with added rights, or take secrets as environment.
package policy.pod_security

pod := input.action.kube.pod

deny contains {"rule": "pod_security.privileged", "message": "privileged containers are refused"} if pod.privileged

deny contains {"rule": "pod_security.escalation", "message": "privilege escalation is refused"} if {
	pod.privilege_escalation
}

deny contains {"rule": "pod_security.root", "message": "containers that run as root are refused"} if pod.run_as_root

deny contains {"rule": "pod_security.host", "message": message} if {
	some name in ["host_network", "host_pid", "host_ipc"]
	pod[name]
	message := sprintf("%s is refused", [name])
}

deny contains {"rule": "pod_security.host_path", "message": message} if {
	some path in pod.host_paths
	not path in allowed_host_paths
	message := sprintf("the host path %q is refused", [path])
}

# Without a list every kind of volume is allowed that the rules above allow.
deny contains {"rule": "pod_security.volume", "message": message} if {
	allowed_volumes := data.config.pod_security.volumes
	some kind in pod.volume_kinds
	not kind in allowed_volumes
	message := sprintf("volumes of kind %q are refused", [kind])
}

deny contains {"rule": "pod_security.host_port", "message": message} if {
	some port in pod.host_ports
	message := sprintf("the host port %d is refused", [port])
}

deny contains {"rule": "pod_security.capability", "message": message} if {
	some capability in pod.capabilities
	not capability in allowed_capabilities
	message := sprintf("the capability %s is refused", [capability])
}

deny contains {"rule": "pod_security.secret_env", "message": message} if {
	some name in pod.secrets.env
	message := sprintf("the secret %q in the environment is refused: mount it as a file", [name])
}

deny contains {"rule": "pod_security.image", "message": message} if {
	some image in pod.images
	not allowed_image(image)
	message := sprintf("the image %q is not from an allowed registry", [image])
}

# Past the scheduler, a pod lands on any node, whatever keeps others off it.
deny contains {"rule": "pod_security.node", "message": "naming a node is refused"} if count(pod.nodes) > 0

# What a patch moves or a body hides cannot be judged above.
deny contains {"rule": "pod_security.incomplete", "message": "the body cannot be fully read"} if {
	input.action.kube.resource_request
	input.action.kube.body.complete == false
}

default allowed_host_paths := []

allowed_host_paths := data.config.pod_security.host_paths

default allowed_capabilities := ["NET_BIND_SERVICE"]

allowed_capabilities := data.config.pod_security.capabilities

# Without a list every registry is allowed.
allowed_image(_) if not data.config.pod_security.images

allowed_image(image) if {
	some prefix in data.config.pod_security.images
	startswith(image, prefix)
}
