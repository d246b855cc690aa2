import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import java.io.File;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** jetcd: works below a prefix, then reads a key outside it. */
public class Consumer {
  public static void main(String[] args) throws Exception {
    String endpoint = args[0], ca = args[1], cert = args[2], key = args[3], prefix = args[4], outside = args[5];
    SslContext tls =
        GrpcSslContexts.forClient().trustManager(new File(ca)).keyManager(new File(cert), new File(key)).build();
    try (Client client = Client.builder().endpoints(endpoint).sslContext(tls).build()) {
      KV kv = client.getKVClient();
      CompletableFuture<String> seen = new CompletableFuture<>();
      WatchOption all = WatchOption.builder().isPrefix(true).build();
      try (Watch.Watcher watcher =
          client.getWatchClient().watch(bytes(prefix), all, answer ->
              answer.getEvents().forEach(event -> seen.complete(event.getKeyValue().getValue().toString())))) {
        while (!seen.isDone()) {
          done(kv.put(bytes(prefix + "a"), bytes("1")));
          TimeUnit.MILLISECONDS.sleep(200);
        }
        System.out.println("watched " + done(seen));
      }
      long lease = done(client.getLeaseClient().grant(60)).getID();
      done(kv.put(bytes(prefix + "leased"), bytes("1"), PutOption.builder().withLeaseId(lease).build()));
      System.out.println("listed " + done(kv.get(bytes(prefix), GetOption.builder().isPrefix(true).build())).getCount());
      done(client.getLeaseClient().revoke(lease));
      ByteSequence lock = done(client.getLockClient().lock(bytes(prefix + "lock"), done(client.getLeaseClient().grant(60)).getID())).getKey();
      done(client.getLockClient().unlock(lock));
      done(kv.delete(bytes(prefix), DeleteOption.builder().isPrefix(true).build()));
      try {
        done(kv.get(bytes(outside)));
      } catch (ExecutionException refused) {
        System.out.println("refused " + refused.getCause().getMessage());
      }
    }
    System.exit(0);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text.getBytes());
  }

  private static <T> T done(CompletableFuture<T> answer) throws Exception {
    return answer.get(20, TimeUnit.SECONDS);
  }
}
