package io.cleave.core.storage;

/**
 * A daemon thread that its storage counts from its making to its end. It has no context class loader and inherits no
 * thread locals, so it keeps no class loader of a caller alive. Interrupts have no effect on it, so its channel calls need no
 * further thread, see {@link Uninterrupted}.
 */
final class CountedThread extends Thread {
    private final Ledger ledger;

    CountedThread(Ledger ledger, String name, Runnable body) {
        super(null, body, name, 0, false);
        this.ledger = ledger;
        setDaemon(true);
        setContextClassLoader(null);
        ledger.threads.incrementAndGet();
    }

    /** Not counted any more when the system refuses to start it. */
    @Override
    public synchronized void start() {
        boolean started = false;
        boolean fresh = getState() == State.NEW;
        try {
            super.start();
            started = true;
        } finally {
            if (!started && fresh) {
                ledger.threads.decrementAndGet();
            }
        }
    }

    /** Does nothing: its work ends when it is told to, and an interrupt at a channel would close it. */
    @Override
    public void interrupt() {
        // See above.
    }

    @Override
    public void run() {
        try {
            super.run();
        } finally {
            ledger.threads.decrementAndGet();
        }
    }
}
