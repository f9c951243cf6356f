package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the system means by a path, whose it is, and who asks. Stateless, thread-safe. */
final class SystemPaths {
    private static final String PROCESS_STATUS = "/proc/self/status";
    private static final String USER_LINE = "Uid:";
    private static final Path PROCESS = Path.of("/proc/self");

    private SystemPaths() {}

    /** As {@link Storage#realPath}. */
    static Path real(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(
                    path + ": expected a path of the machine's own file system, found one of "
                            + path.getFileSystem().provider().getScheme());
        }
        Path absolute = path.toAbsolutePath();
        try {
            return absolute.toRealPath();
        } catch (NoSuchFileException e) {
            return realOfAbsent(absolute);
        } catch (FileSystemException e) {
            if ("Not a directory".equals(e.getReason())) {
                throw new StoreException.NotAStore(path + ": expected directories above it, found a file");
            }
            throw Failures.of("looking for it", path, e);
        } catch (IOException e) {
            throw Failures.of("looking for it", path, e);
        }
    }

    private static Path realOfAbsent(Path absolute) {
        if (Files.isSymbolicLink(absolute)) {
            throw new StoreException.NotFound(absolute + ": is a link that leads to nothing");
        }
        Path name = absolute.getFileName();
        Path parent = absolute.getParent();
        if (name == null || parent == null || name.toString().equals("..")) {
            throw new StoreException.NotFound(absolute + ": no such directory");
        }
        return name.toString().equals(".") ? real(parent) : real(parent).resolve(name);
    }

    /** Whose a path is; links are followed. */
    static SystemUser owner(Path path) {
        try {
            Object id = Files.getAttribute(path, "unix:uid");
            return id instanceof Integer number
                    ? new SystemUser(
                            Integer.toUnsignedLong(number), Files.getOwner(path).getName())
                    : SystemUser.UNKNOWN;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            // A file system without owners.
            return SystemUser.UNKNOWN;
        } catch (IOException e) {
            throw Failures.of("asking whose it is", path, e);
        }
    }

    /** As whom this process writes. */
    static SystemUser ofProcess() {
        try (FileInputStream status = new FileInputStream(PROCESS_STATUS)) {
            String text = new String(status.readAllBytes(), StandardCharsets.US_ASCII);
            for (String line : text.split("\n")) {
                if (line.startsWith(USER_LINE)) {
                    // Real, effective, saved, and that of file access.
                    return named(Long.parseLong(
                            line.substring(USER_LINE.length()).strip().split("\\s+")[1]));
                }
            }
            return SystemUser.UNKNOWN;
        } catch (IOException e) {
            // Another system.
            return SystemUser.UNKNOWN;
        }
    }

    private static SystemUser named(long id) {
        SystemUser process = owner(PROCESS);
        return process.id() == id ? process : new SystemUser(id, Long.toString(id));
    }
}
