package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.entry.KeyBounds;
import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.RunProperties;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.Verdict;
import io.cleave.route.KeyMap;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** Maps and pages of stores that would take long to fill. */
final class ReportPageTest {
    private static final Path STORE = Path.of("/stores/large");
    private static final long NOW = 1_700_000_000_000L;

    @Test
    void aSmallIndexHasABarForEachSegmentAndTheyFillTheWidth() {
        SegmentMap map =
                SegmentMap.of(index(1, "main", 5, i -> i == 2 ? 0 : 1000), SegmentMap.Width.ENTRIES, 100, file -> 0);
        assertEquals(5, map.bars().size());
        double right = 0;
        for (SegmentBar bar : map.bars()) {
            assertEquals(right, bar.left(), 1e-9);
            right += bar.width();
        }
        assertEquals(1, right, 1e-9);
        assertTrue(map.bars().get(2).width() > 0.005, "an empty segment can't be seen");
        assertTrue(map.bars().get(2).width() < 0.02, "an empty segment is drawn large");
        assertEquals(map.bars().get(0).width(), map.bars().get(1).width(), 1e-9);
    }

    @Test
    void whatWouldBeTooThinIsOneBarAndNothingIsLost() {
        for (int segments : List.of(161, 1_000, 20_000)) {
            IndexLook look = index(1, "main", segments, i -> i % 97 == 0 ? 1_000_000 : i % 7);
            SegmentMap map = SegmentMap.of(look, SegmentMap.Width.ENTRIES, 1_000, file -> 0);
            assertTrue(
                    map.bars().size() <= SegmentMap.BARS_MAX,
                    "bars: " + map.bars().size());
            assertTrue(
                    map.bars().size() > SegmentMap.BARS_MAX / 4,
                    "bars: " + map.bars().size());
            List<SegmentLook> all = new ArrayList<>();
            map.bars().forEach(bar -> all.addAll(bar.segments()));
            assertEquals(look.segments(), all);
            assertEquals(
                    look.entries(),
                    map.bars().stream().mapToLong(bar -> bar.total().entries()).sum());
            assertEquals(
                    look.runs(),
                    map.bars().stream().mapToLong(bar -> bar.total().runs()).sum());
            map.bars().forEach(bar -> assertTrue(bar.width() > 0.4 / SegmentMap.BARS_MAX, bar.width() + " wide"));
        }
    }

    @Test
    void manyDeltasAreAddedUpFromTheOldestOn() {
        SegmentBar bar = SegmentBar.of(List.of(segment(1, null, null, 20, 100)), file -> 7);
        assertEquals(7, bar.runs().size(), bar::toString);
        assertEquals(20, bar.total().runs());
        assertEquals(1, bar.runs().get(0).runs());
        assertEquals(14, bar.runs().get(1).runs());
        assertEquals(7, bar.writtenMillis());
        for (int runs = 0; runs < 12; runs++) {
            assertEquals(
                    runs,
                    SegmentBar.of(List.of(segment(1, null, null, runs, 100)), file -> 7)
                            .total()
                            .runs());
        }
    }

    @Test
    void coloursTellTombstonesAndAge() {
        String page = page(List.of(index(1, "main", 4, i -> 1000)), 0);
        assertTrue(page.contains("<rect class=\"t0\""), page);
        assertTrue(page.contains("<rect class=\"t4\""), page);
        assertTrue(page.contains("<rect class=\"a4\""), page);
        assertEquals(4, page.split("<rect class=\"delta\"", -1).length - 1);
        assertTrue(page.contains("at a time that could not be read"), page);
    }

    @Test
    void aLargePageStaysWithinItsBound() {
        int longest = 0;
        for (long bytes : List.of(0L, 1L << 30)) {
            List<IndexLook> many = new ArrayList<>();
            for (int i = 1; i <= 300; i++) {
                many.add(index(i, "\"'<&>".repeat(50) + i, 40, at -> 1000));
            }
            longest = Math.max(longest, length(many, bytes));
            longest = Math.max(longest, length(List.of(index(1, "main", 5_000, i -> i % 1000)), bytes));
        }
        assertTrue(longest < ReportPage.BYTES_MAX, longest + " bytes");
        assertTrue(longest > ReportPage.BYTES_MAX / 8, "no large page was made: " + longest + " bytes");
    }

    private static int length(List<IndexLook> indexes, long segmentBytes) {
        return page(indexes, segmentBytes).getBytes(StandardCharsets.UTF_8).length;
    }

    private static String page(List<IndexLook> indexes, long segmentBytes) {
        Verdict verdict = new Verdict(List.of(), indexes.size(), 0, 0, 0, 0, null);
        StoreFacts facts = new StoreFacts(
                STORE,
                "0-0",
                "metadata 1",
                indexes,
                List.of(),
                verdict,
                io.cleave.inspect.VerificationDepth.ENTRIES,
                0,
                new StoreFacts.Times(Map.of(), NOW));
        return new ReportPage(facts, SegmentMap.Width.BYTES, segmentBytes).write();
    }

    private static IndexLook index(int id, String name, int segments, IntToLongFunction entries) {
        List<SegmentLook> looks = new ArrayList<>();
        for (int i = 0; i < segments; i++) {
            byte[] lower = i == 0 ? null : key(i);
            byte[] upper = i == segments - 1 ? null : key(i + 1);
            looks.add(segment(i + 1, lower, upper, entries.applyAsLong(i) == 0 ? 0 : 9, entries.applyAsLong(i)));
        }
        return new IndexLook(name, STORE, KeyMap.of(id, 1), looks);
    }

    /** The worst that a key can be: each sign becomes many. */
    private static byte[] key(int i) {
        return ("\"\0\ue000".repeat(20) + "%06d".formatted(i)).getBytes(StandardCharsets.UTF_8);
    }

    private static SegmentLook segment(long id, byte[] lower, byte[] upper, int runs, long entries) {
        List<SegmentLook.RunLook> looks = new ArrayList<>();
        for (int i = runs; i >= 1; i--) {
            looks.add(new SegmentLook.RunLook(STORE.resolve("run-" + i), i, properties(entries, i % 2 * entries)));
        }
        SegmentManifest manifest = new SegmentManifest(1, id, new KeyBounds(lower, upper), 9, 99, List.of());
        return new SegmentLook(STORE, manifest, looks);
    }

    private static RunProperties properties(long entries, long tombstones) {
        byte[] key = {1};
        long bytes = 100 * entries;
        return new RunProperties(
                entries,
                entries,
                tombstones,
                entries,
                bytes,
                key,
                key,
                1,
                2,
                bytes,
                bytes,
                1,
                Compression.NONE,
                FilterKind.NONE);
    }
}
