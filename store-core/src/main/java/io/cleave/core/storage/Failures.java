package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Turns what the system says into {@link StoreException}. Stateless, thread-safe.
 *
 * <p>The JDK hands on error numbers only as text, and the text follows the locale. English is known here; for a full disk
 * the local text is asked of {@code /dev/full} once.
 */
final class Failures {
    private static final String NO_SPACE = "No space left on device";
    private static final Set<String> NO_ROOM =
            Set.of(NO_SPACE, "Disk quota exceeded", "Quota exceeded", "File too large");
    private static final String NO_SPACE_HERE = localTextOfNoSpace();
    private static final Set<String> TOO_MANY_FILES = Set.of("Too many open files", "Too many open files in system");

    private Failures() {}

    /** The exception for a failed call on {@code path}. */
    static StoreException of(String doing, Path path, Exception e) {
        String reason = reason(e);
        String what = path + ": " + doing + ": ";
        if (NO_ROOM.contains(reason) || reason.equals(NO_SPACE_HERE)) {
            return new StoreException.DiskFull(what + reason, e);
        }
        if (TOO_MANY_FILES.contains(reason)) {
            return withCause(
                    new StoreException.LimitReached(what + reason + ": raise the limit of the process (ulimit -n)"), e);
        }
        if (e instanceof NoSuchFileException || reason.equals("No such file or directory")) {
            return withCause(new StoreException.NotFound(what + "no such file or directory"), e);
        }
        if (e instanceof FileAlreadyExistsException) {
            return new StoreException.Io(what + "something of that name is there already", e);
        }
        if (e instanceof AccessDeniedException || reason.equals("Permission denied")) {
            return new StoreException.Io(what + StoreException.Io.DENIED, e);
        }
        if (reason.equals("Read-only file system")) {
            return new StoreException.Io(what + "the file system is mounted read-only", e);
        }
        if (e instanceof NotDirectoryException) {
            return new StoreException.Io(what + "not a directory", e);
        }
        if (e.getCause() instanceof OutOfMemoryError) {
            return withCause(
                    new StoreException.LimitReached(what
                            + "no memory, mapping or thread left (vm.max_map_count, ulimit -v, ulimit -u): " + reason),
                    e);
        }
        return new StoreException.Io(what + reason, e);
    }

    /** The exception for a sync that failed, whatever the reason. */
    static StoreException.Io ofForce(Path path, Throwable e) {
        return new StoreException.Io(
                path + ": sync failed (" + reason(e)
                        + "): what is on the disk is unknown, and a second try would not tell",
                e);
    }

    /** What is left when memory outside the heap has run out. */
    static StoreException.LimitReached ofMemory(long bytes, OutOfMemoryError e) {
        StoreException.LimitReached limit = new StoreException.LimitReached("off-heap memory: " + bytes
                + " bytes asked for, none left (-XX:MaxDirectMemorySize): " + e.getMessage());
        limit.addSuppressed(e);
        return limit;
    }

    private static StoreException withCause(StoreException exception, Throwable cause) {
        exception.addSuppressed(cause);
        return exception;
    }

    /** The system's text alone, without the path that some exceptions put around it. */
    private static String reason(Throwable e) {
        String text = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        if (text == null) {
            return e.getClass().getSimpleName();
        }
        if (e instanceof FileNotFoundException && text.endsWith(")")) {
            return text.substring(text.lastIndexOf('(') + 1, text.length() - 1);
        }
        return text;
    }

    private static String localTextOfNoSpace() {
        try (FileOutputStream full = new FileOutputStream("/dev/full")) {
            return textOfFailedWrite(full);
        } catch (IOException e) {
            return NO_SPACE;
        }
    }

    private static String textOfFailedWrite(FileOutputStream full) {
        try {
            full.write(0);
            return NO_SPACE;
        } catch (IOException e) {
            return reason(e);
        }
    }
}
