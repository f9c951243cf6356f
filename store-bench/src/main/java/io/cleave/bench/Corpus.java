package io.cleave.bench;

/**
 * The entries of a run and the orders in which they are taken. An entry is known by its number; higher numbers have higher
 * keys. Immutable, thread-safe.
 */
final class Corpus {
    private static final long FILL_SEED = 1;
    private static final long CHANGE_SEED = 2;
    private static final long SKEW_SEED = 3;

    private final EntryShape shape;
    private final long entries;
    private final Permutation fillOrder;
    private final Permutation changeOrder;
    private final SkewedChoice skew;

    /**
     * @param entries how many there are of this very shape
     */
    Corpus(EntryShape shape, long entries) {
        this.shape = shape;
        this.entries = entries;
        this.fillOrder = new Permutation(entries, FILL_SEED);
        this.changeOrder = new Permutation(entries, CHANGE_SEED);
        this.skew = new SkewedChoice(entries, SKEW_SEED);
    }

    EntryShape shape() {
        return shape;
    }

    long entries() {
        return entries;
    }

    /** Of all keys and values, about. */
    long bytes() {
        return entries * (EntryStream.KEY_BYTES_MAX + (long) shape.valueBytes());
    }

    /** The order of a random fill: each entry once. */
    Permutation fillOrder() {
        return fillOrder;
    }

    /** The order in which entries are overwritten and deleted: another one. */
    Permutation changeOrder() {
        return changeOrder;
    }

    SkewedChoice skew() {
        return skew;
    }

    /** Keys and values for one thread. */
    EntryStream stream() {
        return new EntryStream(shape, entries);
    }
}
