package io.cleave;

/**
 * What a store may hold, and how long it keeps what nobody holds any more. Immutable. The memory of memtables is limited by {@link
 * StoreOptions.Builder#memtableBytesMax} or by the {@link StoreRuntime}.
 *
 * @param mappedBytesMax bytes of files that are mapped at a time. At the limit what lingers is unmapped first, then segments that
 *     nobody uses are closed; when that does not help, what needed a run file fails. Log files count, and are never refused
 * @param openFilesMax files that are open at a time besides those that are mapped, the locks of the store and of each open segment
 *     included. At the limit segments that nobody uses are closed first
 * @param diskBytesMax bytes of run and log files. Puts and batches that put are refused from there on, deletes are not; what goes on
 *     in the background may exceed it by the size of a segment for each thread
 * @param holdersMax cursors that hold one segment at a time, and background work on it
 * @param lingerMillis how long a run file stays mapped when nobody holds it any more and it was not deleted: whoever needs it in
 *     this time finds it open and verified. Needs a maintenance thread
 */
public record StoreLimits(long mappedBytesMax, int openFilesMax, long diskBytesMax, int holdersMax, long lingerMillis) {
    private static final StoreLimits NONE =
            new StoreLimits(Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, 0);

    /** Checks that limits are above 0. */
    public StoreLimits {
        require("mappedBytesMax", mappedBytesMax, 1);
        require("openFilesMax", openFilesMax, 1);
        require("diskBytesMax", diskBytesMax, 1);
        require("holdersMax", holdersMax, 1);
        require("lingerMillis", lingerMillis, 0);
    }

    /** No limits, no lingering: the default. */
    public static StoreLimits none() {
        return NONE;
    }

    /** The same with another {@link #mappedBytesMax}. */
    public StoreLimits withMappedBytesMax(long bytes) {
        return new StoreLimits(bytes, openFilesMax, diskBytesMax, holdersMax, lingerMillis);
    }

    /** The same with another {@link #openFilesMax}. */
    public StoreLimits withOpenFilesMax(int files) {
        return new StoreLimits(mappedBytesMax, files, diskBytesMax, holdersMax, lingerMillis);
    }

    /** The same with another {@link #diskBytesMax}. */
    public StoreLimits withDiskBytesMax(long bytes) {
        return new StoreLimits(mappedBytesMax, openFilesMax, bytes, holdersMax, lingerMillis);
    }

    /** The same with another {@link #holdersMax}. */
    public StoreLimits withHoldersMax(int holders) {
        return new StoreLimits(mappedBytesMax, openFilesMax, diskBytesMax, holders, lingerMillis);
    }

    /** The same with another {@link #lingerMillis}. */
    public StoreLimits withLingerMillis(long millis) {
        return new StoreLimits(mappedBytesMax, openFilesMax, diskBytesMax, holdersMax, millis);
    }

    private static void require(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": expected at least " + least + ", found " + value);
        }
    }
}
