package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SegmentManifestFormatTest {
    private static final Path FILE = Path.of("segment-00001/manifest");

    private static SegmentManifest random(SplittableRandom random) {
        byte[] lower = random.nextBoolean() ? null : RandomCases.key(random, 20);
        byte[] upper = random.nextBoolean() ? null : RandomCases.key(random, 20);
        List<SegmentManifest.RunEntry> runs = new ArrayList<>();
        int count = random.nextInt(5);
        for (int i = count; i > 0; i--) {
            runs.add(new SegmentManifest.RunEntry(i, random.nextLong(1L << 50), random.nextLong(1L << 40)));
        }
        return new SegmentManifest(
                random.nextInt(),
                random.nextLong(),
                new KeyBounds(lower, upper),
                random.nextLong(EntryLimits.SEQUENCE_MAX + 1),
                count + 1 + random.nextLong(1000),
                runs);
    }

    private static SegmentManifest decode(byte[] body) {
        return SegmentManifestFormat.decode(FILE, ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static byte[] example() {
        return SegmentManifestFormat.encode(
                new SegmentManifest(
                        1,
                        2,
                        new KeyBounds(new byte[] {'a'}, new byte[] {'q', 'r'}),
                        3,
                        9,
                        List.of(new SegmentManifest.RunEntry(8, 100, 3), new SegmentManifest.RunEntry(4, 200, 4))),
                MetadataFormat.VERSION);
    }

    private static void assertRefused(byte[] body, int offset, String what) {
        StoreException.Corrupt e = assertThrows(StoreException.Corrupt.class, () -> decode(body));
        assertEquals(FILE, e.file());
        assertEquals(MetadataFormat.BODY_OFFSET + offset, e.offset(), e.getMessage());
        assertTrue(e.getMessage().contains(what), e.getMessage());
    }

    private static byte[] withInt(int offset, int value) {
        byte[] body = example();
        ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        return body;
    }

    @Test
    void decodesWhatItEncodes() {
        RandomCases.check(2_000, (random, seed) -> {
            SegmentManifest manifest = random(random);
            assertEquals(manifest, decode(SegmentManifestFormat.encode(manifest, MetadataFormat.VERSION)));
        });
        SegmentManifest longest = SegmentManifest.empty(
                1, 1, new KeyBounds(new byte[EntryLimits.KEY_BYTES_MAX], new byte[EntryLimits.KEY_BYTES_MAX + 1]), 5);
        assertEquals(longest, decode(SegmentManifestFormat.encode(longest)));
    }

    @Test
    void aManifestOfAStoreWithoutALedgerDoesNotTellTheEntriesOfItsRuns() {
        SegmentManifest told = decode(example());
        assertEquals(7, told.entries());
        assertEquals(300, told.runBytes());
        SegmentManifest untold = decode(SegmentManifestFormat.encode(told));
        assertEquals(SegmentManifest.RunEntry.ENTRIES_UNKNOWN, untold.entries());
        assertEquals(300, untold.runBytes());
        assertEquals(untold, decode(SegmentManifestFormat.encode(untold, MetadataFormat.VERSION)));
    }

    @Test
    void everyOtherLengthIsRefused() {
        byte[] body = example();
        for (int length = 0; length < body.length + 20; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            if (length != body.length) {
                assertThrows(StoreException.Corrupt.class, () -> decode(cut), "length " + cut.length);
            }
        }
    }

    @Test
    void namesTheFirstWrongField() {
        assertRefused(withInt(SegmentManifestFormat.FLAGS_OFFSET, 8), SegmentManifestFormat.FLAGS_OFFSET, "flags");
        assertRefused(
                withInt(SegmentManifestFormat.RUN_COUNT_OFFSET, -1), SegmentManifestFormat.RUN_COUNT_OFFSET, "length");
        assertRefused(
                withInt(SegmentManifestFormat.RUN_COUNT_OFFSET, Integer.MAX_VALUE),
                SegmentManifestFormat.RUN_COUNT_OFFSET,
                "length");
        assertRefused(
                withInt(SegmentManifestFormat.LOWER_LENGTH_OFFSET, -1),
                SegmentManifestFormat.LOWER_LENGTH_OFFSET,
                "bound length");
        assertRefused(
                withInt(SegmentManifestFormat.UPPER_LENGTH_OFFSET, EntryLimits.KEY_BYTES_MAX + 2),
                SegmentManifestFormat.UPPER_LENGTH_OFFSET,
                "bound length");
        assertRefused(withInt(SegmentManifestFormat.RUNS_OFFSET, 9), SegmentManifestFormat.RUNS_OFFSET, "run number");
        assertRefused(withInt(SegmentManifestFormat.RUNS_OFFSET, 0), SegmentManifestFormat.RUNS_OFFSET, "run number");
    }

    @Test
    void aBoundWithoutItsFlagIsRefused() {
        assertThrows(
                StoreException.Corrupt.class,
                () -> decode(withInt(SegmentManifestFormat.FLAGS_OFFSET, SegmentManifestFormat.UPPER_PRESENT)));
    }

    @Test
    void aRunNamedTwiceIsRefused() {
        assertThrows(
                StoreException.Corrupt.class,
                () -> decode(withInt(SegmentManifestFormat.RUNS_OFFSET + SegmentManifestFormat.RUN_BYTES, 8)));
    }
}
