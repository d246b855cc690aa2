// Traefik's etcd provider, which is all of Traefik that talks to etcd: prints each configuration that it finds as one line
// of JSON. The whole of Traefik does not build from its Go module, which lacks the files of its web page; and from 3.7 on
// its module requires one that is only in its repository.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"
	"strings"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/provider/kv/etcd"
	"github.com/traefik/traefik/v3/pkg/safe"
	"github.com/traefik/traefik/v3/pkg/types"
)

func main() {
	var provider etcd.Provider
	provider.SetDefaults()
	provider.TLS = &types.ClientTLS{}
	endpoints := flag.String("endpoints", "", "providers.etcd.endpoints, with commas")
	flag.StringVar(&provider.RootKey, "rootkey", provider.RootKey, "providers.etcd.rootKey")
	flag.StringVar(&provider.TLS.CA, "tls.ca", "", "providers.etcd.tls.ca")
	flag.StringVar(&provider.TLS.Cert, "tls.cert", "", "providers.etcd.tls.cert")
	flag.StringVar(&provider.TLS.Key, "tls.key", "", "providers.etcd.tls.key")
	flag.Parse()
	provider.Endpoints = strings.Split(*endpoints, ",")
	if err := provider.Init(); err != nil {
		log.Fatal(err)
	}
	configurations := make(chan dynamic.Message, 1)
	if err := provider.Provide(configurations, safe.NewPool(context.Background())); err != nil {
		log.Fatal(err)
	}
	out := json.NewEncoder(os.Stdout)
	for message := range configurations {
		if err := out.Encode(message.Configuration); err != nil {
			log.Fatal(err)
		}
	}
}
