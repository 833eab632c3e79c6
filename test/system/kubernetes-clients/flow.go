// Package main is a client-go program before the gateway: an informer that follows pods as dashboards do, a list by pages,
// and a command in a pod over each transport. It prints what it sees, a line each.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/remotecommand"
)

func must(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func main() {
	space := os.Args[1]
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must(err)
	client, err := kubernetes.NewForConfig(config)
	must(err)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	defer cancel()

	seen := make(chan string, 100)
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(space))
	pods := factory.Core().V1().ConfigMaps().Informer()
	say := func(what string) func(any) {
		return func(object any) {
			if deleted, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = deleted.Obj
			}
			one := object.(*corev1.ConfigMap)
			seen <- fmt.Sprintf("%s %s %s", what, one.Name, one.Data["step"])
		}
	}
	_, err = pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    say("added"),
		UpdateFunc: func(_, object any) { say("changed")(object) },
		DeleteFunc: say("deleted"),
	})
	must(err)
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), pods.HasSynced) {
		must(fmt.Errorf("the informer did not sync"))
	}
	maps := client.CoreV1().ConfigMaps(space)
	wait := func(want string) {
		for {
			select {
			case got := <-seen:
				if got == want {
					fmt.Println(got)
					return
				}
			case <-ctx.Done():
				must(fmt.Errorf("never saw %q", want))
			}
		}
	}
	for _, name := range []string{"page-a", "page-b", "page-c"} {
		_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"step": "1"}}, metav1.CreateOptions{})
		must(err)
		wait("added " + name + " 1")
	}
	one, err := maps.Get(ctx, "page-b", metav1.GetOptions{})
	must(err)
	one.Data["step"] = "2"
	_, err = maps.Update(ctx, one, metav1.UpdateOptions{})
	must(err)
	wait("changed page-b 2")

	next := ""
	for pages := 0; pages < 100; pages++ {
		list, err := maps.List(ctx, metav1.ListOptions{Limit: 1, Continue: next})
		must(err)
		for _, one := range list.Items {
			fmt.Println("listed", one.Name)
		}
		if next = list.Continue; next == "" {
			break
		}
	}
	for _, name := range []string{"page-a", "page-b", "page-c"} {
		must(maps.Delete(ctx, name, metav1.DeleteOptions{}))
	}
	wait("deleted page-c 1")

	request := client.CoreV1().RESTClient().Post().Resource("pods").Name("web").Namespace(space).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Command: []string{"sh", "-c", "cat; echo done >&2; exit 7"}, Stdin: true, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	spdy, err := remotecommand.NewSPDYExecutor(config, "POST", request.URL())
	must(err)
	socket, err := remotecommand.NewWebSocketExecutor(config, "GET", request.URL().String())
	must(err)
	for _, one := range []remotecommand.Executor{spdy, socket} {
		var out, errors bytes.Buffer
		err = one.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: bytes.NewBufferString("typed\n"), Stdout: &out, Stderr: &errors})
		fmt.Printf("exec %q %q %v\n", out.String(), errors.String(), err)
	}
}
