package io.cleave.bench;

/** One thread's part in a workload: operations with numbers from 0 on. Belongs to that thread, which closes it. */
interface Worker extends AutoCloseable {
    /** Does operations {@code from} to below {@code to}. After a warm-up they begin again at 0. */
    void run(long from, long to) throws Exception;

    /** Checks, when the clock has stopped, what can be checked at the end only. */
    default void finish() throws Exception {}

    /** Bytes of keys and values that it has put. */
    default long userBytes() {
        return 0;
    }

    @Override
    void close() throws Exception;
}
