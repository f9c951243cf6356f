package io.cleave;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process that {@link KilledStore} kills.
 *
 * <ul>
 *   <li>{@code write DIRECTORY n0 n1 n2}: each writer goes on with its operation of that number for ever and puts its number as
 *       one byte to the standard output after each.
 *   <li>{@code write-to DIRECTORY POINT hit n0 n1 n2}: the same; the hit-th time that a {@link KillPoint} is met it puts out one
 *       byte more and waits for its end.
 *   <li>{@code recover DIRECTORY}: opens and closes the store and puts out one byte before each call of the storage.
 *   <li>{@code recover-to DIRECTORY POINT hit}: the same, but waits for its end at a point.
 *   <li>{@code cut DIRECTORY n0 n1 n2}: as {@code write}, with some operations durable. A writer that the store refuses for
 *       good says so and waits for its end.
 *   <li>{@code hold DIRECTORY}: opens the store, puts out one byte, and closes it when its input ends.
 * </ul>
 */
final class KillChild {
    /** The writers of {@link KillHistory}, and that of {@link KillDrops}. */
    static final int WRITERS = KillHistory.WRITERS + 1;

    /** What it puts out at a point; above the number of any writer. */
    static final int AT_POINT = 'K';

    /** So little that recovery has to flush. */
    private static final int RECOVERY_MEMTABLES = 4 << 10;

    private KillChild() {}

    /** What starts it with the given arguments. */
    static List<String> command(String mode, Path directory) {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx128m",
                "-ea",
                "-cp",
                System.getProperty("java.class.path"),
                KillChild.class.getName(),
                mode,
                directory.toString()));
    }

    static StoreOptions.Builder options() {
        return StoreOptions.builder()
                .durability(Durability.PROCESS)
                .maintenanceThreads(1)
                .syncIntervalMillis(0)
                .memtableBytesMax(4 << 20)
                .segmentMemtableBytesMax(2 << 10)
                .memtableChunkBytes(1 << 10)
                .segmentEntriesMax(100)
                .deltasMax(2)
                .blockBytes(512)
                .logFileBytes(32 << 10)
                .logBytesMax(128 << 10);
    }

    public static void main(String[] arguments) throws InterruptedException, IOException {
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        Path directory = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "hold" -> hold(directory, out);
            case "recover" -> recover(directory, options().memtableBytesMax(RECOVERY_MEMTABLES), telling(out));
            case "recover-to" -> {
                StoreOptions.Builder options = KillPoint.valueOf(arguments[2]).isOfRecoveryFlush()
                        ? options().memtableBytesMax(RECOVERY_MEMTABLES)
                        // A flush would take the numbers and names of what a crash left, before that is deleted.
                        : options();
                recover(directory, options, stopping(directory, arguments[2], arguments[3], out));
            }
            case "write" -> write(options().build(), arguments, KillWriter.Loss.PROCESS, out);
            case "write-to" -> {
                Storage storage = stopping(directory, arguments[2], arguments[3], out);
                write(options().storage(storage).build(), arguments, KillWriter.Loss.PROCESS, out);
            }
            case "cut" -> {
                try (QuietLog quiet = new QuietLog()) {
                    write(options().build(), arguments, KillWriter.Loss.POWER, out);
                    assert quiet.isQuiet();
                }
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void hold(Path directory, FileOutputStream out) throws IOException {
        try (SegmentStore store = SegmentStore.open(directory, options().build())) {
            out.write(store.indexNames().size());
            int end = System.in.read();
            assert end < 0;
        }
    }

    private static void recover(Path directory, StoreOptions.Builder options, Storage storage) {
        SegmentStore.open(directory, options.storage(storage).build()).close();
    }

    private static void write(StoreOptions options, String[] arguments, KillWriter.Loss loss, FileOutputStream out)
            throws InterruptedException {
        try (SegmentStore store = SegmentStore.open(Path.of(arguments[1]), options)) {
            Thread[] writers = new Thread[WRITERS];
            for (int i = 0; i < writers.length; i++) {
                long first = Long.parseLong(arguments[arguments.length - WRITERS + i]);
                writers[i] = new Thread(new KillWriter(store, i, first, loss, out));
                writers[i].start();
            }
            for (Thread thread : writers) {
                thread.join();
            }
        }
    }

    /** A storage that stops everything at a point and says so. */
    private static Storage stopping(Path directory, String point, String hit, FileOutputStream out) {
        return KillPointStorage.over(directory, KillPoint.valueOf(point), Integer.parseInt(hit), () -> {
            try {
                out.write(AT_POINT);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Storage telling(FileOutputStream out) {
        RealStorage real = RealStorage.open();
        return proxy((proxy, method, arguments) -> {
            out.write('r');
            return invoke(method, real, arguments);
        });
    }

    private static Storage proxy(InvocationHandler handler) {
        return (Storage)
                Proxy.newProxyInstance(KillChild.class.getClassLoader(), new Class<?>[] {Storage.class}, handler);
    }

    private static Object invoke(Method method, Storage real, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
