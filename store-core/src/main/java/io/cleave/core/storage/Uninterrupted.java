package io.cleave.core.storage;

import java.io.IOException;

/**
 * Runs channel calls where nobody can interrupt them, and waits for threads whatever comes. Stateless, thread-safe.
 *
 * <p>An interrupt at a channel closes it, and starting again is not enough: a mapping that was made at that moment is never
 * unmapped (seen on Java 17 and 25), and the error of a sync is replaced, which the system reports only once. So these calls get a
 * thread of their own, for some 0.1 ms more, unless the caller is a {@link CountedThread}.
 */
public final class Uninterrupted {
    /** What is to be done. */
    @FunctionalInterface
    interface Call<T> {
        T run() throws IOException;
    }

    private Uninterrupted() {}

    /**
     * Runs a call and waits for it, interrupted or not; the interrupt flag stays as it is.
     *
     * @throws IOException what the call threw; with an {@link OutOfMemoryError} as cause when there is no thread
     */
    static <T> T call(String threadName, Call<T> call) throws IOException {
        if (Thread.currentThread() instanceof CountedThread) {
            return call.run();
        }
        Outcome<T> outcome = new Outcome<>(call);
        Thread thread = new Thread(null, outcome, threadName, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            throw new IOException("no thread for " + threadName, e);
        }
        join(thread);
        return outcome.get();
    }

    /** Waits for the end of a thread, interrupted or not; the interrupt flag stays as it is. */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Written by the thread, read after its end. */
    private static final class Outcome<T> implements Runnable {
        private final Call<T> call;
        private T result;
        private Throwable failure;

        Outcome(Call<T> call) {
            this.call = call;
        }

        @Override
        public void run() {
            try {
                result = call.run();
            } catch (Throwable e) {
                failure = e;
            }
        }

        T get() throws IOException {
            if (failure instanceof IOException e) {
                throw e;
            }
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            return result;
        }
    }
}
