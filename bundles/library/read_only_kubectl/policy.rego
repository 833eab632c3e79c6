# METADATA
# title: Read-only kubectl
# description: Allows get, list, watch and discovery; refuses everything else on clusters.
package policy.read_only_kubectl

reading := {"get", "list", "watch"}

interactive := {"exec", "attach", "portforward", "proxy"}

reads if {
	input.action.kube.verb in reading
	not input.action.kube.subresource in interactive
}

reads if {
	input.action.kube.resource_request == false
	input.action.kube.verb in {"get", "head"}
}

# kubectl asks the cluster what it may do; that changes nothing.
reads if {
	input.action.kube.group == "authorization.k8s.io"
	input.action.kube.resource in {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}
}

allow if {
	input.resource.protocol == "kubernetes"
	input.action.verb == "connect"
}

allow if {
	input.resource.protocol == "kubernetes"
	input.action.complete
	reads
}

deny contains {"rule": "read_only_kubectl.write", "message": message} if {
	input.resource.protocol == "kubernetes"
	input.action.kube
	not reads
	message := sprintf("this cluster is read-only: %s %s is not", [input.action.kube.verb, input.action.kube.resource])
}
