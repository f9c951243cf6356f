package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.error.StoreException;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/** A thread of {@link KillChild}: goes on with the operations of one writer for ever, and puts out its number after each. */
final class KillWriter implements Runnable {
    /** What the process will lose. */
    enum Loss {
        /** Its life: nothing may fail before. */
        PROCESS,
        /** The file system: everything fails before, and some operations are durable. */
        POWER
    }

    /** Put out by a writer once the store refuses all writes for good. */
    static final int REFUSED = 'R';

    /** Put out by a writer instead when what it got first was no error of the store's. */
    static final int REFUSED_UNTYPED = 'U';

    /**
     * Put out by a writer whose write succeeded, and whose device was gone when it looked afterwards. A power cut would have left
     * nobody to hear of that success: the force may have ended after the cut, and the kernel's word is worth nothing then.
     */
    static final int LATE = 'L';

    /** Writers wait for what they have caused, or they would outrun it. */
    private static final int AWAIT_EVERY = 50;

    private static final int TRIES_MAX = 20_000;

    /** The parent ends the process long before, unless a writer waits for ever. */
    private static final long STUCK_MILLIS = 120_000;

    private static final AtomicBoolean FAILED = new AtomicBoolean();

    private final SegmentStore store;
    private final int writer;
    private final Loss loss;
    private final KillLedger ledger;
    private final FileOutputStream out;
    private long operation;

    KillWriter(SegmentStore store, int writer, long first, Loss loss, FileOutputStream out) {
        this.store = store;
        this.writer = writer;
        this.operation = first;
        this.loss = loss;
        this.ledger = KillLedger.all().get(writer);
        this.out = out;
    }

    @Override
    public void run() {
        try {
            for (; ; operation++) {
                step();
                if (loss == Loss.POWER && !isDeviceThere()) {
                    out.write(LATE);
                    throw new StoreException.Io("the device was gone when the write had succeeded", null);
                }
                out.write(writer);
                if (operation % AWAIT_EVERY == AWAIT_EVERY - 1) {
                    store.awaitMaintenance();
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            if (loss == Loss.PROCESS) {
                end(e);
            }
            refused(e);
        }
    }

    /** A file system that was cut off opens no file. */
    private boolean isDeviceThere() {
        try (FileInputStream file = new FileInputStream(
                store.directory().resolve(StoreCatalog.FILE_NAME).toFile())) {
            return file.getFD().valid();
        } catch (IOException e) {
            return false;
        }
    }

    private void step() {
        if (writer < KillHistory.WRITERS) {
            change();
        } else {
            createOrDrop();
        }
    }

    private void createOrDrop() {
        if (KillDrops.isDrop(operation)) {
            store.dropIndex(KillDrops.INDEX);
            return;
        }
        SegmentIndex index = store.index(KillDrops.INDEX);
        if (!KillDrops.isCreation(operation)) {
            index.put(KillDrops.key(operation), KillDrops.value(operation), durability());
        }
    }

    private void change() {
        if (!KillHistory.isBatch(operation)) {
            KillHistory.changes(writer, operation, (index, key, value) -> {
                if (value == null) {
                    store.index(index).delete(key, durability());
                } else {
                    store.index(index).put(key, value, durability());
                }
            });
            return;
        }
        try (WriteBatch batch = store.batch()) {
            KillHistory.changes(writer, operation, (index, key, value) -> {
                if (value == null) {
                    batch.delete(store.index(index), key);
                } else {
                    batch.put(store.index(index), key, value);
                }
            });
            batch.commit(durability());
        }
    }

    private Durability durability() {
        return loss == Loss.POWER && ledger.isDurable(operation) ? Durability.DEVICE : Durability.PROCESS;
    }

    /** A lost device must end in a store that refuses every write, in a process that lives, and in which nobody waits for ever. */
    private void refused(Throwable first) {
        if (!(first instanceof StoreException)) {
            tell("a write ended in an error which is not the store's", first);
        }
        if (FAILED.compareAndSet(false, true)) {
            Thread guard = new Thread(KillWriter::endWhenStuck);
            guard.setDaemon(true);
            guard.start();
        }
        byte[] key = {(byte) ('0' + writer)};
        boolean unreadable = false;
        for (int i = 0; i < TRIES_MAX; i++) {
            try {
                store.index(KillHistory.INDEXES[0]).delete(key, Durability.DEVICE);
            } catch (StoreException.Poisoned e) {
                tell(first instanceof StoreException ? REFUSED : REFUSED_UNTYPED);
                waitForTheEnd();
            } catch (StoreException e) {
                unreadable = e instanceof StoreException.Io;
            } catch (RuntimeException | Error e) {
                end(e);
            }
        }
        if (!unreadable) {
            end(first);
        }
        // Every write stops at the segment that it would go to, which can't be read; with nothing left to sync nothing
        // is unknown.
        tell(first instanceof StoreException ? REFUSED : REFUSED_UNTYPED);
        waitForTheEnd();
    }

    private void tell(int what) {
        try {
            out.write(what);
        } catch (IOException e) {
            end(e);
        }
    }

    private static void waitForTheEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            end(e);
        }
    }

    private static void endWhenStuck() {
        try {
            if (new CountDownLatch(1).await(STUCK_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("nobody counts down");
            }
        } catch (InterruptedException e) {
            end(e);
        }
        end(new AssertionError("a writer is stuck"));
    }

    private static void end(Throwable cause) {
        tell("the writing process ends", cause);
        Runtime.getRuntime().halt(3);
    }

    /** On the error stream: the log is quiet where errors are what is wanted. */
    private static void tell(String what, Throwable cause) {
        String frames = Arrays.stream(cause.getStackTrace())
                .limit(20)
                .map(frame -> System.lineSeparator() + "    at " + frame)
                .collect(Collectors.joining());
        System.err.println(what + ": " + cause + frames);
    }
}
