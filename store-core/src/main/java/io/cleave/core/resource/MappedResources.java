package io.cleave.core.resource;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The mapped files of one store, shared by counted handles: who asks for a file that is open gets a handle on the same mapping.
 *
 * <p>Holds handles weakly. The last release gives the file to a clean-up, after the linger time if there is one: it is unmapped once
 * no point read is left ({@link Epoch}), and deleted if that was asked for. A handle that the collector found before it was
 * released counts as a leak and is cleaned up as well. A release never waits: what it can't do at once, because somebody else
 * is at the table, it leaves to the background, as it does all clean-ups on threads of the user. A clean-up that fails is kept,
 * counted, logged once and tried again at each {@link #tick} and at {@link #close}.
 *
 * <p>Thread-safe. The lock is a leaf, never held across I/O or a wait.
 *
 * @param <T> what is mapped
 */
public final class MappedResources<T extends MappedResource> implements AutoCloseable {
    /** How often a file is opened while others take the room that was made for it. */
    private static final int TRIES_MAX = 16;

    private enum State {
        OPENING,
        ACTIVE,
        LINGERING
    }

    private final Storage storage;
    private final long lingerNanos;
    private final Executor background;
    private final RoomyLock lock = new RoomyLock();
    /** Guarded by {@link #lock}, as are the next two. */
    private final Map<Path, Entry<T>> entries = new HashMap<>();

    private final Deque<Entry<T>> lingering = new ArrayDeque<>();
    private boolean closed;

    private final ReferenceQueue<Shared<T>> collected = new ReferenceQueue<>();
    /** Last releases, until somebody who has the lock sees to them. */
    private final Queue<Release<T>> released = new ConcurrentLinkedQueue<>();
    /** What left the table while the lock was held. */
    private final Queue<CleanUps.Pending<T>> leaving = new ConcurrentLinkedQueue<>();

    private final CleanUps<T> cleanUps;
    private final BooleanSupplier makeRoom;

    /**
     * @param storage deletes files and tells time
     * @param lingerMillis how long a mapping stays when the last holder has let go and the file is not deleted; 0 for not at all
     * @param background does clean-ups, at once where that is right
     * @param makeRoom at a limit, has holders that can do without let go; false when there are none. Called without the lock.
     */
    public MappedResources(Storage storage, long lingerMillis, Executor background, BooleanSupplier makeRoom) {
        this.storage = storage;
        this.lingerNanos = TimeUnit.MILLISECONDS.toNanos(lingerMillis);
        this.background = background;
        this.makeRoom = makeRoom;
        this.cleanUps = new CleanUps<>(storage, background);
    }

    /**
     * A handle on a file, held once for the caller: on the mapping that is there, else on the one that {@code opener} makes. Whoever
     * comes while it is being made waits for that.
     *
     * @throws RuntimeException what the opener threw; the next caller tries anew
     */
    public Shared<T> getOrCreate(Path path, Supplier<T> opener) {
        while (true) {
            Entry<T> mine = new Entry<>(path);
            List<Shared<T>> acquired = new ArrayList<>(1);
            Entry<T> entry = atTable(() -> {
                Entry<T> present = entries.putIfAbsent(path, mine);
                Shared<T> handle = present == null ? null : acquireLocked(present);
                if (handle != null) {
                    acquired.add(handle);
                }
                return present == null ? mine : present;
            });
            if (!acquired.isEmpty()) {
                return acquired.get(0);
            }
            if (entry == mine) {
                return open(entry, opener);
            }
            entry.opened.join();
        }
    }

    /** A handle on a file that is mapped, held once for the caller, or null. */
    public Shared<T> getExisting(Path path) {
        return atTable(() -> {
            Entry<T> entry = entries.get(path);
            return entry == null ? null : acquireLocked(entry);
        });
    }

    /** Whether somebody holds a file. */
    public boolean isActive(Path path) {
        return atTable(() -> {
            Entry<T> entry = entries.get(path);
            return entry != null && entry.state == State.ACTIVE;
        });
    }

    /** Files that somebody holds. */
    public int activeCount() {
        return stats().active();
    }

    /** What is held and what waits. */
    public MappedStats stats() {
        return atTable(() -> {
            int active = 0;
            long references = 0;
            long bytes = 0;
            for (Entry<T> entry : entries.values()) {
                Shared<T> handle = entry.handle == null ? null : entry.handle.get();
                if (entry.state == State.ACTIVE && handle != null) {
                    active++;
                    references += handle.references();
                }
                bytes += entry.resource == null ? 0 : entry.resource.mappedBytes();
            }
            return cleanUps.stats(active, references, lingering.size(), bytes);
        });
    }

    /** Lets go of the mappings that linger, before their time. Returns how many there were. */
    public int releaseIdle() {
        return cleanUpIdle(Long.MAX_VALUE);
    }

    /** To be called now and then: ends lingering that has lasted long enough, finds leaks, tries failed clean-ups again. */
    public void tick() {
        cleanUpIdle(storage.nanoTime());
        Epoch.reclaim();
        cleanUps.retry();
    }

    /**
     * For tests and the end: takes every handle from its holders, who must not read any more. Their later releases do nothing.
     */
    public void releaseAll() {
        atTable(() -> {
            lingering.clear();
            for (Entry<T> entry : new ArrayList<>(entries.values())) {
                if (entry.state != State.OPENING) {
                    leaveLocked(entry);
                }
            }
            return null;
        });
        Epoch.reclaim();
        cleanUps.runAll();
    }

    /**
     * Nothing lingers from now on, and what waits for a clean-up gets it here. What is still held is cleaned up by its last holder.
     * Idempotent.
     */
    @Override
    public void close() {
        atTable(() -> closed = true);
        releaseIdle();
        Epoch.reclaim();
        cleanUps.close();
    }

    private Shared<T> open(Entry<T> entry, Supplier<T> opener) {
        boolean done = false;
        try {
            cleanUps.supersede(entry.path);
            T resource = openWithRoom(opener);
            Shared<T> handle = atTable(() -> {
                entry.resource = resource;
                return activateLocked(entry);
            });
            done = true;
            return handle;
        } finally {
            if (!done) {
                atTable(() -> entries.remove(entry.path, entry));
            }
            entry.opened.complete(null);
        }
    }

    /** At a limit what lingers goes first, then what others can do without; again where others took that meanwhile. */
    private T openWithRoom(Supplier<T> opener) {
        for (int tries = 1; ; tries++) {
            try {
                return opener.get();
            } catch (StoreException.LimitReached e) {
                if (tries == TRIES_MAX || (releaseIdle() == 0 && !makeRoom.getAsBoolean())) {
                    throw e;
                }
                Epoch.reclaim();
                cleanUps.runAll();
            }
        }
    }

    /** Null when it is being opened, or is about to go. */
    private Shared<T> acquireLocked(Entry<T> entry) {
        if (entry.state == State.LINGERING) {
            lingering.remove(entry);
            return activateLocked(entry);
        }
        Shared<T> handle = entry.handle == null ? null : entry.handle.get();
        if (handle != null && handle.tryAcquire()) {
            return handle;
        }
        if (entry.state == State.ACTIVE) {
            // Its last holder is on the way here: whoever comes first says what becomes of it.
            return activateLocked(entry);
        }
        return null;
    }

    /** A new handle; the caller holds it. What an older one of the same mapping still does has no effect. */
    private Shared<T> activateLocked(Entry<T> entry) {
        entry.state = State.ACTIVE;
        entry.generation++;
        long generation = entry.generation;
        Shared<T> handle = new Shared<>(entry.resource, () -> lastReleased(new Release<>(entry, generation)));
        entry.handle = new Handle<>(handle, entry.path, collected);
        return handle;
    }

    private void lastReleased(Release<T> release) {
        released.add(release);
        if (lock.tryLock()) {
            try {
                settleLocked();
            } finally {
                lock.unlock();
            }
            retireLeaving();
        }
        if (!released.isEmpty()) {
            background.execute(() -> atTable(() -> null));
        }
    }

    /** Runs something under the lock, after what others have left to do there. */
    private <R> R atTable(Supplier<R> work) {
        lock.lock();
        try {
            settleLocked();
            return work.get();
        } finally {
            lock.unlock();
            retireLeaving();
        }
    }

    /** Does what last releases have left to whoever comes next, and takes what the collector has found. */
    private void settleLocked() {
        for (Release<T> release = released.poll(); release != null; release = released.poll()) {
            if (release.entry.generation == release.generation) {
                letGoLocked(release.entry);
            }
        }
        for (Object found = collected.poll(); found != null; found = collected.poll()) {
            Handle<?> handle = (Handle<?>) found;
            Entry<T> entry = entries.get(handle.path);
            if (entry != null && entry.handle == handle && entry.state == State.ACTIVE) {
                cleanUps.countLeak(entry.path);
                leaveLocked(entry);
            }
        }
    }

    /** The last holder has let go. */
    private void letGoLocked(Entry<T> entry) {
        if (lingerNanos > 0 && !closed && !entry.resource.isDeleted()) {
            entry.state = State.LINGERING;
            entry.idleSince = storage.nanoTime();
            lingering.add(entry);
        } else {
            leaveLocked(entry);
        }
    }

    private void leaveLocked(Entry<T> entry) {
        entry.generation++;
        entries.remove(entry.path, entry);
        leaving.add(cleanUps.begin(entry.resource));
    }

    private int cleanUpIdle(long now) {
        return atTable(() -> {
            int ended = 0;
            for (Iterator<Entry<T>> all = lingering.iterator(); all.hasNext(); ended++) {
                Entry<T> entry = all.next();
                if (now != Long.MAX_VALUE && now - entry.idleSince < lingerNanos) {
                    break;
                }
                all.remove();
                leaveLocked(entry);
            }
            return ended;
        });
    }

    /** Outside of the lock: this may unmap and delete files. */
    private void retireLeaving() {
        for (CleanUps.Pending<T> next = leaving.poll(); next != null; next = leaving.poll()) {
            CleanUps.Pending<T> pending = next;
            Epoch.retire(() -> cleanUps.add(pending));
        }
    }

    /** A file that is being mapped, is mapped, or lingers. Guarded by the lock. */
    private static final class Entry<T extends MappedResource> {
        private final Path path;
        private final CompletableFuture<Void> opened = new CompletableFuture<>();
        private State state = State.OPENING;
        private T resource;
        private Handle<T> handle;
        /** Grows with each handle, and at the end. */
        private long generation;

        private long idleSince;

        Entry(Path path) {
            this.path = path;
        }
    }

    /** A last release, of a handle that may not be the mapping's newest. */
    private record Release<T extends MappedResource>(Entry<T> entry, long generation) {}

    /** Weak: whoever forgets a handle must not keep its file. */
    private static final class Handle<T extends MappedResource> extends WeakReference<Shared<T>> {
        private final Path path;

        Handle(Shared<T> handle, Path path, ReferenceQueue<Shared<T>> collected) {
            super(handle, collected);
            this.path = path;
        }
    }
}
