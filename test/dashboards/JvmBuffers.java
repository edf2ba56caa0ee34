// A real JVM with real Netty that tells its buffer pools over HTTP, under the names that Micrometer's JvmMemoryMetrics gives them.
//   java -cp NETTY -Dio.netty.maxDirectMemory=0 JvmBuffers.java      without that flag Netty takes memory that the JVM does not count
// Prints its port. GET /metrics tells; POST /chunk takes a chunk of 16 MiB and keeps it. Ends with its standard input.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

public final class JvmBuffers {
    private static final int CHUNK_BYTES = 16 << 20;
    private static final List<ByteBuf> held = new ArrayList<>();

    public static void main(String[] args) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> answer(exchange, metrics()));
        server.createContext("/chunk", exchange -> {
            held.add(PooledByteBufAllocator.DEFAULT.directBuffer(CHUNK_BYTES, CHUNK_BYTES));
            answer(exchange, "");
        });
        server.start();
        System.out.println(server.getAddress().getPort());
        while (System.in.read() >= 0) {}
        server.stop(0);
    }

    private static String metrics() {
        StringBuilder text = new StringBuilder();
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            line(text, "jvm_buffer_count_buffers", pool, pool.getCount());
            line(text, "jvm_buffer_memory_used_bytes", pool, pool.getMemoryUsed());
            line(text, "jvm_buffer_total_capacity_bytes", pool, pool.getTotalCapacity());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, BufferPoolMXBean pool, long value) {
        text.append(name).append("{id=\"").append(pool.getName()).append("\"} ").append(value).append('\n');
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
