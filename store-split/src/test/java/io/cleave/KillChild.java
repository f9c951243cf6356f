package io.cleave;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process that {@link StoreKillTest} kills. {@code write DIRECTORY n0 n1}: each writer goes on with its operation of that
 * number for ever and puts its number as one byte to the standard output after each. {@code recover DIRECTORY}: opens and
 * closes the store and puts out one byte before each call of the storage. {@code hold DIRECTORY}: opens the store, puts out one
 * byte, and closes it when its input ends.
 */
final class KillChild {
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
                .segmentMemtableBytesMax(8 << 10)
                .memtableChunkBytes(1 << 10)
                .segmentEntriesMax(80)
                .blockBytes(512)
                .logFileBytes(64 << 10)
                .logBytesMax(256 << 10);
    }

    public static void main(String[] arguments) throws InterruptedException, IOException {
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        Path directory = Path.of(arguments[1]);
        if (arguments[0].equals("hold")) {
            try (SegmentStore store = SegmentStore.open(directory, options().build())) {
                out.write(store.indexNames().size());
                int end = System.in.read();
                assert end < 0;
            }
            return;
        }
        if (arguments[0].equals("recover")) {
            SegmentStore.open(directory, options().storage(telling(out)).build())
                    .close();
            return;
        }
        try (SegmentStore store = SegmentStore.open(directory, options().build())) {
            Thread[] writers = new Thread[KillHistory.WRITERS];
            for (int i = 0; i < writers.length; i++) {
                int writer = i;
                long first = Long.parseLong(arguments[2 + i]);
                writers[i] = new Thread(() -> write(store, writer, first, out));
                writers[i].start();
            }
            for (Thread thread : writers) {
                thread.join();
            }
        }
    }

    private static void write(SegmentStore store, int writer, long first, FileOutputStream out) {
        try {
            for (long operation = first; ; operation++) {
                if (KillHistory.isBatch(operation)) {
                    try (WriteBatch batch = store.batch()) {
                        KillHistory.changes(writer, operation, (index, key, value) -> {
                            if (value == null) {
                                batch.delete(store.index(index), key);
                            } else {
                                batch.put(store.index(index), key, value);
                            }
                        });
                        batch.commit();
                    }
                } else {
                    KillHistory.changes(writer, operation, (index, key, value) -> {
                        if (value == null) {
                            store.index(index).delete(key);
                        } else {
                            store.index(index).put(key, value);
                        }
                    });
                }
                out.write(writer);
            }
        } catch (IOException | RuntimeException | Error e) {
            System.err.println(e);
            Runtime.getRuntime().halt(3);
        }
    }

    private static Storage telling(FileOutputStream out) {
        RealStorage real = RealStorage.open();
        return (Storage) Proxy.newProxyInstance(
                KillChild.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    out.write('r');
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
