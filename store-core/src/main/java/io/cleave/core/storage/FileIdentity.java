package io.cleave.core.storage;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

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
}
