package io.cleave;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The process in which {@link StoreRuntimeTest} opens many stores at once. Takes a directory, a number of stores, and MiB to write
 * to all of them together. Prints what it held, and ends with 0 when every entry was there.
 */
final class ManyStoresChild {
    private static final long MEMTABLE_BYTES_MAX = 64L << 20;
    private static final int MAINTENANCE_THREADS = 2;
    private static final int WRITERS = 4;
    private static final int VALUE_BYTES = 500;

    private final List<SegmentStore> stores = new ArrayList<>();
    private final AtomicLong memtablePeak = new AtomicLong();
    private final AtomicLong anonymousPeak = new AtomicLong();

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        int count = Integer.parseInt(arguments[1]);
        int each = (int) ((Long.parseLong(arguments[2]) << 20) / VALUE_BYTES / count);
        try (StoreRuntime runtime = StoreRuntime.start(MEMTABLE_BYTES_MAX, MAINTENANCE_THREADS)) {
            new ManyStoresChild().run(runtime, directory, count, each);
        }
        require(cleaveThreads() == 0, cleaveThreads() + " threads left");
    }

    private void run(StoreRuntime runtime, Path directory, int count, int each) throws Exception {
        for (int i = 0; i < count; i++) {
            StoreOptions options = StoreOptions.builder()
                    .runtime(runtime)
                    .logFileBytes(256 << 10)
                    .build();
            stores.add(SegmentStore.open(directory.resolve("store-" + i), options));
        }
        require(runtime.storeCount() == count, "stores: " + runtime.storeCount());
        long threads = cleaveThreads();
        require(threads == MAINTENANCE_THREADS + 1, "threads: " + threads);
        inThreads(writer -> write(runtime, writer, each));
        threads = cleaveThreads();
        require(threads == MAINTENANCE_THREADS + 1, "threads: " + threads);
        inThreads(writer -> read(writer, each));
        long flushes =
                stores.stream().mapToLong(store -> store.stats().flushes()).sum();
        stores.forEach(SegmentStore::close);
        require(runtime.storeCount() == 0, "stores left: " + runtime.storeCount());
        require(runtime.memtableBytes() == 0, "memtable bytes left: " + runtime.memtableBytes());
        System.out.printf(
                "stores=%d entries=%d threads=%d flushes=%d memtables=%d KiB of %d anonymous=%d MiB%n",
                count,
                (long) count * each,
                threads,
                flushes,
                memtablePeak.get() >> 10,
                MEMTABLE_BYTES_MAX >> 10,
                anonymousPeak.get() >> 20);
    }

    private interface Part {
        void run(int thread) throws IOException;
    }

    private static void inThreads(Part part) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                try {
                    part.run(number);
                } catch (IOException | RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        require(failure.get() == null, String.valueOf(failure.get()));
    }

    private void write(StoreRuntime runtime, int writer, int each) throws IOException {
        byte[] value = new byte[VALUE_BYTES];
        for (int entry = 0; entry < each; entry++) {
            for (int store = writer; store < stores.size(); store += WRITERS) {
                ByteBuffer.wrap(value).putInt(store).putInt(entry);
                stores.get(store).index("main").put(key(entry), value);
            }
            memtablePeak.accumulateAndGet(runtime.memtableBytes(), Math::max);
            anonymousPeak.accumulateAndGet(anonymousBytes(), Math::max);
        }
    }

    private void read(int reader, int each) {
        for (int store = reader; store < stores.size(); store += WRITERS) {
            SegmentIndex index = stores.get(store).index("main");
            for (int entry = 0; entry < each; entry++) {
                byte[] value = index.get(key(entry));
                require(value != null && value.length == VALUE_BYTES, "store " + store + " entry " + entry);
                ByteBuffer found = ByteBuffer.wrap(value);
                require(found.getInt() == store && found.getInt() == entry, "wrong value in store " + store);
            }
        }
    }

    private static byte[] key(int entry) {
        return ByteBuffer.allocate(8).putLong(entry * 0x9E37_79B9_7F4A_7C15L).array();
    }

    private static long cleaveThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("cleave-maintenance")
                        || thread.getName().startsWith("cleave-log"))
                .count();
    }

    /** Memory of the process that is no page of a file. */
    private static long anonymousBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        return 0;
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new IllegalStateException(what);
        }
    }
}
