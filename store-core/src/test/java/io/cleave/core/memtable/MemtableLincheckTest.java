package io.cleave.core.memtable;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.LincheckScale;
import io.cleave.core.storage.RealStorage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * The puts of one writer and the finds of many readers are the same as one after the other: the newest version, whole. Under
 * stress only: the model checker of Lincheck 3.7 does not know the byte array handles of {@code KeyHash}.
 */
final class MemtableLincheckTest {
    private static final int CHUNK_BYTES = ChunkPool.CHUNK_BYTES_MIN;
    private static final long ABSENT = 0;
    private static final long TORN = -1;

    /** For all tests: chunks come back with the bytes of earlier memtables in them. */
    private static final ChunkPool POOL = new ChunkPool(RealStorage.open(), CHUNK_BYTES, 1 << 20);

    /** One memtable, few keys. What is found is told by the sequence number. */
    @Param(name = "key", gen = IntGen.class, conf = "0:3")
    public static final class Uses {
        private final Memtable memtable = new Memtable(POOL, new MemoryBudget(1 << 20));
        private long sequence;

        /** Puts another version. */
        @Operation(nonParallelGroup = "the writer")
        public long put(@Param(name = "key") int number) {
            byte[] key = key(number);
            sequence++;
            byte[] value = value(number, sequence);
            memtable.put(key, key.length, sequence, EntryKind.PUT, value, value.length);
            return sequence;
        }

        /** The newest version by the key table. */
        @Operation
        public long find(@Param(name = "key") int number) {
            byte[] key = key(number);
            Lookup found = new Lookup();
            if (!memtable.find(key, key.length, KeyOrder.prefix(key, key.length), Long.MAX_VALUE, found)) {
                return ABSENT;
            }
            byte[] value = new byte[found.valueLength()];
            found.copyValue(value, 0, value.length);
            return Arrays.equals(value(number, found.sequence()), value) ? found.sequence() : TORN;
        }

        /** The newest version by the order of keys. */
        @Operation
        public long seek(@Param(name = "key") int number) {
            byte[] key = key(number);
            EntryCursor cursor = memtable.cursor();
            if (!cursor.seek(key, key.length) || !Arrays.equals(key, Arrays.copyOf(cursor.key(), cursor.keyLength()))) {
                return ABSENT;
            }
            byte[] value = new byte[cursor.valueLength()];
            cursor.copyValue(0, value, 0, value.length);
            return Arrays.equals(value(number, cursor.sequence()), value) ? cursor.sequence() : TORN;
        }

        /** How many there are. */
        @Operation
        public long entries() {
            return memtable.entries();
        }

        /** Called when all threads are done: gives the chunks back. */
        @Validate
        public void free() {
            memtable.free();
        }
    }

    /** The same on one thread. */
    public static final class Specification {
        private final Map<Integer, Long> newest = new HashMap<>();
        private long sequence;

        /** See {@link Uses}. */
        public long put(int key) {
            newest.put(key, ++sequence);
            return sequence;
        }

        /** See {@link Uses}. */
        public long find(int key) {
            return newest.getOrDefault(key, ABSENT);
        }

        /** See {@link Uses}. */
        public long seek(int key) {
            return newest.getOrDefault(key, ABSENT);
        }

        /** See {@link Uses}. */
        public long entries() {
            return sequence;
        }
    }

    @Test
    void findsAndPutsAreAtomicUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(10))
                .invocationsPerIteration(500)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(Specification.class)
                .check(Uses.class);
    }

    /** Keys that share their first 8 bytes. */
    private static byte[] key(int number) {
        return ("same-prefix-" + number).getBytes(StandardCharsets.US_ASCII);
    }

    /** Three in a chunk, so that puts take new ones. */
    private static byte[] value(int number, long sequence) {
        ByteBuffer value = ByteBuffer.allocate(64);
        while (value.hasRemaining()) {
            value.putLong(31 * sequence + number);
        }
        return value.array();
    }
}
