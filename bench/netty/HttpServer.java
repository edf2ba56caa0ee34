import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.Version;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The service of the story, on real Netty: HTTP on the loopback, messages aggregated whole in pooled direct memory,
 * counted and dropped. Prints {@code {"port":N,…}} when it listens, and ends when its standard input ends.
 * {@code GET /arenas} answers what the direct arenas say about themselves.
 */
public final class HttpServer {
    private static final int MAX_INITIAL_LINE = 4098, MAX_HEADER = 8196, MAX_SLICE = 8196; // as in the recorded traces
    private static final long UNLIMITED = 1L << 50;
    private static final int ERRORS_PRINTED = 20; // a pipe that nobody reads would fill up and stop the event loop
    private static final String[][] OPTIONS = {
        {"port", "0", "port on 127.0.0.1; 0: a free one"},
        {"workers", "2", "event loops"},
        {"arenas", "2", "direct arenas"},
        {"pageSize", "8192", "bytes, a power of two from 4096"},
        {"maxOrder", "11", "a chunk is pageSize << maxOrder bytes"},
        {"tinyCache", "512", "entries per tiny queue of a thread cache; 0: none"},
        {"smallCache", "256", "the same for small"},
        {"normalCache", "64", "the same for normal"},
        {"maxContent", "1073741824", "largest body in bytes; a larger one is answered 413"},
        {"limit", "0", "bytes of direct memory; 0: no limit"},
    };

    public static void main(String[] arguments) throws Exception {
        try {
            new HttpServer(parse(arguments)).serve();
        } catch (IllegalArgumentException e) {
            System.err.println("HttpServer: " + e.getMessage() + "\n\n" + usage());
            System.exit(2);
        } catch (Exception e) {
            e.printStackTrace(); // the port is taken, most likely
            System.exit(1);
        }
        System.exit(0);
    }

    private final Map<String, String> options;
    private final PooledByteBufAllocator allocator;
    private final AtomicLong errors = new AtomicLong();

    private HttpServer(Map<String, String> options) {
        this.options = options;
        for (String[] row : OPTIONS) number(row[0]);
        setDefault("io.netty.leakDetectionLevel", "DISABLED"); // all three before Netty's classes read them
        setDefault("io.netty.tryReflectionSetAccessible", "true");
        setDefault("io.netty.maxDirectMemory", options.get("limit").equals("0") ? Long.toString(UNLIMITED) : options.get("limit"));
        allocator = new PooledByteBufAllocator(true, 0, integer("arenas"), integer("pageSize"), integer("maxOrder"),
            integer("tinyCache"), integer("smallCache"), integer("normalCache"), true);
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) System.setProperty(property, value);
    }

    private void serve() throws Exception {
        EventLoopGroup boss = new NioEventLoopGroup(1), workers = new NioEventLoopGroup(integer("workers"));
        try {
            ChannelFuture bound = bootstrap(boss, workers).bind("127.0.0.1", integer("port")).sync();
            int port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
            System.out.println("{\"port\":" + port + ",\"netty\":\"" + Version.identify().get("netty-buffer").artifactVersion()
                + "\",\"java\":\"" + System.getProperty("java.version") + "\"}");
            System.in.transferTo(OutputStream.nullOutputStream());
        } finally {
            Future<?> end = workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            boss.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
            end.await();
        }
    }

    private ServerBootstrap bootstrap(EventLoopGroup boss, EventLoopGroup workers) {
        int maxContent = integer("maxContent");
        return new ServerBootstrap().group(boss, workers).channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new ChannelInitializer<SocketChannel>() {
                @Override protected void initChannel(SocketChannel channel) {
                    channel.pipeline().addLast(new HttpServerCodec(MAX_INITIAL_LINE, MAX_HEADER, MAX_SLICE),
                        new HttpObjectAggregator(maxContent), new Dropper());
                }
            });
    }

    /** Counts the bytes of a whole message and lets it go: the base class releases it after this. */
    private final class Dropper extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            if (request.decoderResult().isFailure()) {
                answer(context, request, HttpResponseStatus.BAD_REQUEST, "application/json", "{\"error\":\"malformed request\"}");
            } else if (request.method().equals(HttpMethod.GET) && request.uri().equals("/arenas")) {
                answer(context, request, HttpResponseStatus.OK, "text/plain", arenas());
            } else {
                answer(context, request, HttpResponseStatus.OK, "application/json", "{\"bytes\":" + request.content().readableBytes() + "}");
            }
        }

        /** Out of direct memory, most often. What was aggregated so far goes with the channel. */
        @Override public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException) && errors.incrementAndGet() <= ERRORS_PRINTED) System.err.println("HttpServer: " + cause);
            context.close();
        }
    }

    private static void answer(ChannelHandlerContext context, FullHttpRequest request, HttpResponseStatus status, String type, String text) {
        boolean keepAlive = HttpUtil.isKeepAlive(request) && status.equals(HttpResponseStatus.OK);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status,
            ByteBufUtil.encodeString(context.alloc(), CharBuffer.wrap(text), StandardCharsets.UTF_8));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        HttpUtil.setContentLength(response, response.content().readableBytes());
        HttpUtil.setKeepAlive(response, keepAlive);
        ChannelFuture written = context.writeAndFlush(response);
        if (!keepAlive) written.addListener(ChannelFutureListener.CLOSE);
    }

    private String arenas() {
        StringBuilder text = new StringBuilder();
        for (PoolArenaMetric arena : allocator.metric().directArenas()) text.append(arena).append('\n');
        return text.toString();
    }

    // ------------------------------------------------------------------------------------------------ options

    private static Map<String, String> parse(String[] arguments) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String[] row : OPTIONS) values.put(row[0], row[1]);
        for (String argument : arguments) {
            String name = argument.substring(0, Math.max(argument.indexOf('='), 0));
            if (!values.containsKey(name)) throw new IllegalArgumentException(argument + " (expected: an option below as key=value)");
            values.put(name, argument.substring(name.length() + 1));
        }
        return values;
    }

    private long number(String name) {
        try {
            long value = Long.parseLong(options.get(name));
            if (value >= 0 && (value <= Integer.MAX_VALUE || name.equals("limit"))) return value;
        } catch (NumberFormatException e) {
            // falls through to the same complaint
        }
        throw new IllegalArgumentException(name + ": " + options.get(name) + " (expected: a whole number, 0 or more)");
    }

    private int integer(String name) {
        return (int) number(name);
    }

    private static String usage() {
        StringBuilder text = new StringBuilder("usage: HttpServer [key=value ...]\n");
        for (String[] row : OPTIONS) text.append(String.format("  %-12s %-11s %s%n", row[0], row[1], row[2]));
        return text.toString();
    }
}
