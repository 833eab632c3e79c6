# METADATA
# title: Facts about Kubernetes actions
package sallyport.kube

# METADATA
# description: "verbs that change nothing"
reading_verbs := {"get", "list", "watch"}

# METADATA
# description: true for requests that only read
reads if {
	input.action.kube.verb in reading_verbs
	not input.action.kube.subresource in {"exec", "attach", "portforward", "proxy"}
}

# METADATA
# description: "`resource` or `resource/subresource`, as RBAC writes it"
target := input.action.kube.resource if input.action.kube.subresource == ""

target := concat("/", [input.action.kube.resource, input.action.kube.subresource]) if input.action.kube.subresource != ""

# METADATA
# description: containers of the pod or pod template in the body
containers contains container if {
	some path in [["spec", "containers"], ["spec", "initContainers"], ["spec", "ephemeralContainers"], ["spec", "template", "spec", "containers"], ["spec", "template", "spec", "initContainers"]]
	some container in object.get(input.action.kube.body.object, path, [])
}
