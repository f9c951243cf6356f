package io.cleave.log;

import io.cleave.core.storage.NumberedName;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names and headers of the log files in a directory. Other names are left alone. Stateless, thread-safe.
 *
 * <p>Errors: {@code FormatVersion} for a file of another version, {@code Corrupt} for a directory that is none; damage in
 * files is not judged here.
 */
final class LogDirectory {
    /** Largest number of a file: the last one that has a name. */
    static final long NUMBER_MAX = 999_999_999_999_999_999L;

    private static final int LOOKS_MAX = 16;

    private static final Pattern NAME = Pattern.compile("log-([0-9]{8,18})");

    private LogDirectory() {}

    private static String name(long number) {
        return NumberedName.of("log-", number, 8);
    }

    static Path file(Path directory, long number) {
        return directory.resolve(name(number));
    }

    /** The number that a name stands for, 0 when it is not the name of a log file. */
    static long number(String name) {
        Matcher matcher = NAME.matcher(name);
        long number = matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
        return name(number).equals(name) ? number : 0;
    }

    /** All log files, lowest number first; none when there is no directory. */
    static List<LogFileInfo> read(Storage storage, Path directory) {
        return read(storage, directory, failure -> {
            throw failure;
        });
    }

    /** The same beside a live writer: without those that it deletes between the listing and the reading, each time of several. */
    static List<LogFileInfo> readBesideWriter(Storage storage, Path directory) {
        for (int look = 1; look < LOOKS_MAX; look++) {
            try {
                return read(storage, directory);
            } catch (StoreException.NotFound e) {
                // Newer ones may be there by now.
                assert e.getMessage() != null;
            }
        }
        return read(storage, directory, failure -> {
            if (!(failure instanceof StoreException.NotFound)) {
                throw failure;
            }
        });
    }

    private static List<LogFileInfo> read(Storage storage, Path directory, Consumer<StoreException> unreadable) {
        Storage.PathKind kind = storage.kind(directory);
        boolean absent = kind == Storage.PathKind.ABSENT;
        if (!absent && kind != Storage.PathKind.DIRECTORY) {
            throw new StoreException.Corrupt(directory, 0, "kind of path", Storage.PathKind.DIRECTORY, kind);
        }
        return absent ? new ArrayList<>() : headers(storage, directory, unreadable);
    }

    /**
     * The log files whose headers can be read, lowest number first; for repairs.
     *
     * @param unreadable told what kept a file out, which may be no reason to go on without it: it throws then
     */
    static List<LogFileInfo> readable(Storage storage, Path directory, Consumer<StoreException> unreadable) {
        boolean there = storage.kind(directory) == Storage.PathKind.DIRECTORY;
        return there ? headers(storage, directory, unreadable) : new ArrayList<>();
    }

    private static List<LogFileInfo> headers(Storage storage, Path directory, Consumer<StoreException> unreadable) {
        List<LogFileInfo> files = new ArrayList<>();
        for (String name : storage.list(directory)) {
            long number = number(name);
            if (number > 0) {
                try {
                    files.add(header(storage, file(directory, number), number));
                } catch (StoreException.Corrupt | StoreException.Io | StoreException.NotFound e) {
                    unreadable.accept(e);
                }
            }
        }
        files.sort(Comparator.comparingLong(LogFileInfo::number));
        return files;
    }

    private static LogFileInfo header(Storage storage, Path path, long number) {
        byte[] identityBlock = new byte[LogIdentityFormat.LENGTH];
        byte[] chainBlock = new byte[LogChainFormat.LENGTH];
        long bytes;
        try (StorageFile file = storage.openForReading(path)) {
            bytes = file.size();
            fill(file, 0, identityBlock);
            fill(file, LogChainFormat.AT, chainBlock);
        }
        LogIdentity identity = LogIdentityFormat.decode(path, identityBlock);
        LogChain chain = identity == null ? null : LogChainFormat.decode(chainBlock, identity.seed());
        return new LogFileInfo(path, number, bytes, identity, chain);
    }

    /** Reads as much of the block as there is; the rest stays zero. */
    private static void fill(StorageFile file, long offset, byte[] block) {
        int at = 0;
        while (at < block.length) {
            int read = file.read(offset + at, block, at, block.length - at);
            if (read <= 0) {
                return;
            }
            at += read;
        }
    }
}
