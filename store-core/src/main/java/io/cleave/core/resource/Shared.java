package io.cleave.core.resource;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A resource with counted references. The maker holds the first one; the last release runs the release action, once.
 *
 * <p>Thread-safe. The count never leaves zero again, so a resource that is being released can't be revived.
 *
 * @param <T> the resource
 */
public final class Shared<T> {
    private final T resource;
    private final Runnable onLastRelease;
    private final AtomicInteger references = new AtomicInteger(1);

    /**
     * @param resource what is shared
     * @param onLastRelease runs on the thread of the last release; must neither block nor throw
     */
    public Shared(T resource, Runnable onLastRelease) {
        this.resource = resource;
        this.onLastRelease = onLastRelease;
    }

    /** The resource; the caller holds a reference or is inside an {@link Epoch}. */
    public T get() {
        return resource;
    }

    /** Takes a reference, or returns false when the last one is already gone. */
    public boolean tryAcquire() {
        for (int count = references.get(); count > 0; count = references.get()) {
            if (references.compareAndSet(count, count + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Takes a reference beside one that the caller's owner holds for sure. */
    public Shared<T> acquire() {
        if (!tryAcquire()) {
            throw new IllegalStateException("resource is already released: " + resource);
        }
        return this;
    }

    /** Gives one reference back. */
    public void release() {
        int left = references.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("released more often than acquired: " + resource);
        }
        if (left == 0) {
            onLastRelease.run();
        }
    }

    /** Current number of references. */
    public int references() {
        return references.get();
    }
}
