package io.cleave.core.storage;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;

/**
 * What tells a file from others of its name. The time stands in it because a file system gives the number of a deleted file to
 * a new one.
 *
 * @param key device and inode, null where there are none
 * @param modified when it was last written to
 * @param bytes its length
 */
record FileIdentity(Object key, FileTime modified, long bytes) {
    FileIdentity(BasicFileAttributes of) {
        this(of.fileKey(), of.lastModifiedTime(), of.size());
    }

    /** By hand: the equality that the compiler makes leaves its class in a cache of the JDK (ADR 0035). */
    @Override
    public boolean equals(Object other) {
        return other instanceof FileIdentity that
                && bytes == that.bytes
                && modified.equals(that.modified)
                && Objects.equals(key, that.key);
    }

    @Override
    public int hashCode() {
        return 31 * modified.hashCode() + Long.hashCode(bytes);
    }
}
