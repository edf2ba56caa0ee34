import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.Version;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures taking a direct buffer and releasing it at once, on one FastThreadLocalThread, leak detection off.
 *
 * <p>Without {@code rounds} it is one half of an interleaved benchmark: after warming up it prints
 * {@code {"ready":true,…}} and answers each line {@code run <bytes> <iterations>} with one line of JSON; {@code quit} or
 * the end of standard input ends it. With {@code rounds=R} it measures by itself and prints the same lines.
 */
public final class AllocatorBench {
    private static final String[][] OPTIONS = {
        {"sizes", "256,1024,4096,8192,16384,65536,1048576", "sizes to warm up, and to measure with rounds="},
        {"rounds", "0", "0: obey standard input; R: measure every size R times, interleaved, then end"},
        {"iterations", "2000000", "per measurement with rounds="},
        {"warmUp", "2000000", "iterations per size before the first measurement"},
        {"arenas", "1", "direct arenas"},
        {"pageSize", "8192", "bytes, a power of two from 4096"},
        {"maxOrder", "11", "a chunk is pageSize << maxOrder bytes"},
        {"cache", "1", "0: no thread cache, every operation goes to the tree"},
        {"unpooled", "0", "1: UnpooledByteBufAllocator, for comparison (be modest with warmUp)"},
    };
    private static final int WARM_UP_SLICES = 20;

    private final Map<String, String> options;
    private final ByteBufAllocator allocator;
    private final int[] sizes;
    private final int warmUp;

    public static void main(String[] arguments) throws Exception {
        if (System.getProperty("io.netty.leakDetectionLevel") == null) System.setProperty("io.netty.leakDetectionLevel", "DISABLED");
        Throwable[] failure = new Throwable[1];
        Thread thread = new FastThreadLocalThread(() -> {
            try {
                new AllocatorBench(parse(arguments)).run();
            } catch (Throwable e) {
                failure[0] = e;
            }
        });
        thread.start();
        thread.join();
        if (failure[0] instanceof IllegalArgumentException e) {
            System.err.println("AllocatorBench: " + e.getMessage() + "\n\n" + usage());
            System.exit(2);
        } else if (failure[0] != null) {
            failure[0].printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    private AllocatorBench(Map<String, String> options) {
        this.options = options;
        allocator = number("unpooled") != 0 ? new UnpooledByteBufAllocator(true) : pooled();
        String[] texts = options.get("sizes").split(",");
        sizes = new int[texts.length];
        for (int i = 0; i < sizes.length; i++) sizes[i] = whole("sizes", texts[i]);
        warmUp = number("warmUp");
    }

    private ByteBufAllocator pooled() {
        boolean cache = number("cache") != 0;
        return new PooledByteBufAllocator(true, 0, number("arenas"), number("pageSize"), number("maxOrder"),
            cache ? 512 : 0, cache ? 256 : 0, cache ? 64 : 0, true);
    }

    private void run() throws IOException {
        warmUp();
        System.out.println("{\"ready\":true,\"netty\":\"" + Version.identify().get("netty-buffer").artifactVersion()
            + "\",\"java\":\"" + System.getProperty("java.version") + "\"}");
        int rounds = number("rounds");
        if (rounds == 0) obeyInput();
        for (int round = 0; round < rounds; round++) for (int bytes : sizes) answer(bytes, number("iterations"));
    }

    /** All sizes in turn, in slices, so that the compiler sees every path before it decides. */
    private void warmUp() {
        for (int slice = 0; slice < WARM_UP_SLICES; slice++) for (int bytes : sizes) measure(bytes, warmUp / WARM_UP_SLICES);
    }

    private void obeyInput() throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null && !line.equals("quit"); line = input.readLine()) {
            String[] words = line.trim().split("\\s+");
            if (words.length != 3 || !words[0].equals("run")) {
                throw new IllegalArgumentException(line + " (expected: run <bytes> <iterations>, or quit)");
            }
            answer(whole("bytes", words[1]), whole("iterations", words[2]));
        }
    }

    private void answer(int bytes, int iterations) {
        double nanosPerOp = iterations == 0 ? 0 : measure(bytes, iterations) / (double) iterations;
        System.out.println("{\"bytes\":" + bytes + ",\"iterations\":" + iterations + ",\"nanosPerOp\":" + nanosPerOp + "}");
    }

    /** Nanoseconds for all iterations. What is taken is consumed: the sum of the capacities is checked. */
    private long measure(int bytes, int iterations) {
        long start = System.nanoTime();
        long sum = takeAndRelease(allocator, bytes, iterations);
        long nanos = System.nanoTime() - start;
        if (sum != (long) bytes * iterations) throw new IllegalStateException("capacities: " + sum + " (expected: " + (long) bytes * iterations + ")");
        return nanos;
    }

    private static long takeAndRelease(ByteBufAllocator allocator, int bytes, int iterations) {
        long sum = 0;
        for (int i = 0; i < iterations; i++) {
            ByteBuf buffer = allocator.directBuffer(bytes);
            sum += buffer.capacity();
            buffer.release();
        }
        return sum;
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

    private int number(String name) {
        return whole(name, options.get(name));
    }

    private static int whole(String name, String text) {
        try {
            int value = Integer.parseInt(text);
            if (value >= 0) return value;
        } catch (NumberFormatException e) {
            // falls through to the same complaint
        }
        throw new IllegalArgumentException(name + ": " + text + " (expected: a whole number, 0 or more)");
    }

    private static String usage() {
        StringBuilder text = new StringBuilder("usage: AllocatorBench [key=value ...]\n");
        for (String[] row : OPTIONS) text.append(String.format("  %-11s %-8s %s%n", row[0], row[1], row[2]));
        return text.toString();
    }
}
