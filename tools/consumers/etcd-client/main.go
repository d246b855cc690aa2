// etcd's own client for Go: writes, reads, watches, locks and holds an election below one prefix.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"strings"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

func main() {
	var files transport.TLSInfo
	endpoints := flag.String("endpoints", "", "with commas")
	prefix := flag.String("prefix", "", "")
	flag.StringVar(&files.TrustedCAFile, "cacert", "", "")
	flag.StringVar(&files.CertFile, "cert", "", "")
	flag.StringVar(&files.KeyFile, "key", "", "")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tls, err := files.ClientConfig()
	must(err)
	client, err := clientv3.New(clientv3.Config{Endpoints: strings.Split(*endpoints, ","), TLS: tls, DialTimeout: 10 * time.Second})
	must(err)
	defer client.Close()
	watch := client.Watch(clientv3.WithRequireLeader(ctx), *prefix, clientv3.WithPrefix(), clientv3.WithCreatedNotify())
	created := <-watch
	must(created.Err())
	_, err = client.Put(ctx, *prefix+"a", "1")
	must(err)
	fmt.Printf("watched %s\n", (<-watch).Events[0].Kv.Key)
	got, err := client.Get(ctx, *prefix, clientv3.WithPrefix())
	must(err)
	fmt.Printf("read %d key\n", got.Count)
	session, err := concurrency.NewSession(client, concurrency.WithTTL(10))
	must(err)
	mutex := concurrency.NewMutex(session, *prefix+"lock")
	must(mutex.Lock(ctx))
	must(mutex.Unlock(ctx))
	election := concurrency.NewElection(session, *prefix+"leader")
	must(election.Campaign(ctx, "me"))
	leader, err := election.Leader(ctx)
	must(err)
	fmt.Printf("elected %s\n", leader.Kvs[0].Value)
	must(election.Resign(ctx))
	must(session.Close())
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
