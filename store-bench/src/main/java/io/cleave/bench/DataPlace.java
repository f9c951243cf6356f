package io.cleave.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/**
 * The option that says where a command makes the stores that it measures. Belongs to one thread.
 *
 * <p>A command that measures in its own process makes them in one new directory below that place, and deletes it.
 */
final class DataPlace {
    /** A store may hold an entry several times until it is compacted. */
    private static final long COPIES = 4;

    private static final long ROOM_BYTES_LEAST = 1L << 30;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the stores are made and deleted; default: target/bench-data of this module.")
    private Path directory;

    /** The place itself, made when it isn't there; throws {@link UsageException} when it can't be made. */
    Path directory() {
        Path place = (directory == null ? placeOfModule() : directory)
                .toAbsolutePath()
                .normalize();
        try {
            return Files.createDirectories(place);
        } catch (IOException e) {
            throw unusable(place, e);
        }
    }

    /** Throws {@link UsageException} when the place has less room than that. */
    void requireRoom(long bytes) {
        Path place = directory();
        long room;
        try {
            room = Files.getFileStore(place).getUsableSpace();
        } catch (IOException e) {
            throw unusable(place, e);
        }
        if (room < bytes) {
            throw new UsageException(
                    "expected at least " + Quantity.bytes((double) bytes) + " of free space in " + place + ", found "
                            + Quantity.bytes((double) room) + ": take fewer entries, or another --directory");
        }
    }

    /**
     * A new directory; throws {@link UsageException} when none can be made or there is too little room.
     *
     * @param prefix its name begins with that
     * @param bytes of the entries that stores hold at one time
     */
    Path newDirectory(String prefix, long bytes) {
        Path place = directory();
        requireRoom(ROOM_BYTES_LEAST + COPIES * bytes);
        try {
            return Files.createTempDirectory(place, prefix);
        } catch (IOException e) {
            throw unusable(place, e);
        }
    }

    private static UsageException unusable(Path place, IOException e) {
        return new UsageException("--directory: " + place + " can't be used: " + e);
    }

    /** Beside the jar: on the disk of the clone, while a system's directory for temporary files may be memory. */
    private static Path placeOfModule() {
        String jar = System.getProperty("java.class.path").split(File.pathSeparator, 2)[0];
        Path parent = Path.of(jar).toAbsolutePath().getParent();
        return parent == null || !jar.endsWith("cleave-bench.jar")
                ? Path.of(System.getProperty("java.io.tmpdir"), "bench-data")
                : parent.resolve("bench-data");
    }
}
