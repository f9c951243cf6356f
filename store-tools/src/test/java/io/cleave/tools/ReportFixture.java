package io.cleave.tools;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A store whose report has something of everything: splits, deltas, tombstones, hostile names and keys. */
final class ReportFixture {
    /** Markup, were it not escaped. */
    static final String HOSTILE = "<script>alert(1)</script>";

    /** A key that would end an attribute, were it not escaped. */
    static final String QUOTES = "\"'><img src=x onerror=alert(2)>";

    private ReportFixture() {}

    static Path closed(Path directory) {
        StoreOptions options = StoreOptions.builder()
                .segmentEntriesMax(400)
                .deltasMax(8)
                .logFileBytes(64 << 10)
                .maintenanceThreads(1)
                .build();
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            main(store.index("main"), store);
            SegmentIndex hostile = store.index(HOSTILE);
            for (int i = 0; i < 900; i++) {
                hostile.put(key(QUOTES + i), new byte[i % 300]);
                hostile.put(new byte[] {(byte) 0xff, (byte) (i >> 8), (byte) i}, new byte[60]);
            }
            hostile.flush();
            store.awaitMaintenance();
            store.index("empty");
            store.index("a \"b\" & 'c'").put(key("only"), key("one"));
        }
        return directory;
    }

    private static void main(SegmentIndex index, SegmentStore store) {
        for (int i = 0; i < 4_000; i++) {
            index.put(key("town/%05d".formatted(i)), new byte[20 + i / 20]);
        }
        index.flush();
        store.awaitMaintenance();
        for (int i = 0; i < 4_000; i += 5) {
            index.put(key("town/%05d".formatted(i)), new byte[200]);
        }
        index.flush();
        for (int i = 2_000; i < 2_900; i += 2) {
            index.delete(key("town/%05d".formatted(i)));
        }
        index.flush();
        store.awaitMaintenance();
    }

    static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
