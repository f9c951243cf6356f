package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That every engine does what its calls say; a benchmark of something else would be worth nothing. */
final class BenchEngineTest {
    private static final int VALUE_BYTES = 1_000;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void valuesComeBackAsTheyWerePut(EngineKind kind) throws Exception {
        try (BenchEngine engine = open(kind);
                BenchSession session = engine.session()) {
            session.put(bytes("a"), value(1));
            session.putSynced(bytes("b"), value(2));
            byte[][] keys = {bytes("c"), bytes("d"), bytes("not in it")};
            session.putAll(keys, new byte[][] {value(3), value(4), value(5)}, 2);
            session.put(bytes("a"), value(6));
            session.delete(bytes("b"));
            assertValue(session, "a", 6);
            assertEquals(-1, session.get(bytes("b"), new byte[VALUE_BYTES]));
            assertValue(session, "c", 3);
            assertValue(session, "d", 4);
            assertEquals(-1, session.get(keys[2], new byte[VALUE_BYTES]));
            assertEquals(-1, session.get(bytes("aa"), new byte[VALUE_BYTES]));
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void arraysMayBeReusedAfterACall(EngineKind kind) throws Exception {
        try (BenchEngine engine = open(kind);
                BenchSession session = engine.session()) {
            byte[] key = bytes("key-1");
            byte[] value = value(1);
            session.put(key, value);
            key[4] = '2';
            Arrays.fill(value, (byte) 2);
            session.put(key, value);
            assertValue(session, "key-1", 1);
            assertValue(session, "key-2", 2);
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void cursorsGoBothWaysInKeyOrder(EngineKind kind) throws Exception {
        try (BenchEngine engine = open(kind);
                BenchSession session = engine.session()) {
            for (int number : new int[] {3, 1, 5, 2, 4}) {
                session.put(bytes("key-" + number), value(number));
            }
            try (BenchCursor cursor = session.cursor()) {
                assertTrue(cursor.first());
                for (int number = 1; number <= 5; number++) {
                    assertAt(cursor, number);
                    assertEquals(number < 5, cursor.next());
                }
            }
            try (BenchCursor cursor = session.cursor()) {
                assertTrue(cursor.last());
                for (int number = 5; number >= 1; number--) {
                    assertAt(cursor, number);
                    assertEquals(number > 1, cursor.previous());
                }
            }
            try (BenchCursor cursor = session.cursor()) {
                assertTrue(cursor.seek(bytes("key-2+")));
                assertAt(cursor, 3);
                assertTrue(cursor.next());
                assertAt(cursor, 4);
                assertFalse(cursor.startsWith(bytes("key-4 and more")));
                assertFalse(cursor.seek(bytes("key-6")));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void eachCursorSeesWhatWasPutBefore(EngineKind kind) throws Exception {
        try (BenchEngine engine = open(kind);
                BenchSession session = engine.session()) {
            for (int number = 1; number <= 3; number++) {
                session.put(bytes("key-" + number), value(number));
                try (BenchCursor cursor = session.cursor()) {
                    assertTrue(cursor.last());
                    assertAt(cursor, number);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void valuesAreThereAfterReopening(EngineKind kind) throws Exception {
        try (BenchEngine engine = open(kind);
                BenchSession session = engine.session()) {
            session.put(bytes("a"), value(1));
        }
        try (BenchEngine engine = open(kind);
                BenchSession session = engine.session()) {
            engine.settle();
            assertValue(session, "a", 1);
        }
    }

    private BenchEngine open(EngineKind kind) throws Exception {
        assumeTrue(kind != EngineKind.LMDB || LmdbEngine.isUsable(), "needs java.nio and sun.nio.ch opened");
        return EngineOpener.of(kind, new Corpus(EntryShape.POINT, 100), 64).open(directory);
    }

    private static void assertAt(BenchCursor cursor, int number) {
        byte[] key = bytes("key-" + number);
        assertTrue(cursor.startsWith(key), "at key-" + number);
        byte[] value = value(number);
        assertEquals(Fold.of(key, key.length, value, value.length), cursor.consume());
    }

    private static void assertValue(BenchSession session, String key, int number) throws Exception {
        byte[] target = new byte[VALUE_BYTES];
        assertEquals(VALUE_BYTES, session.get(bytes(key), target));
        assertArrayEquals(value(number), target);
        byte[] small = new byte[10];
        assertEquals(VALUE_BYTES, session.get(bytes(key), small));
        assertArrayEquals(Arrays.copyOf(value(number), small.length), small);
    }

    private static byte[] value(int number) {
        byte[] value = new byte[VALUE_BYTES];
        Arrays.fill(value, (byte) number);
        return value;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
