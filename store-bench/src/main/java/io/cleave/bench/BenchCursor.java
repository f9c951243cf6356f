package io.cleave.bench;

/**
 * A position in a store. {@link #next} follows {@link #first}, {@link #seek} and itself, {@link #previous} follows {@link
 * #last} and itself: not every store can turn round on the way. All moves are false when there is no such entry.
 */
interface BenchCursor extends AutoCloseable {
    boolean first();

    boolean last();

    /** Moves to the first key that is not below this one. */
    boolean seek(byte[] key);

    boolean next();

    boolean previous();

    /**
     * Has the store hand out key and value of the entry in the form that costs it least, and sums up {@link Fold some of
     * their bytes}, so that nothing can be left out.
     */
    long consume();

    /** Whether the entry's key starts with these bytes. */
    boolean startsWith(byte[] prefix);

    @Override
    void close();
}
