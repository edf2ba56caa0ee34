package io.netty.buffer;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Reads the allocator's state. A chunk's number is the order in which it was first seen; huge ones have none. */
final class AllocatorView {
    private static final String[] LISTS = {"qInit", "q000", "q025", "q050", "q075", "q100"}; // as chunkLists() has them
    private static final Pattern CHUNK_IN_TEXT = Pattern.compile("Chunk\\([0-9a-f]+:");
    private static final Field TINY_POOLS = open(PoolArena.class, "tinySubpagePools");
    private static final Field SMALL_POOLS = open(PoolArena.class, "smallSubpagePools");
    private static final Field TREE_NODE = open(PoolSubpage.class, "memoryMapIdx");

    private final List<PoolArena<?>> arenas = new ArrayList<>();
    private final Map<Object, Integer> ordinals = new WeakHashMap<>(); // chunks have no equals: identity
    private int nextOrdinal;

    AllocatorView(PooledByteBufAllocator allocator) {
        for (PoolArenaMetric arena : allocator.metric().directArenas()) arenas.add((PoolArena<?>) arena);
    }

    /** {@code <arena> <chunk> <handle> <offset> <length> <maxLength>}, chunk {@code H} for a huge buffer. */
    String place(ByteBuf buffer) {
        PooledByteBuf<?> pooled = (PooledByteBuf<?>) buffer;
        PoolChunk<?> chunk = pooled.chunk;
        return arenas.indexOf(chunk.arena) + " " + (chunk.unpooled ? "H" : Integer.toString(ordinal(chunk))) + " "
            + Long.toHexString(pooled.handle) + " " + pooled.offset + " " + pooled.length + " " + pooled.maxLength;
    }

    private int ordinal(Object chunk) {
        Integer known = ordinals.get(chunk);
        if (known != null) return known;
        ordinals.put(chunk, nextOrdinal);
        return nextOrdinal++;
    }

    /** The JSON of an {@code S} line. */
    String snapshot() {
        List<String> texts = new ArrayList<>();
        for (PoolArena<?> arena : arenas) texts.add(arena(arena));
        return "[" + String.join(",", texts) + "]";
    }

    private String arena(PoolArena<?> arena) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < LISTS.length; i++) {
            text.append('"').append(LISTS[i]).append("\":").append(chunks(arena.chunkLists().get(i))).append(',');
        }
        text.append("\"tiny\":").append(pools(arena, TINY_POOLS)).append(",\"small\":").append(pools(arena, SMALL_POOLS));
        counters(text, "allocations", arena.numTinyAllocations(), arena.numSmallAllocations(),
            arena.numNormalAllocations(), arena.numHugeAllocations());
        counters(text, "deallocations", arena.numTinyDeallocations(), arena.numSmallDeallocations(),
            arena.numNormalDeallocations(), arena.numHugeDeallocations());
        counters(text, "active", arena.numActiveTinyAllocations(), arena.numActiveSmallAllocations(),
            arena.numActiveNormalAllocations(), arena.numActiveHugeAllocations());
        return text.append('}').toString();
    }

    private static void counters(StringBuilder text, String name, long tiny, long small, long normal, long huge) {
        text.append(",\"").append(name).append("\":{\"tiny\":").append(tiny).append(",\"small\":").append(small)
            .append(",\"normal\":").append(normal).append(",\"huge\":").append(huge).append('}');
    }

    private String chunks(Iterable<PoolChunkMetric> list) {
        List<String> texts = new ArrayList<>();
        for (PoolChunkMetric chunk : list) texts.add("[" + ordinal(chunk) + "," + chunk.usage() + "," + chunk.freeBytes() + "]");
        return "[" + String.join(",", texts) + "]";
    }

    private String pools(PoolArena<?> arena, Field field) {
        PoolSubpage<?>[] heads = (PoolSubpage<?>[]) read(field, arena);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < heads.length; i++) {
            if (heads[i].next != heads[i]) texts.add("\"" + i + "\":" + subpages(heads[i]));
        }
        return "{" + String.join(",", texts) + "}";
    }

    private String subpages(PoolSubpage<?> head) {
        List<String> texts = new ArrayList<>();
        for (PoolSubpage<?> s = head.next; s != head; s = s.next) {
            texts.add("[" + ordinal(s.chunk) + "," + read(TREE_NODE, s) + "," + s.numAvailable() + ","
                + s.maxNumElements() + "," + s.elementSize() + "]");
        }
        return "[" + String.join(",", texts) + "]";
    }

    /** The text of an {@code X} line. Chunks stand in it list by list: their hashes are replaced in that order. */
    String text() {
        StringBuilder text = new StringBuilder();
        List<Integer> numbers = new ArrayList<>();
        for (PoolArena<?> arena : arenas) {
            text.append(arena).append('\n');
            for (PoolChunkListMetric list : arena.chunkLists()) for (PoolChunkMetric chunk : list) numbers.add(ordinal(chunk));
        }
        int[] next = {0};
        String numbered = CHUNK_IN_TEXT.matcher(text).replaceAll((MatchResult m) -> "Chunk(" + numbers.get(next[0]++) + ":");
        return "\"" + numbered.replace(System.lineSeparator(), "\n").replace("\n", "\\n") + "\"";
    }

    private static Field open(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("another Netty than 4.1.48? no " + type.getSimpleName() + "." + name, e);
        }
    }

    private static Object read(Field field, Object from) {
        try {
            return field.get(from);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
