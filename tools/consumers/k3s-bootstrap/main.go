// What k3s does with an external etcd beside its apiserver (k3s-io/k3s, pkg/cluster/storage.go), with k3s' own client.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/k3s-io/kine/pkg/client"
	"github.com/k3s-io/kine/pkg/endpoint"
	"github.com/k3s-io/kine/pkg/tls"
)

func main() {
	var config endpoint.Config
	var files tls.Config
	flag.StringVar(&config.Endpoint, "datastore-endpoint", "", "")
	flag.StringVar(&files.CAFile, "datastore-cafile", "", "")
	flag.StringVar(&files.CertFile, "datastore-certfile", "", "")
	flag.StringVar(&files.KeyFile, "datastore-keyfile", "", "")
	list := flag.String("list", "/bootstrap", "")
	flag.Parse()
	config.BackendTLSConfig = files
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	etcd, err := endpoint.Listen(ctx, config)
	must(err)
	storage, err := client.New(etcd)
	must(err)
	defer storage.Close()
	key := *list + "/0123456789ab"
	_, err = storage.List(ctx, *list, 0)
	must(err)
	must(storage.Create(ctx, key, []byte("encrypted")))
	value, err := storage.Get(ctx, key)
	must(err)
	must(storage.Update(ctx, key, value.Modified, []byte("encrypted again")))
	values, err := storage.List(ctx, *list, 0)
	must(err)
	must(storage.Delete(ctx, key, values[0].Modified))
	fmt.Printf("bootstrapped, %d key\n", len(values))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
