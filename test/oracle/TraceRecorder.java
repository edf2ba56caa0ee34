package io.netty.buffer;

import io.netty.util.Version;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.InternalThreadLocalMap;
import io.netty.util.internal.OutOfDirectMemoryError;
import io.netty.util.internal.PlatformDependent;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Drives a real {@link PooledByteBufAllocator} with a seeded random workload and records every decision it makes: where
 * each buffer lies, where it moved, what did not fit, and how the arenas look in between. The lines are those of the
 * golden traces: {@code A} take, {@code R} change of capacity, {@code F} release, {@code S} snapshot, {@code X} text.
 * Same options and same Netty: same trace, byte for byte.
 *
 * <p>It sits in Netty's package to read what only that package may read. Needs
 * {@code --add-opens java.base/java.nio=ALL-UNNAMED}, without which Netty cannot keep its own account of direct memory.
 */
public final class TraceRecorder {
    private static final int CACHED_CAPACITY_LIMIT = 32768; // Netty's defaults; written into the header
    private static final int CACHE_TRIM_INTERVAL = 8192;
    private static final long UNLIMITED = 1L << 50;
    private static final int CAPACITY_LIMIT_CHUNKS = 4; // no buffer grows beyond this many chunks: copying it takes time
    private static final int SHORTEST_PHASE = 200; // operations
    private static final int LONGEST_PHASE = 2500;

    public static void main(String[] arguments) throws Exception {
        try {
            Options options = new Options(arguments);
            configureNetty(options); // before the first class of Netty that reads it is loaded
            runOnFastThread(() -> record(options));
        } catch (IllegalArgumentException e) {
            System.err.println("TraceRecorder: " + e.getMessage() + "\n\n" + Options.usage());
            System.exit(2);
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    // ------------------------------------------------------------------------------------------------ options

    /** {@code key=value} arguments over a table of defaults. */
    private static final class Options {
        private static final String[][] TABLE = {
            {"out", "", "file to write (default: standard output)"},
            {"ops", "20000", "operations before everything left is released"},
            {"seed", "1", "seed of java.util.Random"},
            {"mix", "mixed", "kind of workload: " + String.join(", ", MIXES.keySet()) + ", " + EVERYTHING},
            {"arenas", "2", "direct arenas"},
            {"threads", "3", "threads"},
            {"pageSize", "8192", "bytes, a power of two from 4096"},
            {"maxOrder", "11", "a chunk is pageSize << maxOrder bytes"},
            {"tinyCache", "512", "entries per tiny queue of a thread cache; 0: none"},
            {"smallCache", "256", "the same for small"},
            {"normalCache", "64", "the same for normal"},
            {"limit", "", "bytes of direct memory (suffix k, m or g) that can run out (default: nothing can)"},
            {"liveBytes", "", "bytes to keep live (suffix k, m or g; default: the limit, else 16 chunks)"},
            {"burst", "0", "1: fill up to liveBytes and drain in turn"},
            {"crossFreePct", "10", "percent of releases and capacity changes on any thread, not the owner's"},
            {"reallocPct", "5", "percent of the operations on a live buffer that change its capacity"},
            {"snapshotEvery", "500", "operations between S lines"},
            {"textEvery", "0", "operations between X lines; 0: only the last"},
            {"realThreads", "0", "1: hand each operation to a thread of its own (slow; the trace is the same)"},
        };
        private static final Map<Character, Integer> SUFFIX_SHIFTS = Map.of('k', 10, 'm', 20, 'g', 30);

        private final Map<String, String> values = new LinkedHashMap<>();
        final String commandLine;

        Options(String[] arguments) {
            commandLine = String.join(" ", arguments);
            for (String[] row : TABLE) values.put(row[0], row[1]);
            for (String argument : arguments) put(argument);
            check();
        }

        private void check() {
            for (String[] row : TABLE) if (row[1].matches("\\d+")) number(row[0]);
            bytes("limit", 0);
            bytes("liveBytes", 0);
            if (!EVERYTHING.equals(text("mix")) && !MIXES.containsKey(text("mix"))) throw wrong("mix", "one listed below");
            if (number("threads") < 1) throw wrong("threads", "1 or more");
            if (number("arenas") < 1) throw wrong("arenas", "1 or more");
        }

        private void put(String argument) {
            int equals = argument.indexOf('=');
            String name = argument.substring(0, Math.max(equals, 0));
            if (!values.containsKey(name)) throw new IllegalArgumentException(argument + " (expected: an option below as key=value)");
            values.put(name, argument.substring(equals + 1));
        }

        String text(String name) {
            return values.get(name);
        }

        int number(String name) {
            try {
                int value = Integer.parseInt(text(name));
                if (value >= 0) return value;
            } catch (NumberFormatException e) {
                // falls through to the same complaint
            }
            throw wrong(name, "a whole number, 0 or more");
        }

        /** A number of bytes, or {@code otherwise} where the option is empty. */
        long bytes(String name, long otherwise) {
            String value = text(name).toLowerCase();
            if (value.isEmpty()) return otherwise;
            int shift = SUFFIX_SHIFTS.getOrDefault(value.charAt(value.length() - 1), 0);
            try {
                return Long.parseLong(shift == 0 ? value : value.substring(0, value.length() - 1)) << shift;
            } catch (NumberFormatException e) {
                throw wrong(name, "a number of bytes, suffix k, m or g allowed");
            }
        }

        boolean flag(String name) {
            return number(name) != 0;
        }

        IllegalArgumentException wrong(String name, String rule) {
            return new IllegalArgumentException(name + ": " + text(name) + " (expected: " + rule + ")");
        }

        static String usage() {
            StringBuilder text = new StringBuilder("usage: io.netty.buffer.TraceRecorder [key=value ...]\n");
            for (String[] row : TABLE) text.append(String.format("  %-14s %-8s %s%n", row[0], row[1], row[2]));
            return text.toString();
        }
    }

    /** {@code limit=} becomes Netty's own limit; one given by {@code -Dio.netty.maxDirectMemory} has to agree with it. */
    private static void configureNetty(Options options) {
        String given = System.getProperty("io.netty.maxDirectMemory");
        if (given != null && options.text("limit").isEmpty()) options.put("limit=" + given);
        if (given == null) System.setProperty("io.netty.maxDirectMemory", Long.toString(options.bytes("limit", UNLIMITED)));
        setDefault("io.netty.leakDetectionLevel", "DISABLED");
        setDefault("io.netty.tryReflectionSetAccessible", "true");
        if (!PlatformDependent.useDirectBufferNoCleaner()) {
            throw new IllegalArgumentException("java: no access to java.nio (expected: --add-opens java.base/java.nio=ALL-UNNAMED)");
        }
        if (PlatformDependent.maxDirectMemory() != options.bytes("limit", UNLIMITED)) {
            throw options.wrong("limit", PlatformDependent.maxDirectMemory() + ", as io.netty.maxDirectMemory says");
        }
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) System.setProperty(property, value);
    }

    // ------------------------------------------------------------------------------------------------ sizes

    /** The shape of the pool, on which some sizes depend. */
    private record Shape(int pageBytes, int maxOrder, int chunkBytes) {}

    /** Draws the next size to ask for. */
    private interface Mix {
        int next(Random random, Shape shape);
    }

    /** How often a mix is drawn within another one. */
    private record Part(int weight, String mix) {}

    private static final String EVERYTHING = "everything";
    private static final int[] POWERS = {64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
    private static final int[] CACHED = {16, 48, 256, 496, 512, 1000, 2048, 4096, 8192, 8196, 16384, 32768, 32769};

    /** The mixes: what each asks for. Sizes follow the page and the chunk, so that small pools are stressed as well. */
    private static final Map<String, Mix> MIXES = new LinkedHashMap<>();
    static {
        MIXES.put("zero", (random, shape) -> 0);
        MIXES.put("tiny", (random, shape) -> 1 + random.nextInt(511));
        MIXES.put("small", (random, shape) -> 512 + random.nextInt(shape.pageBytes - 512));
        MIXES.put("pages", (random, shape) -> shape.pageBytes + random.nextInt(15 * shape.pageBytes));
        MIXES.put("normal", (random, shape) -> shape.pageBytes + random.nextInt(shape.pageBytes << random.nextInt(Math.max(1, shape.maxOrder))));
        MIXES.put("large", (random, shape) -> shape.chunkBytes / 2 + random.nextInt(shape.chunkBytes / 2 + 1));
        MIXES.put("huge", (random, shape) -> shape.chunkBytes + 1 + random.nextInt(shape.chunkBytes - 1));
        MIXES.put("edges", (random, shape) -> Math.max(0, (1 << random.nextInt(log2(shape.chunkBytes) + 1)) + near(random)));
        MIXES.put("cached", (random, shape) -> CACHED[random.nextInt(CACHED.length)]);
        MIXES.put("powers", (random, shape) -> POWERS[random.nextInt(POWERS.length)]);
        MIXES.put("body", (random, shape) -> 1024 + random.nextInt(100 * 1024));
        MIXES.put("wholechunk", TraceRecorder::aroundWholeChunk);
        MIXES.put("http", parts(new Part(70, "powers"), new Part(25, "body"), new Part(4, "large"), new Part(1, "huge")));
        MIXES.put("mixed", parts(new Part(300, "tiny"), new Part(300, "small"), new Part(300, "pages"), new Part(85, "normal"),
            new Part(5, "huge"), new Part(10, "edges")));
    }

    private static Mix parts(Part... parts) {
        int total = 0;
        for (Part part : parts) total += part.weight;
        int bound = total;
        return (random, shape) -> {
            int rest = random.nextInt(bound), i = 0;
            while (rest >= parts[i].weight) rest -= parts[i++].weight;
            return MIXES.get(parts[i].mix).next(random, shape);
        };
    }

    private static int aroundWholeChunk(Random random, Shape shape) {
        int chunk = shape.chunkBytes;
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> chunk;
            case 3, 4 -> chunk / 2;
            case 5 -> chunk / 2 + 1;
            case 6 -> chunk - shape.pageBytes;
            case 7 -> chunk + 1;
            case 8 -> chunk / 4;
            default -> 1024 + random.nextInt(65536);
        };
    }

    private static int near(Random random) {
        return random.nextInt(3) - 1;
    }

    private static int log2(int value) {
        return 31 - Integer.numberOfLeadingZeros(value);
    }

    // ------------------------------------------------------------------------------------------------ phases

    /** Which live buffer an operation picks: the list swaps its last into a gap, so oldest is true only roughly. */
    private enum Pick { ANY, NEWEST, OLDEST }

    /**
     * A stretch of the workload: its sizes, the percent of operations that take (-1: fill and drain in turn), how often
     * another thread releases, how often a capacity changes, its share of liveBytes, and whether one thread does it all.
     */
    private record Phase(String mix, int takePct, int crossFreePct, int reallocPct, double liveShare, Pick pick, boolean oneThread) {
        static final int BURST = -1;
    }

    /** The phases of the mix {@code everything}; each lasts a few hundred operations, then another is drawn. */
    private static final Phase[] PHASES = {
        //        mix          take  cross realloc  live   picks        one thread
        new Phase("mixed",       90,    10,     3, 1.00,  Pick.ANY,    false), // fill up: out of memory, if it can be
        new Phase("mixed",        8,    10,     3, 1.00,  Pick.ANY,    false), // and drain
        new Phase("mixed",       50,    90,     5, 0.50,  Pick.ANY,    false), // release on other threads
        new Phase("mixed",       50,    40,    45, 0.50,  Pick.ANY,    false), // change capacities, on other threads too
        new Phase("http", Phase.BURST,  10,     2, 0.75,  Pick.ANY,    false),
        new Phase("http",        52,     5,     2, 0.25,  Pick.OLDEST, false),
        new Phase("cached",      51,     5,     1, 0.25,  Pick.NEWEST, false), // hit the caches until they are trimmed
        new Phase("cached", Phase.BURST,50,     1, 0.02,  Pick.ANY,    true),  // overfill the queues of one thread
        new Phase("tiny",        75,    10,     5, 0.10,  Pick.ANY,    false), // many subpages,
        new Phase("tiny",        10,    10,     5, 0.10,  Pick.ANY,    false), // emptied again
        new Phase("small", Phase.BURST, 20,     5, 0.10,  Pick.OLDEST, true),
        new Phase("normal",      55,    10,     5, 1.00,  Pick.ANY,    false),
        new Phase("edges",       52,    10,    10, 0.75,  Pick.ANY,    false),
        new Phase("wholechunk",  55,    20,     3, 1.00,  Pick.ANY,    false),
        new Phase("huge",        52,    20,     2, 1.00,  Pick.ANY,    true),
        new Phase("zero",        60,    30,    10, 0.50,  Pick.ANY,    false),
        new Phase("mixed",        2,     0,     0, 1.00,  Pick.OLDEST, false), // nearly everything goes
    };

    // ------------------------------------------------------------------------------------------------ threads

    /** Where an operation runs. Operations run one after another in any case: a trace has one order. */
    private interface Threads {
        <T> T call(int thread, Callable<T> operation) throws Exception;
    }

    /**
     * All Netty knows of a thread is its {@link InternalThreadLocalMap}, which holds its cache. One real thread that
     * changes maps is therefore any number of threads, without a hand-over per operation (many times faster).
     */
    private static final class ChangedMaps implements Threads {
        private final InternalThreadLocalMap[] maps;

        ChangedMaps(int count) {
            maps = new InternalThreadLocalMap[count];
            for (int i = 0; i < count; i++) {
                current().setThreadLocalMap(null);
                maps[i] = InternalThreadLocalMap.get();
            }
        }

        private static FastThreadLocalThread current() {
            return (FastThreadLocalThread) Thread.currentThread();
        }

        @Override public <T> T call(int thread, Callable<T> operation) throws Exception {
            current().setThreadLocalMap(maps[thread]);
            return operation.call();
        }
    }

    /** Real threads, one hand-over per operation: what {@link ChangedMaps} has to agree with. */
    private static final class RealThreads implements Threads {
        private final ExecutorService[] threads;

        RealThreads(int count) {
            threads = new ExecutorService[count];
            for (int i = 0; i < count; i++) threads[i] = Executors.newSingleThreadExecutor(FastThreadLocalThread::new);
        }

        @Override public <T> T call(int thread, Callable<T> operation) throws Exception {
            try {
                return threads[thread].submit(operation).get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof OutOfDirectMemoryError outOfMemory) throw outOfMemory;
                throw e;
            }
        }
    }

    private static void runOnFastThread(Callable<Void> body) throws Exception {
        Exception[] failure = new Exception[1];
        Thread thread = new FastThreadLocalThread(() -> {
            try {
                body.call();
            } catch (Exception e) {
                failure[0] = e;
            } catch (Throwable e) {
                failure[0] = new IllegalStateException(e);
            }
        });
        thread.start();
        thread.join();
        if (failure[0] != null) throw failure[0];
    }

    // ------------------------------------------------------------------------------------------------ recording

    /** A live buffer: its number in the trace and the thread whose cache it belongs to. */
    private static final class Live {
        final int id;
        final ByteBuf buffer;
        int owner;

        Live(int id, ByteBuf buffer, int owner) {
            this.id = id;
            this.buffer = buffer;
            this.owner = owner;
        }
    }

    private final Options options;
    private final PrintStream out;
    private final Shape shape;
    private final PooledByteBufAllocator allocator;
    private final AllocatorView view;
    private final Threads threads;
    private final int threadCount;
    private final Random random;
    private final long liveBytesWanted;
    private final List<Live> live = new ArrayList<>();
    private long liveBytes; // Σ capacity of live
    private int nextId;
    private Phase phase;
    private int phaseOperationsLeft;
    private int phaseThread;
    private boolean filling;

    private TraceRecorder(Options options, PrintStream out) throws Exception {
        this.options = options;
        this.out = out;
        int pageBytes = options.number("pageSize"), maxOrder = options.number("maxOrder");
        allocator = new PooledByteBufAllocator(true, 0, options.number("arenas"), pageBytes, maxOrder,
            options.number("tinyCache"), options.number("smallCache"), options.number("normalCache"), true);
        shape = new Shape(pageBytes, maxOrder, allocator.metric().chunkSize());
        view = new AllocatorView(allocator);
        threadCount = options.number("threads");
        threads = options.flag("realThreads") ? new RealThreads(threadCount) : new ChangedMaps(threadCount);
        for (int i = 0; i < threadCount; i++) threads.call(i, allocator::threadCache); // binds to its arena, in index order
        random = new Random(options.number("seed"));
        liveBytesWanted = options.bytes("liveBytes", options.bytes("limit", 16L * shape.chunkBytes));
    }

    private static Void record(Options options) throws Exception {
        String file = options.text("out");
        try (PrintStream out = new PrintStream(open(file), false)) {
            new TraceRecorder(options, out).run();
            if (out.checkError()) throw new IOException("could not write the trace");
        }
        return null;
    }

    private static OutputStream open(String file) throws IOException {
        return new BufferedOutputStream(file.isEmpty() ? new FileOutputStream(FileDescriptor.out) : new FileOutputStream(file), 1 << 16);
    }

    private void run() throws Exception {
        int snapshotEvery = options.number("snapshotEvery"), textEvery = options.number("textEvery");
        print(header());
        for (int n = 1, ops = options.number("ops"); n <= ops; n++) {
            operate();
            if (snapshotEvery > 0 && n % snapshotEvery == 0) print("S " + view.snapshot());
            if (textEvery > 0 && n % textEvery == 0) print("X " + view.text());
        }
        while (!live.isEmpty()) release(live.size() - 1, live.get(live.size() - 1).owner);
        print("S " + view.snapshot());
        print("X " + view.text());
    }

    private void print(String line) {
        out.append(line).append('\n');
    }

    private String header() {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("format", 1);
        header.put("maxDirectMemory", options.text("limit").isEmpty() ? null : options.bytes("limit", 0));
        header.put("netty", quoted(Version.identify().get("netty-buffer").artifactVersion()));
        header.put("seed", options.number("seed"));
        header.put("mix", quoted(options.text("mix")));
        header.put("directArenas", options.number("arenas"));
        header.put("threads", threadCount);
        header.put("pageSize", shape.pageBytes);
        header.put("maxOrder", shape.maxOrder);
        header.put("chunkSize", shape.chunkBytes);
        header.put("tinyCacheSize", options.number("tinyCache"));
        header.put("smallCacheSize", options.number("smallCache"));
        header.put("normalCacheSize", options.number("normalCache"));
        header.put("maxCachedBufferCapacity", CACHED_CAPACITY_LIMIT);
        header.put("cacheTrimInterval", CACHE_TRIM_INTERVAL);
        header.put("options", quoted(options.commandLine));
        List<String> members = new ArrayList<>();
        header.forEach((name, value) -> members.add(quoted(name) + ":" + value));
        return "{" + String.join(",", members) + "}";
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** One operation of the workload: take, change the capacity of, or release a buffer. */
    private void operate() throws Exception {
        choosePhase();
        int thread = phase.oneThread ? phaseThread : random.nextInt(threadCount);
        if (live.isEmpty() || percent(takePct())) {
            take(thread);
            return;
        }
        int index = pick();
        int where = percent(phase.crossFreePct) ? random.nextInt(threadCount) : live.get(index).owner;
        if (percent(phase.reallocPct)) changeCapacity(index, where);
        else release(index, where);
    }

    private void choosePhase() {
        if (phaseOperationsLeft-- > 0) return;
        boolean everything = EVERYTHING.equals(options.text("mix"));
        phase = everything ? PHASES[random.nextInt(PHASES.length)] : onlyPhase();
        phaseOperationsLeft = SHORTEST_PHASE + random.nextInt(LONGEST_PHASE - SHORTEST_PHASE);
        phaseThread = random.nextInt(threadCount);
    }

    private Phase onlyPhase() {
        return new Phase(options.text("mix"), options.flag("burst") ? Phase.BURST : 52,
            options.number("crossFreePct"), options.number("reallocPct"), 1, Pick.ANY, false);
    }

    private int takePct() {
        long wanted = (long) (liveBytesWanted * phase.liveShare);
        if (phase.takePct != Phase.BURST) return liveBytes < wanted ? phase.takePct : 0;
        if (liveBytes >= wanted) filling = false;
        else if (liveBytes < wanted / 16) filling = true;
        return filling ? 80 : 20;
    }

    private boolean percent(int percent) {
        return random.nextInt(100) < percent;
    }

    private int pick() {
        return switch (phase.pick) {
            case ANY -> random.nextInt(live.size());
            case NEWEST -> live.size() - 1;
            case OLDEST -> 0;
        };
    }

    private void take(int thread) throws Exception {
        int bytes = nextSize();
        int id = nextId++;
        String outcome = "OOM";
        try {
            ByteBuf buffer = threads.call(thread, () -> allocator.directBuffer(bytes));
            live.add(new Live(id, buffer, thread));
            liveBytes += bytes;
            outcome = view.place(buffer);
        } catch (OutOfDirectMemoryError e) {
            // an outcome like any other
        }
        print("A " + thread + " " + id + " " + bytes + " " + outcome);
    }

    private int nextSize() {
        return MIXES.get(phase.mix).next(random, shape);
    }

    private void changeCapacity(int index, int thread) throws Exception {
        Live entry = live.get(index);
        int before = entry.buffer.capacity(), bytes = newCapacity((PooledByteBuf<?>) entry.buffer);
        String outcome = "OOM";
        try {
            threads.call(thread, () -> entry.buffer.capacity(bytes));
            entry.owner = thread; // true if it moved; if it did not, only who releases it by custom has changed
            liveBytes += bytes - before;
            outcome = view.place(entry.buffer);
        } catch (OutOfDirectMemoryError e) {
            // the buffer is as it was
        }
        print("R " + thread + " " + entry.id + " " + bytes + " " + outcome);
    }

    /** A new capacity: none, far, or on the edges of Netty's rule for staying in place. */
    private int newCapacity(PooledByteBuf<?> buffer) {
        int now = buffer.length, room = buffer.maxLength;
        long bytes = switch (random.nextInt(8)) {
            case 0 -> now;
            case 1 -> random.nextInt(Math.max(1, now));
            case 2 -> (long) now + random.nextInt(Math.max(16, now));
            case 3 -> room;
            case 4 -> (room >>> 1) + near(random);
            case 5 -> room - 16 + near(random);
            case 6 -> (long) room + 1 + random.nextInt(16);
            default -> nextSize();
        };
        return (int) Math.max(0, Math.min(bytes, Math.min(Integer.MAX_VALUE, (long) CAPACITY_LIMIT_CHUNKS * shape.chunkBytes)));
    }

    private void release(int index, int thread) throws Exception {
        Live entry = live.get(index), last = live.remove(live.size() - 1);
        if (entry != last) live.set(index, last);
        liveBytes -= entry.buffer.capacity();
        threads.call(thread, entry.buffer::release);
        print("F " + thread + " " + entry.id);
    }
}
