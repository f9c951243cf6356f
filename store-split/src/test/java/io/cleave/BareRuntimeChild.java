package io.cleave;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The process of {@link BareRuntimeTest}: uses a store so that every kind of event would be made. */
final class BareRuntimeChild {
    private BareRuntimeChild() {}

    public static void main(String[] arguments) throws IOException {
        try (SegmentStore store = SegmentStore.open(
                Path.of(arguments[0]),
                StoreOptions.builder().maintenanceThreads(0).build())) {
            SegmentIndex index = store.index("a");
            for (int i = 0; i < 1_000; i++) {
                index.put(("key" + i).getBytes(StandardCharsets.US_ASCII), new byte[10]);
            }
            index.flush();
            index.split(1);
            index.compact();
            store.sync();
            StoreMetrics metrics = store.metrics();
            boolean recorder = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
            String line = "flight recorder: " + recorder + ", flushes: "
                    + metrics.flushes().count() + ", syncs: "
                    + (metrics.log().syncs().count() > 0);
            try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
                out.write(line.getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
