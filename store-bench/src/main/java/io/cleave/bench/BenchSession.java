package io.cleave.bench;

/** What one thread does with a store. Arrays that go in may be reused by the caller once the call has returned. */
interface BenchSession extends AutoCloseable {
    /** Sets a value with the cheapest durability at which a process of this store normally runs. */
    void put(byte[] key, byte[] value) throws Exception;

    /** Sets a value that is on the device when this returns. */
    void putSynced(byte[] key, byte[] value) throws Exception;

    /** Sets the first {@code count} of these together, in the store's own form of a batch. */
    void putAll(byte[][] keys, byte[][] values, int count) throws Exception;

    /** Copies what fits of the value into {@code target}; returns its whole length, -1 when the key is absent. */
    int get(byte[] key, byte[] target) throws Exception;

    void delete(byte[] key) throws Exception;

    /** A cursor over the store as it is now. One at a time; the caller closes it. */
    BenchCursor cursor() throws Exception;

    @Override
    void close();
}
