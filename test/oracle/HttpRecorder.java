package io.netty.buffer;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpObjectEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.Version;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.PlatformDependent;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Real Netty's HTTP server pipeline over scripted sockets: its own event loops, read loop, receive-buffer predictor, decoder,
 * aggregator and encoder; only what the kernel would deliver comes from the script on standard input, a line each:
 * {@code C <conn> <loop> <bodyBytes>} a connection opens and sends a request, {@code N <conn> <bodyBytes>} it sends its next one,
 * {@code V <conn> <available>} it is readable, {@code D <conn>} it is finished, {@code S} and {@code X} look at the allocator.
 * What is unread of a request is delivered before its connection goes on. Prints the lines of an {@code http-*} trace.
 */
public final class HttpRecorder {
    private static final String HEAD = "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: <n>\r\n\r\n";
    private static final int MAX_INITIAL_LINE = 4098, MAX_HEADER = 8196, MAX_SLICE = 8196, MAX_COMPONENTS = 1024;
    private static final long UNLIMITED = 1L << 50; // as TraceRecorder
    private static final int MAX_BODY = Integer.MAX_VALUE;

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of("arenas", "2", "loops", "2", "pageSize", "8192", "maxOrder", "11"));
        for (String argument : arguments) options.put(argument.split("=")[0], argument.split("=")[1]);
        PrintStream out = new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16), false);
        new HttpRecorder(options, out).run(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)));
        out.flush();
        System.exit(out.checkError() ? 1 : 0); // the event loops' threads would go on
    }

    private final PrintStream out;
    private final PooledByteBufAllocator allocator;
    private final AllocatorView view;
    private final List<EventLoop> loops = new ArrayList<>();
    private final Map<String, ScriptedChannel> channels = new HashMap<>();

    private HttpRecorder(Map<String, String> options, PrintStream out) throws Exception {
        this.out = out;
        int arenas = number(options, "arenas"), pageBytes = number(options, "pageSize"), maxOrder = number(options, "maxOrder");
        allocator = new PooledByteBufAllocator(true, 0, arenas, pageBytes, maxOrder, 512, 256, 64, true);
        view = new AllocatorView(allocator);
        for (EventExecutor loop : new NioEventLoopGroup(number(options, "loops"))) {
            loops.add((EventLoop) loop);
            loop.submit(allocator::threadCache).sync(); // binds to its arena, in index order
        }
        Class.forName(HttpObjectEncoder.class.getName()); // keeps a few bytes of direct memory of its own, for ever
        long limit = PlatformDependent.maxDirectMemory(), ours = limit - PlatformDependent.usedDirectMemory();
        print("{\"format\":1,\"kind\":\"http-pipeline\",\"netty\":\"" + Version.identify().get("netty-buffer").artifactVersion()
            + "\",\"maxDirectMemory\":" + (limit == UNLIMITED ? "null" : Long.toString(ours)) + ",\"directArenas\":" + arenas
            + ",\"eventLoops\":" + loops.size() + ",\"pageSize\":" + pageBytes + ",\"maxOrder\":" + maxOrder
            + ",\"httpMaxChunkSize\":" + MAX_SLICE + ",\"maxCumulationBufferComponents\":" + MAX_COMPONENTS
            + ",\"recv\":{\"minimum\":64,\"initial\":1024,\"maximum\":65536,\"maxMessagesPerRead\":16}"
            + ",\"requestHead\":\"" + HEAD.replace("\r\n", "\\r\\n") + "\"}");
    }

    private static int number(Map<String, String> options, String name) {
        return Integer.parseInt(options.get(name));
    }

    private void print(String line) {
        out.append(line).append('\n');
    }

    private void run(BufferedReader script) throws Exception {
        for (String line; (line = script.readLine()) != null; ) {
            String[] fields = line.split(" ");
            switch (fields[0]) {
                case "C" -> open(line, fields[1], Integer.parseInt(fields[2]), Integer.parseInt(fields[3]));
                case "N" -> next(line, fields[1], Integer.parseInt(fields[2]));
                case "V" -> readable(fields[1], Long.parseLong(fields[2]));
                case "D" -> finish(fields[1]);
                case "S" -> print("S " + view.snapshot());
                case "X" -> print("X " + view.text());
                default -> throw new IllegalArgumentException(line + " (expected: C, N, V, D, S or X)");
            }
        }
    }

    private void open(String line, String name, int loop, int bodyBytes) throws Exception {
        ScriptedChannel channel = new ScriptedChannel(bodyBytes);
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(new HttpServerCodec(MAX_INITIAL_LINE, MAX_HEADER, MAX_SLICE), new Counter(channel),
            new HttpObjectAggregator(MAX_BODY), new Server(channel));
        loops.get(loop).register(channel).sync();
        channels.put(name, channel);
        print(line);
    }

    private void next(String line, String name, int bodyBytes) throws Exception {
        drain(name);
        ScriptedChannel channel = channels.get(name);
        if (channel == null) return; // it failed
        channel.request(bodyBytes);
        print(line);
    }

    private void finish(String name) throws Exception {
        drain(name);
        if (channels.containsKey(name)) close(name);
    }

    private void drain(String name) throws Exception {
        ScriptedChannel channel = channels.get(name);
        while (channel != null && channel.unsent > 0 && !channel.failed()) readable(name, channel.unsent);
    }

    /** One readable event with that many bytes, or as many as there are. */
    private void readable(String name, long bytes) throws Exception {
        ScriptedChannel channel = channels.get(name);
        if (channel == null || channel.unsent == 0) return;
        long available = Math.min(bytes, channel.unsent);
        channel.available = available;
        channel.reads.clear();
        channel.eventLoop().submit(() -> ((NioUnsafe) channel.unsafe()).read()).sync();
        String left = channel.available > 0 ? " left=" + channel.available : "";
        print("V " + name + " " + available + " " + String.join(",", channel.reads) + left);
        if (!channel.failed()) return;
        print("E " + name + " " + channel.failure.getClass().getSimpleName() + " received=" + channel.received);
        close(name);
    }

    private void close(String name) throws Exception {
        ScriptedChannel channel = channels.remove(name);
        channel.eventLoop().submit(() -> channel.close()).sync();
        channel.eventLoop().submit(() -> {}).sync(); // closing left to the loop to tell the handlers, who release what they have
        print("D " + name + " " + channel.messages + " " + channel.bytes);
    }

    /** A socket whose kernel is the script. What it reads is a request's head, then zeros. */
    private static final class ScriptedChannel extends NioSocketChannel {
        private byte[] head;
        private int headAt; // bytes of the head that were read
        long unsent; // of the present request, head and body
        long available; // of those, to the present readable event
        final List<String> reads = new ArrayList<>(); // of that event
        long received; // body bytes of the present request that reached the aggregator
        Throwable failure;
        int messages; // whole ones that reached the handler
        long bytes; // of their bodies

        ScriptedChannel(int bodyBytes) {
            request(bodyBytes);
        }

        void request(int bodyBytes) {
            head = HEAD.replace("<n>", Integer.toString(bodyBytes)).getBytes(StandardCharsets.US_ASCII);
            headAt = 0;
            unsent = head.length + (long) bodyBytes;
            received = 0;
        }

        boolean failed() {
            return failure != null;
        }

        @Override public boolean isActive() {
            return isOpen();
        }

        @Override protected void doBeginRead() {
            // the script says when it is readable, not the selector
        }

        @Override protected int doReadBytes(ByteBuf buffer) {
            RecvByteBufAllocator.Handle handle = unsafe().recvBufAllocHandle();
            handle.attemptedBytesRead(buffer.writableBytes()); // as NioSocketChannel does
            int got = (int) Math.min(available, buffer.writableBytes()), ofHead = Math.min(got, head.length - headAt);
            reads.add(buffer.writableBytes() + ":" + got);
            buffer.writeBytes(head, headAt, ofHead).writeZero(got - ofHead);
            headAt += ofHead;
            available -= got;
            unsent -= got;
            return got;
        }

        @Override protected void doWrite(ChannelOutboundBuffer written) {
            while (written.remove()) continue; // all of it is sent
        }
    }

    /** Counts what passes from the decoder to the aggregator. */
    private static final class Counter extends ChannelInboundHandlerAdapter {
        private final ScriptedChannel channel;

        Counter(ScriptedChannel channel) {
            this.channel = channel;
        }

        @Override public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpContent content) channel.received += content.content().readableBytes();
            context.fireChannelRead(message);
        }
    }

    /** Answers: the response is encoded, the request released, the response sent. After a failure it reads no more. */
    private static final class Server extends ChannelInboundHandlerAdapter {
        private final ScriptedChannel channel;

        Server(ScriptedChannel channel) {
            this.channel = channel;
        }

        @Override public void channelRead(ChannelHandlerContext context, Object message) {
            FullHttpRequest request = (FullHttpRequest) message;
            channel.messages++;
            channel.bytes += request.content().readableBytes();
            FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
            context.write(response);
            request.release();
            context.flush();
        }

        @Override public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!channel.failed()) channel.failure = cause;
            channel.config().setAutoRead(false);
        }
    }
}
