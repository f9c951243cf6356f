package io.cleave;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.WritableRegion;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The storage of this machine, which stops the process at a {@link KillPoint}: the thread that meets it says so and never comes
 * back, and no other one gets into a call that changes something on disk. So what is on disk is what a kill there leaves,
 * however long it takes to come.
 */
final class KillPointStorage {
    private static final Set<String> CHANGES = Set.of(
            "create",
            "createWritable",
            "createDirectory",
            "forceDirectory",
            "rename",
            "delete",
            "tryLock",
            "append",
            "force",
            "put",
            "putIntRelease");

    private final Path directory;
    private final KillPoint point;
    private final Runnable tell;
    private final AtomicInteger hits;
    private final CountDownLatch never = new CountDownLatch(1);
    private volatile boolean reached;

    private KillPointStorage(Path directory, KillPoint point, int hit, Runnable tell) {
        this.directory = directory;
        this.point = point;
        this.tell = tell;
        this.hits = new AtomicInteger(hit);
    }

    /**
     * Makes it.
     *
     * @param directory of the store
     * @param hit which meeting of the point is the last one, counted from 1
     * @param tell run at the point; the kill follows
     */
    static Storage over(Path directory, KillPoint point, int hit, Runnable tell) {
        KillPointStorage points = new KillPointStorage(directory, point, hit, tell);
        return points.watched(Storage.class, RealStorage.open(), null);
    }

    private <T> T watched(Class<T> type, T object, Path path) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            Path named = path != null ? path : arguments == null ? null : pathOf(arguments);
            boolean changes = CHANGES.contains(method.getName());
            if (changes) {
                look(KillPoint.Moment.BEFORE, method, named);
            }
            Object result = invoke(method, object, arguments);
            if (changes) {
                look(KillPoint.Moment.AFTER, method, named);
            }
            if (result instanceof StorageFile file) {
                return watched(StorageFile.class, file, named);
            }
            return result instanceof WritableRegion region ? watched(WritableRegion.class, region, named) : result;
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** The last path among the arguments: that of a rename is the new name. */
    private static Path pathOf(Object[] arguments) {
        Path last = null;
        for (Object argument : arguments) {
            last = argument instanceof Path path ? path : last;
        }
        return last;
    }

    private static Object invoke(Method method, Object object, Object[] arguments) throws Throwable {
        try {
            return method.invoke(object, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void look(KillPoint.Moment moment, Method method, Path path) throws InterruptedException {
        if (reached) {
            never.await();
        }
        if (path.startsWith(directory)
                && point.isMetBy(moment, method.getName(), directory.relativize(path))
                && hits.decrementAndGet() == 0) {
            reached = true;
            tell.run();
            never.await();
        }
    }
}
