package io.cleave.log;

import io.cleave.core.entry.EntryLimits;
import io.cleave.core.metrics.Latency;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The write-ahead log of a store: records of all indexes in the order of their sequence numbers, in preallocated files.
 *
 * <p>Shape: a position is the number of bytes of the log before it, file headers included; it only grows. A record is
 * visible to recovery as soon as {@link #append} returns if the process dies, and after {@link #sync} if the machine
 * does. Positions above {@link #syncedPosition} may be given to other records after a power cut: whoever makes one
 * durable elsewhere syncs the log up to it first.
 *
 * <p>Ownership: the opener closes it, once no appender is left. It owns its files.
 *
 * <p>Thread-safe, except that one thread at a time appends: callers hold the store's commit lock. {@link #prepareNext}
 * and {@link #release} are for maintenance threads.
 *
 * <p>Errors: {@code Poisoned} after any failed force or store; {@code DiskFull} when a new file is needed and there is
 * no room, which changes nothing; {@link io.cleave.error.StoreClosedException} after the close.
 */
public final class WriteAheadLog implements AutoCloseable {
    /** What every file keeps free, so that the clean end never needs a new one. */
    private static final int RESERVED_BYTES = LogRecordFormat.HEADER_BYTES;

    /** The first file is shorter by this, so that opening a store does not wait for a long one to be filled with zeros. */
    private static final int FIRST_PARTS = 16;

    private static final int GROWTH = 4;

    private static final byte[] EMPTY = {};

    private final LogOptions options;
    private final LogHost host;
    private final LogFileSet files;
    private final LogFileFactory factory;
    private final GroupCommit group;
    private final LogSyncs syncs;

    /** Where this log went on when it was opened. */
    private final long openedAt;

    /** Held while the next file is made or taken; see package-info for its rank. */
    private final Object structure = new Object();

    /** Made ahead of time, not started. Written under structure. */
    private final AtomicReference<LogFile> prepared = new AtomicReference<>();

    /** Written by the appender under structure. */
    private volatile LogFile current;

    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean appending = new AtomicBoolean();

    /** Position after the last record. The appender alone writes it, in release mode; others read in acquire mode. */
    private final AtomicLong end;

    // Of the appender.
    private final byte[] header = new byte[LogRecordFormat.HEADER_BYTES];
    private long lastSequence;
    private long signalAt;

    private WriteAheadLog(LogFileFactory.Home home, LogOptions options, LogHost host, LogRecovery.Log log) {
        this.options = options;
        this.host = host;
        this.lastSequence = log.lastSequence();
        this.end = new AtomicLong(log.end() + LogChainFormat.FILE_HEADER_BYTES);
        this.files = new LogFileSet(log.chain());
        GroupCommit.Source source = new GroupCommit.Source() {
            @Override
            public long newest() {
                return endPosition();
            }

            @Override
            public void force(long target) {
                files.force(target);
                host.forced();
            }
        };
        this.syncs = new LogSyncs(home.storage(), home.directory(), source, log.end());
        this.openedAt = log.end();
        this.group = new GroupCommit(home.directory(), syncs, log.end());
        this.factory = new LogFileFactory(home, log.lastNumber(), group::poison);
    }

    /** As {@link #open(Storage, Path, StoreIdentity, LogOptions, ReplaySink, LogHost)}, with nobody to prepare files. */
    public static WriteAheadLog open(
            Storage storage, Path directory, StoreIdentity identity, LogOptions options, ReplaySink sink) {
        return open(storage, directory, identity, options, sink, () -> {});
    }

    /**
     * Recovers the log in a directory, which is created when absent, and starts a new file for new records.
     *
     * <p>Each crash leaves a state that the next open recovers in the same way: (1) replay, nothing changed; (2) force
     * the files that stay; (3) create the new file, identity and name durable; (4) its chain block, which says where
     * the old records end, durable; (5) delete what is no longer part of the log.
     *
     * @param identity of the store
     * @param sink takes every DATA and SEQUENCE_MARK record in order, before this method returns
     * @param host whose log it is
     * @throws StoreException.Corrupt when records that were durable are damaged or missing; what the sink got is void
     *     then
     */
    public static WriteAheadLog open(
            Storage storage,
            Path directory,
            StoreIdentity identity,
            LogOptions options,
            ReplaySink sink,
            LogHost host) {
        storage.createDirectory(directory);
        Path parent = directory.getParent();
        if (parent != null) {
            storage.forceDirectory(parent);
        }
        LogRecovery.Log recovered = LogRecovery.run(storage, directory, identity, sink);
        sink.read(recovered.ending().reached());
        if (!recovered.ending().clean()) {
            sink.ended();
        }
        tellOfDropped(directory, recovered);
        for (LogFileInfo info : recovered.chain()) {
            try (StorageFile file = storage.openForReading(info.path())) {
                file.force();
            }
        }
        LogFileFactory.Home home = new LogFileFactory.Home(storage, directory, identity, options.ledgerVersion());
        WriteAheadLog log = new WriteAheadLog(home, options, host, recovered);
        try {
            log.startFirst(recovered);
            log.factory.discard(recovered.discarded());
            return log;
        } catch (RuntimeException | Error e) {
            log.files.close();
            throw e;
        }
    }

    /** Of records that nobody was told to be durable; yet somebody may look for them. */
    private static void tellOfDropped(Path directory, LogRecovery.Log recovered) {
        long dropped = recovered.ending().dropped();
        if (dropped > 0) {
            System.getLogger(WriteAheadLog.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "log " + directory + " ends at position " + recovered.end() + ", sequence number "
                                    + recovered.lastSequence() + ", where a record is missing or damaged: " + dropped
                                    + " whole records behind that are dropped, none of which is known to have been durable");
        }
    }

    /**
     * Appends one record of operations and returns the position after it.
     *
     * <p>Requires: the store's commit lock. On the usual path it allocates nothing and calls no system function.
     *
     * @param firstSequence sequence number of the first operation, above all used before
     * @param operations how many there are, at least 1
     * @param body its first {@code length} bytes are the operations, as {@link OperationsEncoder} writes them
     * @throws StoreException.DiskFull when a new file is needed and there is no room; nothing has changed
     */
    public long append(long firstSequence, int operations, byte[] body, int length) {
        Objects.checkFromIndexSize(0, length, body.length);
        if (operations < 1) {
            throw new IllegalArgumentException("operations: expected 1 or more, found " + operations);
        }
        if (firstSequence <= lastSequence || firstSequence > EntryLimits.SEQUENCE_MAX - (operations - 1)) {
            throw new IllegalArgumentException("sequence number: expected above " + lastSequence + ", found "
                    + firstSequence + " with " + operations + " operations");
        }
        if (length > LogRecordFormat.BODY_BYTES_MAX) {
            throw new StoreException.LimitReached("log record: expected at most " + LogRecordFormat.BODY_BYTES_MAX
                    + " bytes of operations, found " + length);
        }
        long position = write(LogRecordKind.DATA, firstSequence, operations, body, length);
        lastSequence = firstSequence + operations - 1;
        if (position >= signalAt) {
            signalAt = Long.MAX_VALUE;
            host.nextNeeded();
        }
        return position;
    }

    /**
     * Appends a record that says that sequence numbers up to and including {@code sequence} are used, and returns the
     * position after it.
     *
     * <p>Requires: the store's commit lock.
     */
    public long appendSequenceMark(long sequence) {
        if (sequence < lastSequence || sequence > EntryLimits.SEQUENCE_MAX) {
            throw new IllegalArgumentException(
                    "sequence mark: expected at least " + lastSequence + ", found " + sequence);
        }
        long position = write(LogRecordKind.SEQUENCE_MARK, sequence, 0, EMPTY, 0);
        lastSequence = sequence;
        return position;
    }

    /**
     * Returns when everything below {@code position} is durable. Any thread; concurrent callers share forces.
     *
     * @throws StoreException.Poisoned when a force failed, now or before
     */
    public void sync(long position) {
        if (position > endPosition()) {
            throw new IllegalArgumentException("position: expected at most " + endPosition() + ", found " + position);
        }
        group.sync(position);
    }

    /** Everything below is durable. */
    public long syncedPosition() {
        return group.synced();
    }

    /** Position after the last record. */
    public long endPosition() {
        return end.getAcquire();
    }

    /** Position of the oldest record that is still there; records below have been released. */
    public long firstPosition() {
        return files.firstPosition();
    }

    /** Highest sequence number used. Requires: the store's commit lock, or no appender. */
    public long lastSequence() {
        return lastSequence;
    }

    /** Number of the file that takes the next record, or the first that has no room for it. */
    public long newestFile() {
        return current.number();
    }

    /** Bytes of records and file headers since it was opened; zeros with which files are filled ahead are not counted. */
    public long bytesAppended() {
        return endPosition() - openedAt;
    }

    /** How long its syncs took since it was opened. */
    public Latency syncLatency() {
        return syncs.latency();
    }

    /** The same of the last half to whole minute, if {@link #tick} is called meanwhile. */
    public Latency recentSyncLatency() {
        return syncs.recentLatency();
    }

    /** Called now and then. */
    public void tick() {
        syncs.tick();
    }

    /** Bytes of all files, with the prepared one. */
    public long bytesOnDisk() {
        LogFile next = prepared.get();
        return files.bytes() + (next == null ? 0 : next.bytes());
    }

    /** How many files there are, with the prepared one. */
    public int files() {
        return files.count() + (prepared.get() == null ? 0 : 1);
    }

    /** True when {@link #release} with this position would delete a file. */
    public boolean isReleasable(long position) {
        return !files.below(position).isEmpty();
    }

    /**
     * Deletes the files whose records all lie below {@code position}, oldest first, each durably before the next; never
     * the current one. What fails is tried again by the next call; the files after one that can't be deleted stay with it.
     */
    public synchronized void release(long position) {
        group.requireUsable();
        List<LogFileSet.Started> below = files.below(position);
        if (below.isEmpty()) {
            return;
        }
        // The file that becomes the oldest must keep its place in the log over a power cut.
        group.syncExactly(files.headerEndAfter(below.size()));
        boolean gone = factory.removeLeftovers();
        for (int i = 0; gone && i < below.size(); i++) {
            LogFileSet.Started file = below.get(i);
            gone = factory.delete(file.path());
            if (gone) {
                files.removeOldest(file);
            }
        }
    }

    /**
     * Makes the next file ahead of time, so that no append has to. Called by a maintenance thread; does nothing when
     * there is one already.
     *
     * @throws StoreException.DiskFull when there is no room; nothing has changed
     */
    public void prepareNext() {
        synchronized (structure) {
            if (prepared.get() == null && !closed.get()) {
                prepared.set(create(nextBytes()));
            }
        }
    }

    /**
     * Syncs, marks the clean end, and closes the files. Idempotent. A poisoned log is closed without the mark.
     *
     * <p>Requires: no appender, now or later.
     */
    @Override
    public void close() {
        close(() -> group.sync(write(LogRecordKind.CLOSE, lastSequence, 0, EMPTY, 0)));
    }

    /** Syncs and closes the files, without the mark of a clean end. Idempotent. Requires: no appender, now or later. */
    public void abandon() {
        close(() -> {});
    }

    private void close(Runnable mark) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            if (!group.isPoisoned()) {
                group.sync(endPosition());
                mark.run();
            }
        } finally {
            group.close();
            closeFiles();
        }
    }

    private void closeFiles() {
        try {
            files.close();
        } finally {
            synchronized (structure) {
                LogFile next = prepared.getAndSet(null);
                if (next != null && group.isPoisoned()) {
                    next.region().close();
                } else if (next != null) {
                    factory.discard(next);
                }
            }
        }
    }

    private void startFirst(LogRecovery.Log recovered) {
        List<LogFileInfo> chain = recovered.chain();
        long predecessor = chain.isEmpty() ? 0 : chain.get(chain.size() - 1).number();
        LogFile first =
                factory.create(Math.max(LogOptions.FILE_BYTES_MIN, options.fileBytes() / FIRST_PARTS & -Long.BYTES));
        try {
            start(first, new LogChain(recovered.end(), predecessor, recovered.end()));
        } catch (RuntimeException | Error e) {
            first.region().close();
            throw e;
        }
        group.syncExactly(endPosition());
    }

    /** Requires: structure, or no other thread. */
    private void start(LogFile file, LogChain chain) {
        file.start(chain);
        files.add(file);
        current = file;
        signalAt = chain.base() + file.bytes() / 8;
    }

    /** Writes a record: body, header, and last the length word that makes it one. */
    private long write(LogRecordKind kind, long sequence, int operations, byte[] body, int length) {
        assert appending.compareAndSet(false, true) : "two appenders at once";
        try {
            group.requireUsable();
            long bytes = LogRecordFormat.bytesOf(length);
            int reserved = kind == LogRecordKind.CLOSE ? 0 : RESERVED_BYTES;
            LogFile file = current;
            long at = end.getPlain();
            if (at + bytes + reserved > file.base() + file.bytes()) {
                file = rotate(bytes + reserved);
            }
            at = Math.max(at, file.base() + LogChainFormat.FILE_HEADER_BYTES);
            LogRecordFormat.encode(
                    header,
                    LogRecordFormat.HEADER_BYTES + length,
                    LogRecordFormat.sequenceAndKind(sequence, kind),
                    operations);
            publish(file, at - file.base(), body, length);
            end.setRelease(at + bytes);
            return at + bytes;
        } finally {
            assert appending.getAndSet(false);
        }
    }

    /** A crash before the last store leaves a zero length word: the record never was. */
    private void publish(LogFile file, long offset, byte[] body, int length) {
        assert group.synced() <= file.base() + offset : "durable beyond the end";
        long seed = file.seed();
        int bodyCrc = LogRecordFormat.bodyCrc(seed, offset, body, 0, length);
        LogRecordFormat.seal(header, group.synced(), bodyCrc, seed, offset);
        try {
            file.region().put(offset + LogRecordFormat.HEADER_BYTES, body, 0, length);
            file.region()
                    .put(offset + Integer.BYTES, header, Integer.BYTES, LogRecordFormat.HEADER_BYTES - Integer.BYTES);
            file.region().putIntRelease(offset, LogRecordFormat.length(header, 0));
        } catch (RuntimeException | Error e) {
            // Bytes of this record may lie behind the end now, where the next record must find zeros.
            throw group.poison(e);
        }
    }

    /** Goes on in another file, with room for {@code bytes}. When that can't be had nothing has changed. */
    private LogFile rotate(long bytes) {
        synchronized (structure) {
            LogFile last = current;
            long position = end.getPlain();
            LogFile next = takeNext(LogChainFormat.FILE_HEADER_BYTES + bytes);
            last.endAt(position);
            try {
                start(next, new LogChain(position, last.number(), group.synced()));
            } catch (RuntimeException | Error e) {
                next.region().close();
                throw group.poison(e);
            }
            return next;
        }
    }

    private LogFile takeNext(long bytesMin) {
        LogFile next = prepared.getAndSet(null);
        if (next == null) {
            return create(Math.max(bytesMin, nextBytes()));
        }
        if (next.bytes() >= bytesMin) {
            return next;
        }
        factory.discard(next);
        return create(bytesMin);
    }

    /** A file a few times as long as the current one, up to the length asked for. */
    private long nextBytes() {
        return Math.min(options.fileBytes(), current.bytes() * GROWTH);
    }

    /** Requires: structure. A file may be made only when the one before it keeps its place over a power cut. */
    private LogFile create(long bytes) {
        group.syncExactly(current.base() + LogChainFormat.FILE_HEADER_BYTES);
        try {
            return factory.create(bytes);
        } catch (StoreException.Io e) {
            // Perhaps a force failed, and a later one may claim a success that it did not have.
            throw group.poison(e);
        }
    }
}
