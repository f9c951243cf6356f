package io.cleave.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the outside world did to a store: a damaged file, a full disk, a second writer. Unchecked and sealed, so a caller
 * can switch over the kinds. Messages say what, where, expected, found.
 */
public abstract sealed class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;

    private StoreException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** A word for its kind that stays the same from version to version, such as {@code disk_full}: for tags of meters and alerts. */
    public String code() {
        return code;
    }

    /** Bytes of a file are not what was written there. */
    public static final class Corrupt extends StoreException {
        private static final long serialVersionUID = 1L;

        private final transient @Nullable Path file;
        private final long offset;
        private final String rule;
        private final String expected;
        private final String found;

        /**
         * @param file the damaged file
         * @param offset byte position of the first wrong field
         * @param what the field or rule that does not hold
         * @param expected what should be there
         * @param found what is there
         */
        public Corrupt(Path file, long offset, String what, Object expected, Object found) {
            super(
                    "corrupt",
                    file + " at offset " + offset + ": " + what + ": expected " + expected + ", found " + found,
                    null);
            this.file = file;
            this.offset = offset;
            this.rule = what;
            this.expected = String.valueOf(expected);
            this.found = String.valueOf(found);
        }

        /** The damaged file; null after deserialization. */
        public @Nullable Path file() {
            return file;
        }

        /** Byte position of the first wrong field. */
        public long offset() {
            return offset;
        }

        /** The field or rule that does not hold. */
        public String rule() {
            return rule;
        }

        /** What should be there. */
        public String expected() {
            return expected;
        }

        /** What is there. */
        public String found() {
            return found;
        }
    }

    /** A file or a store is of a format version, or has a feature, that this build does not read or does not write. */
    public static final class FormatVersion extends StoreException {
        private static final long serialVersionUID = 1L;

        /** @param message what, where, which versions or features were expected, and which found */
        public FormatVersion(String message) {
            super("format_version", message, null);
        }

        /**
         * @param file the file
         * @param found its version
         * @param oldest the oldest version this build reads
         * @param newest the newest version this build reads
         */
        public FormatVersion(Path file, int found, int oldest, int newest) {
            super(
                    "format_version",
                    file + ": format version " + found + (found > newest ? " is too new" : " is too old")
                            + ": expected " + oldest + " to " + newest,
                    null);
        }
    }

    /** Another process, or another part of this one, holds the store or segment. */
    public static final class Locked extends StoreException {
        private static final long serialVersionUID = 1L;

        /** @param message what is locked, and by whom as far as is known */
        public Locked(String message) {
            super("locked", message, null);
        }
    }

    /** A deadline passed while something stayed busy. */
    public static final class Busy extends StoreException {
        private static final long serialVersionUID = 1L;

        /** @param message what was waited for, how long, and what held it */
        public Busy(String message) {
            super("busy", message, null);
        }
    }

    /** A configured limit or a limit of the machine was reached. */
    public static final class LimitReached extends StoreException {
        private static final long serialVersionUID = 1L;

        /** @param message which limit, its value, what was asked for */
        public LimitReached(String message) {
            super("limit_reached", message, null);
        }
    }

    /** The file system has no room, or refuses to hand any out. Writing goes on when there is room again. */
    public static final class DiskFull extends StoreException {
        private static final long serialVersionUID = 1L;

        /**
         * @param message what was being written, and where
         * @param cause what the system said
         */
        public DiskFull(String message, Throwable cause) {
            super("disk_full", message, cause);
        }
    }

    /** A call to the operating system failed for another reason than a full disk. */
    public static final class Io extends StoreException {
        /** How the message ends when the user of this process lacks a permission. */
        public static final String DENIED = "permission denied for the user of this process";

        private static final long serialVersionUID = 1L;

        /**
         * @param message what was being done, and where
         * @param cause what the system said
         */
        public Io(String message, Throwable cause) {
            super("io", message, cause);
        }

        /** True when the user of this process may not do what was tried, which says nothing of what is there. */
        public boolean isDenied() {
            return getMessage().endsWith(DENIED);
        }
    }

    /** An index or segment that was asked for does not exist. */
    public static final class NotFound extends StoreException {
        private static final long serialVersionUID = 1L;

        /** @param message what was asked for, and where */
        public NotFound(String message) {
            super("not_found", message, null);
        }
    }

    /**
     * What is on the disk is no longer known, because a sync or a publish failed. Writes are refused, reads go on;
     * reopening the store recovers it. The cause is the first failure.
     */
    public static final class Poisoned extends StoreException {
        private static final long serialVersionUID = 1L;

        /**
         * @param message which store refuses what
         * @param cause the first failure
         */
        public Poisoned(String message, Throwable cause) {
            super("poisoned", message, cause);
        }
    }

    /** A background task failed for a reason that is neither I/O nor damage; the cause tells it. */
    public static final class TaskFailed extends StoreException {
        private static final long serialVersionUID = 1L;

        /**
         * @param message which task on what
         * @param cause why
         */
        public TaskFailed(String message, Throwable cause) {
            super("task_failed", message, cause);
        }
    }

    /** A path is no store and can't become one: a file, or a directory that holds something else. */
    public static final class NotAStore extends StoreException {
        private static final long serialVersionUID = 1L;

        /** @param message the path, what was expected there, and what is there */
        public NotAStore(String message) {
            super("not_a_store", message, null);
        }
    }

    /** A store belongs to another user of the system than the one as whom the process would write. */
    public static final class NotOwner extends StoreException {
        private static final long serialVersionUID = 1L;

        /** @param message the store and both users */
        public NotOwner(String message) {
            super("not_owner", message, null);
        }
    }
}
