package io.cleave;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * The process whose limits {@link StoreResourceTest} sets. Modes: {@code files}, {@code threads}, {@code direct}, {@code heap},
 * {@code cycles}; then a directory and counts. Ends with 0 when all is as it should be, and says what it has done.
 */
@SuppressWarnings("Interruption") // how a thread that was taken is told to make room
final class ResourceChild {
    private static final int CYCLE_ENTRIES = 200;
    private static final List<String> OPENED = List.of("first", "second");

    private static final int VALUE_BYTES = 8 << 10;

    /** What {@link StoreResourceTest} lets a process have that runs out of it. */
    private static final int DIRECT_BYTES_MAX = 2 << 20;

    private ResourceChild() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        try (QuietLog quiet = new QuietLog()) {
            LimitedUse.require(quiet.isQuiet(), "the log is loud");
            switch (arguments[0]) {
                case "files" -> files(directory, count);
                case "threads" -> threads(directory, count);
                case "direct" -> direct(directory);
                case "heap" -> heap(directory, count);
                case "cycles" -> cycles(directory, count, Integer.parseInt(arguments[3]));
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    /** All descriptors are taken but a few, for each number of few. */
    private static void files(Path directory, int freeMax) throws IOException {
        LimitedUse use = warmedUp(directory);
        Deque<Closeable> taken = new ArrayDeque<>();
        long limit = 0;
        for (int free = 0; free <= freeMax; free++) {
            takeAllDescriptors(taken);
            limit = taken.size();
            for (int i = 0; i < free && !taken.isEmpty(); i++) {
                taken.pop().close();
            }
            RealStorage storage = RealStorage.open();
            use.underTheLimit(storage);
            closeAll(taken);
            LimitedUse.requireNothingHeld(storage);
            use.afterwards(storage);
            LimitedUse.requireNothingHeld(storage);
        }
        report("files", limit, use);
    }

    /** All threads are taken but a few: each takes half a GiB of a limited address space. */
    private static void threads(Path directory, int freeMax) throws IOException {
        LimitedUse use = warmedUp(directory);
        long limit = 0;
        for (int free = 0; free <= freeMax; free++) {
            Deque<Thread> taken = new ArrayDeque<>();
            CountDownLatch end = new CountDownLatch(1);
            limit = takeAllThreads(taken, end);
            LimitedUse.require(limit >= free, "too few threads to take: " + limit);
            Deque<Thread> released = new ArrayDeque<>();
            for (int i = 0; i < free; i++) {
                released.push(taken.pop());
            }
            released.forEach(Thread::interrupt);
            released.forEach(ResourceChild::join);
            RealStorage storage = RealStorage.open();
            use.underTheLimit(storage);
            end.countDown();
            taken.forEach(ResourceChild::join);
            LimitedUse.requireNothingHeld(storage);
            use.afterwards(storage);
            LimitedUse.requireNothingHeld(storage);
        }
        report("threads", limit, use);
    }

    /** The store is told of more memory than there is. */
    private static void direct(Path directory) {
        RealStorage storage = RealStorage.open();
        LimitedUse use = new LimitedUse(directory, LimitedUse.options());
        long collections = 0;
        for (int round = 0; round < 5; round++) {
            List<ByteBuffer> taken = new ArrayList<>();
            takeAllMemory(taken, 1 << (10 + round));
            long before = collections();
            use.underTheLimit(storage);
            collections += collections() - before;
            LimitedUse.requireNothingHeld(storage);
            taken.clear();
            while (directBytes() > DIRECT_BYTES_MAX / 2) {
                System.gc();
            }
            use.afterwards(storage);
            LimitedUse.requireNothingHeld(storage);
        }
        // The JVM collects before it refuses, and waits: a writer that is refused again does not.
        LimitedUse.require(
                collections < use.refusals() / 2, collections + " collections for " + use.refusals() + " refusals");
        report("direct memory", Runtime.getRuntime().maxMemory(), use);
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getTotalCapacity)
                .sum();
    }

    /** A store far larger than the heap is written, scanned and read. */
    private static void heap(Path directory, int mebibytes) {
        RealStorage storage = RealStorage.open();
        StoreOptions options =
                StoreOptions.builder().storage(storage).maintenanceThreads(2).build();
        int entries = (int) (((long) mebibytes << 20) / VALUE_BYTES);
        byte[] value = new byte[VALUE_BYTES];
        new SplittableRandom(1).nextBytes(value);
        ByteBuffer number = ByteBuffer.wrap(value);
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            SegmentIndex index = store.index("main");
            for (int i = 0; i < entries; i++) {
                number.putInt(0, i);
                index.put(scattered(i), value);
            }
            store.awaitMaintenance();
        }
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            SegmentIndex index = store.index("main");
            int found = 0;
            try (Cursor cursor = index.cursor()) {
                while (cursor.next()) {
                    LimitedUse.require(cursor.value().remaining() == VALUE_BYTES, "length");
                    found++;
                }
            }
            LimitedUse.require(found == entries, found + " of " + entries + " entries");
            for (int i = 0; i < entries; i += 7) {
                LimitedUse.require(ByteBuffer.wrap(index.get(scattered(i))).getInt(0) == i, "wrong value of " + i);
            }
        }
        LimitedUse.requireNothingHeld(storage);
        System.out.printf(
                "heap: %d MiB, store %d MiB, entries=%d%n", Runtime.getRuntime().maxMemory() >> 20, mebibytes, entries);
    }

    /** Everything that a store takes comes back, however often it is taken. */
    private static void cycles(Path directory, int fills, int opens) throws IOException {
        RealStorage storage = RealStorage.open();
        StoreOptions options = LimitedUse.options().storage(storage).build();
        Files.createDirectory(directory);
        List<String> before = null;
        for (int cycle = 0; cycle < fills; cycle++) {
            fillSplitAndDrop(directory.resolve("fills"), options, cycle);
            before = requireSame(before, held(storage, directory, 0), "cycle " + cycle);
        }
        before = null;
        try (SegmentStore store = SegmentStore.open(directory.resolve("opens"), options)) {
            OPENED.forEach(name -> fillAndSplit(store, store.index(name)));
        }
        for (int cycle = 0; cycle < opens; cycle++) {
            int segments = openReadAndWrite(directory.resolve("opens"), options, cycle);
            before = requireSame(before, held(storage, directory, segments), "open " + cycle);
        }
        System.out.printf("cycles: create, fill, split, drop=%d open, close=%d held=%s%n", fills, opens, before);
    }

    private static void fillSplitAndDrop(Path directory, StoreOptions options, int cycle) {
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            SegmentIndex index = store.index("index-" + cycle % 3);
            fillAndSplit(store, index);
            try (Cursor left = index.cursor()) {
                LimitedUse.require(left.next(), "nothing in a full index");
                LimitedUse.require(store.dropIndex("index-" + cycle % 3), "not dropped");
            }
        }
    }

    private static void fillAndSplit(SegmentStore store, SegmentIndex index) {
        for (int i = 0; i < CYCLE_ENTRIES; i++) {
            index.put(scattered(i), new byte[64]);
        }
        index.flush();
        Splits.ofFirst(index);
        store.awaitMaintenance();
        LimitedUse.require(index.stats().segments().size() > 1, "no split");
    }

    /** Replays what the opening before has logged, loads segments, maps runs, leaves something to replay. Returns the segments. */
    private static int openReadAndWrite(Path directory, StoreOptions options, int cycle) {
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            for (String name : OPENED) {
                SegmentIndex index = store.index(name);
                LimitedUse.require(index.get(scattered(cycle % CYCLE_ENTRIES)).length == 64, "a key is gone");
                try (Cursor cursor = index.cursor()) {
                    LimitedUse.require(cursor.seek(scattered(7)) && cursor.next(), "nothing behind a key");
                }
                index.put(scattered(cycle % CYCLE_ENTRIES), new byte[64]);
            }
            store.awaitMaintenance();
            return OPENED.stream()
                    .mapToInt(name -> store.index(name).stats().segments().size())
                    .sum();
        }
    }

    private static List<String> requireSame(List<String> before, List<String> now, String when) {
        LimitedUse.require(before == null || before.equals(now), when + ": before " + before + ", now " + now);
        return now;
    }

    /** All that a process may hold of a store which it has closed, and what of it lies on the disk beside its segments. */
    private static List<String> held(RealStorage storage, Path directory, int segments) throws IOException {
        LimitedUse.requireNothingHeld(storage);
        List<String> held = new ArrayList<>(LeakCheck.openBelow(directory));
        held.add("descriptors " + descriptors());
        long named = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("cleave"))
                .count();
        held.add("threads " + named);
        try (Stream<Path> files = Files.walk(directory)) {
            held.add("directories " + (files.filter(Files::isDirectory).count() - segments));
        }
        return held;
    }

    /** Open descriptors, but those of jars and of what the JVM looks at by itself at any time. */
    private static long descriptors() throws IOException {
        long open = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    boolean ofTheMachine =
                            target.startsWith("/proc/") || target.startsWith("/sys/") || target.endsWith(".jar");
                    open += ofTheMachine ? 0 : 1;
                } catch (NoSuchFileException e) {
                    // Closed since it was listed.
                    assert e.getMessage() != null;
                }
            }
        }
        return open;
    }

    /** Everything has been loaded and opened once before the limit is felt: classes may need descriptors, too. */
    private static LimitedUse warmedUp(Path directory) throws IOException {
        loadClasses();
        LimitedUse use = new LimitedUse(directory, LimitedUse.options());
        RealStorage storage = RealStorage.open();
        use.underTheLimit(storage);
        use.afterwards(storage);
        LimitedUse.require(use.refusals() == 0, "refused without a limit");
        return use;
    }

    private static void loadClasses() throws IOException {
        for (Class<?> one : List.of(SegmentStore.class, Storage.class, ResourceChild.class)) {
            Path root = Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().getPath());
            if (Files.isDirectory(root)) {
                List<Path> files;
                try (Stream<Path> all = Files.walk(root.resolve("io/cleave"))) {
                    files = all.filter(
                                    file -> isOfTheStore(root.relativize(file).toString()))
                            .toList();
                }
                for (Path file : files) {
                    load(root.relativize(file).toString());
                }
            }
        }
    }

    private static boolean isOfTheStore(String file) {
        return file.endsWith(".class")
                && !file.contains("package-info")
                && !file.contains("Test")
                && !file.contains("Lincheck")
                && (file.startsWith("io/cleave/core/")
                        || file.startsWith("io/cleave/error/")
                        || file.startsWith("io/cleave/log/")
                        || file.startsWith("io/cleave/route/")
                        || file.startsWith("io/cleave/split/")
                        || file.startsWith("io/cleave/catalog/")
                        || file.startsWith("io/cleave/maintenance/")
                        || file.lastIndexOf('/') == "io/cleave".length());
    }

    private static void load(String file) {
        String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
        try {
            Class<?> loaded = Class.forName(name, false, ResourceChild.class.getClassLoader());
            assert loaded != null;
        } catch (ClassNotFoundException | LinkageError e) {
            // A test class whose libraries are not here: nobody asks for it.
            assert e.getMessage() != null;
        }
    }

    private static void takeAllDescriptors(Deque<Closeable> taken) {
        try {
            while (true) {
                taken.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            LimitedUse.require(e.getMessage().contains("Too many open files"), e.getMessage());
        }
    }

    private static void closeAll(Deque<Closeable> taken) throws IOException {
        while (!taken.isEmpty()) {
            taken.pop().close();
        }
    }

    private static long takeAllThreads(Deque<Thread> taken, CountDownLatch end) {
        try {
            while (true) {
                Thread thread = new Thread(() -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        // Told to make room for another one.
                        assert Thread.currentThread().isDaemon();
                    }
                });
                thread.setDaemon(true);
                thread.start();
                taken.push(thread);
            }
        } catch (OutOfMemoryError e) {
            return taken.size();
        }
    }

    private static void takeAllMemory(List<ByteBuffer> taken, int bytes) {
        try {
            while (true) {
                taken.add(ByteBuffer.allocateDirect(bytes));
            }
        } catch (OutOfMemoryError e) {
            LimitedUse.require(!taken.isEmpty(), "no memory at all");
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Ascending numbers as keys that do not ascend. */
    private static byte[] scattered(int number) {
        return ByteBuffer.allocate(12)
                .putInt(number * 0x9E3779B1)
                .putLong(number)
                .array();
    }

    private static void report(String what, long limit, LimitedUse use) {
        System.out.printf("%s: limit=%d steps=%d refused=%d%n", what, limit, use.steps(), use.refusals());
        LimitedUse.require(use.refusals() > 0, "the limit was never felt");
    }
}
