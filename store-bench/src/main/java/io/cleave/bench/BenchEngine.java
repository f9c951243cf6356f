package io.cleave.bench;

/**
 * A store under test, open. Threads share it, each through a {@link BenchSession} of its own, because that is how the stores
 * want their buffers, transactions and iterators kept.
 */
interface BenchEngine extends AutoCloseable {
    /** One thread's way in. The caller closes it before the engine, on the thread that used it. */
    BenchSession session() throws Exception;

    /**
     * Waits until the store has no work left to do by itself, and has stores that write through a mapping hand it to the device:
     * a page counts as written only when it was clean before.
     */
    void settle() throws Exception;

    /** Has every write that has returned reach the device. Thread-safe. */
    void sync() throws Exception;

    /** Whether an unsynced write that has returned outlives the process. */
    boolean keepsWritesOfKilledProcess();

    @Override
    void close();
}
