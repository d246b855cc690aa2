import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.grpc.netty.GrpcSslContexts;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Logs in by a certificate as Java's etcd client does, writes a key and reads it: endpoint, CA bundle, certificate, key, etcd key. */
public class Login {
  public static void main(String[] args) throws Exception {
    var tls = GrpcSslContexts.forClient()
        .trustManager(new File(args[1]))
        .keyManager(new File(args[2]), new File(args[3]))
        .build();
    try (var client = Client.builder().endpoints(args[0]).sslContext(tls).build()) {
      var key = ByteSequence.from(args[4], StandardCharsets.UTF_8);
      var value = ByteSequence.from("hello from Java", StandardCharsets.UTF_8);
      client.getKVClient().put(key, value).get(20, TimeUnit.SECONDS);
      var found = client.getKVClient().get(key).get(20, TimeUnit.SECONDS);
      System.out.println(found.getKvs().get(0).getValue().toString(StandardCharsets.UTF_8));
    }
    System.exit(0);
  }
}
