package io.cleave.core.entry;

/**
 * A position in a sorted sequence of entries: by key ascending, within a key by sequence number descending.
 *
 * <p>Starts unpositioned. A move returns true when it ends on an entry; when it returns false the cursor is unpositioned and
 * only {@link #first}, {@link #last} and {@link #seek} lead back. The accessors may be called only on an entry, and what
 * they return is valid until the next move.
 *
 * <p>Belongs to one thread at a time. Closing returns what the cursor holds; it does not close the source unless the
 * implementation says so.
 */
public interface EntryCursor extends AutoCloseable {
    /** Moves to the first entry. */
    boolean first();

    /** Moves to the last entry. */
    boolean last();

    /** Moves to the first entry whose key is not below the given one, that is to its newest version. */
    boolean seek(byte[] key, int keyLength);

    /** Moves one entry on. */
    boolean next();

    /** Moves one entry back. */
    boolean previous();

    /** Length of the key in bytes. */
    int keyLength();

    /** First 8 bytes of the key as {@link io.cleave.core.bytes.KeyOrder#prefix} has them. */
    long keyPrefix();

    /** The key in an array of the cursor's, valid in its first {@link #keyLength} bytes; copied there on first demand. */
    byte[] key();

    /** Sequence number. */
    long sequence();

    /** Kind, see {@link EntryKind}. */
    byte kind();

    /** Length of the value in bytes. */
    int valueLength();

    /** Copies {@code length} bytes of the value, from its byte {@code from} on. */
    void copyValue(int from, byte[] target, int at, int length);

    @Override
    void close();
}
