package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Creating and opening regular files of the owner's alone. Stateless, thread-safe; what it opens belongs to the caller. */
final class RegularFiles {
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final FileAttribute<?>[] FILE_ATTRIBUTES = attributes("rw-------");
    /** {@code rwx------}, where the file system knows permissions. */
    static final FileAttribute<?>[] DIRECTORY_ATTRIBUTES = attributes("rwx------");

    private static final int OPEN_TRIES_MAX = 64;

    private static final Set<OpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private RegularFiles() {}

    static void createEmpty(Path file) {
        try {
            // Opened and closed only: neither minds an interrupt.
            FileChannel.open(file, CREATE, FILE_ATTRIBUTES).close();
        } catch (IOException e) {
            throw Failures.of("creating", file, e);
        }
    }

    static void createIfAbsent(Path file) {
        try {
            FileChannel.open(file, CREATE, FILE_ATTRIBUTES).close();
        } catch (FileAlreadyExistsException e) {
            // Another owner was quicker; the lock decides between us.
            assert e.getFile() != null;
        } catch (IOException e) {
            throw Failures.of("creating the lock file", file, e);
        }
    }

    /**
     * Opens a file that is regular before and the same regular file afterwards. One that is renamed over it meanwhile, as every publication
     * does, is no damage: it is opened then.
     */
    static RandomAccessFile open(Path file, String mode) {
        for (int tries = 0; tries < OPEN_TRIES_MAX; tries++) {
            RandomAccessFile opened = tryOpen(file, mode);
            if (opened != null) {
                return opened;
            }
        }
        throw new StoreException.Io(file + ": replaced by somebody else while being opened, again and again", null);
    }

    /** Null when another regular file stands there afterwards than before. */
    private static RandomAccessFile tryOpen(Path file, String mode) {
        Object before = identity(file);
        RandomAccessFile opened;
        try {
            opened = new RandomAccessFile(file.toFile(), mode);
        } catch (IOException e) {
            throw Failures.of("opening", file, e);
        }
        boolean same = false;
        try {
            same = before.equals(identity(file));
            return same ? opened : null;
        } finally {
            if (!same) {
                closeQuietly(opened);
            }
        }
    }

    static Object identity(Path file) {
        Object key = requireRegular(file).fileKey();
        return key != null ? key : file.toAbsolutePath().normalize();
    }

    static BasicFileAttributes requireRegular(Path file) {
        BasicFileAttributes found;
        try {
            found = stat(file);
        } catch (IOException e) {
            throw Failures.of("opening", file, e);
        }
        if (!found.isRegularFile()) {
            String kind = found.isSymbolicLink() ? "a link" : found.isDirectory() ? "a directory" : "a device or fifo";
            throw new StoreException.Corrupt(file, 0, "kind of path", "a regular file", kind);
        }
        return found;
    }

    /** Refuses what is there and no directory: opening a fifo would wait for somebody who writes into it. */
    static void requireDirectory(String doing, Path path) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw Failures.of(doing, path, new NotDirectoryException(path.toString()));
        }
    }

    static BasicFileAttributes stat(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    static void closeQuietly(RandomAccessFile file) {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                // An earlier failure is on its way to the caller, and the descriptor is gone either way.
                assert e != null;
            }
        }
    }

    /** Removes a file that was just made and is of no use; the failure that made it so is on its way to the caller. */
    static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // An empty or half-written file stays; whoever opens the store next finds it as an orphan.
            assert e != null;
        }
    }

    private static FileAttribute<?>[] attributes(String permissions) {
        if (!POSIX) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }
}
