package io.cleave.core.run;

import io.cleave.core.storage.StorageFile;

/** Appends to a file, which gathers small pieces itself, and counts. Does not own the file. Belongs to one thread. */
final class RunOutput {
    private final StorageFile file;
    private long position;

    RunOutput(StorageFile file) {
        this.file = file;
    }

    /** Where the next byte goes. */
    long position() {
        return position;
    }

    /** Appends the first {@code length} bytes of an array. */
    void append(byte[] source, int length) {
        file.append(source, 0, length);
        position += length;
    }
}
