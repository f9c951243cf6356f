package io.cleave.core.storage;

import io.cleave.core.bytes.KeyHash;
import io.cleave.error.StoreException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** What is asked of the machine once, when a storage is made. Stateless, thread-safe. */
final class Machine {
    private static final String BOOT_ID = "/proc/sys/kernel/random/boot_id";

    private Machine() {}

    /** A number of this boot of the machine, 0 when the system does not tell. */
    static long bootId() {
        try (FileInputStream file = new FileInputStream(BOOT_ID)) {
            byte[] text = file.readAllBytes();
            return text.length == 0 ? 0 : KeyHash.of(text, text.length);
        } catch (IOException e) {
            return 0;
        }
    }

    /**
     * Uses every kind of call once on files of the JDK. A class whose first use finds no free file descriptor, because it
     * loads a native library, stays broken for the life of the process.
     */
    static void touchClasses() {
        Path home = Path.of(System.getProperty("java.home"));
        try {
            Uninterrupted.call("cleave-touch", () -> {
                touchFile(home.resolve("lib").resolve("modules"));
                return null;
            });
            try (DirectoryStream<Path> paths = Files.newDirectoryStream(home)) {
                if (!paths.iterator().hasNext()) {
                    throw new IOException(home + " is empty");
                }
            }
            Files.getFileStore(home).type();
        } catch (IOException e) {
            // A runtime image without that file. Touching is a precaution; what matters later reports its own failure.
            assert e.getMessage() != null;
        }
        OffHeap.THIS_JVM.allocate(Long.BYTES).release().run();
        Failures.of("touching", home, new IOException("nothing failed"));
        Class<?>[] loaded = {
            Storage.PathKind.class,
            StorageCounters.class,
            StoreException.Corrupt.class,
            StoreException.Io.class,
            StoreException.DiskFull.class,
            StoreException.LimitReached.class,
            StoreException.NotFound.class,
            RealFile.class,
            RealLock.class,
            LockRegister.class,
            MappedWritableRegion.class,
            FileWritableRegion.class,
            BufferRegion.class
        };
        assert loaded.length > 0;
    }

    private static void touchFile(Path file) throws IOException {
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            open.seek(0);
            open.read(new byte[1], 0, 1);
            open.length();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            if (channel.size() > 0) {
                OffHeap.THIS_JVM.map(channel, MapMode.READ_ONLY, 1).release().run();
            }
        }
    }
}
