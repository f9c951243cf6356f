package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Operations go into a record and come out as they were. */
final class OperationsTest {
    @Test
    void comeBackWithTheirSequenceNumbers() {
        OperationsEncoder encoder = new OperationsEncoder();
        byte[] longKey = new byte[EntryLimits.KEY_BYTES_MAX];
        encoder.put(Integer.MAX_VALUE, longKey, new byte[100_000]);
        encoder.delete(0, new byte[] {1});
        encoder.put(128, new byte[] {2}, new byte[0]);
        SimulatedStorage storage = new SimulatedStorage(1);
        WriteAheadLog log = LogHistory.open(storage, record -> {});
        log.append(77, encoder.operations(), encoder.array(), encoder.length());
        log.close();
        LogHistory.open(storage, record -> {
            OperationsDecoder decoder = record.decoder();
            expect(decoder, 77, EntryKind.PUT, Integer.MAX_VALUE);
            assertArrayEquals(longKey, decoder.key());
            assertArrayEquals(new byte[100_000], decoder.value());
            expect(decoder, 78, EntryKind.TOMBSTONE, 0);
            assertArrayEquals(new byte[] {1}, decoder.key());
            assertEquals(0, decoder.value().length);
            expect(decoder, 79, EntryKind.PUT, 128);
            assertEquals(0, decoder.value().length);
            assertFalse(decoder.next());
        });
    }

    @Test
    void addedByKindAreTheSameBytes() {
        byte[] key = {1, 2, 3};
        byte[] value = {4, 5};
        OperationsEncoder byName = new OperationsEncoder();
        byName.put(7, key, value);
        byName.delete(8, key);
        byName.put(9, key, new byte[0]);
        OperationsEncoder byKind = new OperationsEncoder();
        byKind.add(EntryKind.PUT, 7, key, value);
        byKind.add(EntryKind.TOMBSTONE, 8, key, new byte[0]);
        byKind.add(EntryKind.PUT, 9, key, new byte[0]);
        assertEquals(byName.operations(), byKind.operations());
        assertArrayEquals(
                Arrays.copyOf(byName.array(), byName.length()), Arrays.copyOf(byKind.array(), byKind.length()));
    }

    private static void expect(OperationsDecoder decoder, long sequence, byte kind, int indexId) {
        assertTrue(decoder.next());
        assertEquals(sequence, decoder.sequence());
        assertEquals(kind, decoder.kind());
        assertEquals(indexId, decoder.indexId());
    }

    @Test
    void areRefusedBeyondTheirLimitsWithoutATrace() {
        OperationsEncoder encoder = new OperationsEncoder(10_000_000);
        encoder.delete(1, new byte[] {1});
        int length = encoder.length();
        byte[] key = {1};
        assertThrows(IllegalArgumentException.class, () -> encoder.delete(-1, key));
        assertThrows(IllegalArgumentException.class, () -> encoder.put(1, new byte[0], key));
        assertThrows(IllegalArgumentException.class, () -> encoder.put(1, new byte[65_536], key));
        byte[] large = new byte[1 << 20];
        StoreException.LimitReached full = assertThrows(StoreException.LimitReached.class, () -> fill(encoder, large));
        assertTrue(full.getMessage().contains("10000000"), full.getMessage());
        assertEquals(encoder.operations() - 1, encoder.length() / large.length);
        encoder.reset();
        assertEquals(0, encoder.length());
        encoder.delete(1, key);
        assertEquals(length, encoder.length());
    }

    private static void fill(OperationsEncoder encoder, byte[] large) {
        for (int i = 0; i < 100; i++) {
            encoder.put(1, new byte[] {1}, large);
        }
    }
}
