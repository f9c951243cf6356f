package io.cleave.log;

/** What a log record is for. The codes stand on disk and are never used for anything else. */
public enum LogRecordKind {
    /** A batch of operations; operation i has the sequence number firstSequence + i. */
    DATA(1),
    /**
     * The clean end of a log: everything before it is complete and durable. No operations; nothing follows in the file.
     */
    CLOSE(2),
    /** All sequence numbers up to and including firstSequence count as used. No operations. */
    SEQUENCE_MARK(3);

    private static final LogRecordKind[] KINDS = values();

    private final int code;

    LogRecordKind(int code) {
        this.code = code;
    }

    /** The code on disk. */
    public int code() {
        return code;
    }

    /** The kind with a code, or null when no kind has it. */
    static LogRecordKind of(int code) {
        return code >= 1 && code <= KINDS.length ? KINDS[code - 1] : null;
    }
}
