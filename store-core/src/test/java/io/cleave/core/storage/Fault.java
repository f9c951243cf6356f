package io.cleave.core.storage;

/** What {@link FaultingStorage} makes of a call. */
public enum Fault {
    /** The call does nothing and throws {@code Io}. */
    IO_ERROR,
    /** The call is done, and then throws {@code Io} all the same. */
    DONE_THEN_IO_ERROR,
    /** A call that takes room does nothing and throws {@code DiskFull}; others are left alone. */
    DISK_FULL,
    /**
     * A call that needs room which was not set aside before does nothing and throws {@code DiskFull}: new files, directories,
     * appends. Stores into a file that was created at its full length, and renames, are left alone: a disk that is just full.
     */
    NO_ROOM,
    /** An append or a put writes half of its bytes and throws {@code Io}; others are left alone. */
    SHORT_WRITE,
    /**
     * The next force from the chosen call on does nothing and throws {@code Io}. As with the kernel, a second try lies: later
     * forces of the same region, or of the same directory until {@link FaultingStorage#disarm}, do nothing and return.
     */
    SYNC_FAILS,
    /** A call that opens something throws {@code LimitReached}; others are left alone. */
    TOO_MANY_FILES
}
