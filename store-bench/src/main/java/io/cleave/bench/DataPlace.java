package io.cleave.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/**
 * The option that says where a command makes the stores that it measures in its own process. Belongs to one thread.
 *
 * <p>All of them lie in one new directory below that place, which the command deletes.
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

    /**
     * A new directory; throws {@link UsageException} when none can be made or there is too little room.
     *
     * @param prefix its name begins with that
     * @param bytes of the entries that stores hold at one time
     */
    Path newDirectory(String prefix, long bytes) {
        Path place = (directory == null ? placeOfModule() : directory)
                .toAbsolutePath()
                .normalize();
        try {
            Files.createDirectories(place);
            requireRoom(place, ROOM_BYTES_LEAST + COPIES * bytes);
            return Files.createTempDirectory(place, prefix);
        } catch (IOException e) {
            throw new UsageException("--directory: " + place + " can't be used: " + e);
        }
    }

    /** Beside the jar: on the disk of the clone, while a system's directory for temporary files may be memory. */
    private static Path placeOfModule() {
        String jar = System.getProperty("java.class.path").split(File.pathSeparator, 2)[0];
        Path parent = Path.of(jar).toAbsolutePath().getParent();
        return parent == null || !jar.endsWith("cleave-bench.jar")
                ? Path.of(System.getProperty("java.io.tmpdir"), "bench-data")
                : parent.resolve("bench-data");
    }

    private static void requireRoom(Path place, long bytes) throws IOException {
        long room = Files.getFileStore(place).getUsableSpace();
        if (room < bytes) {
            throw new UsageException(
                    "expected at least " + Quantity.bytes((double) bytes) + " of free space in " + place + ", found "
                            + Quantity.bytes((double) room) + ": take fewer entries, or another --directory");
        }
    }
}
