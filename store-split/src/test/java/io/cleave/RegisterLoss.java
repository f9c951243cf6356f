package io.cleave;

import io.cleave.catalog.StoreLayout;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** What other code of a process may do to the lock of a store that is open in it. */
enum RegisterLoss {
    NOTHING,
    PROPERTIES_PUT_BACK,
    PROPERTIES_CLEARED,
    REGISTER_EMPTIED,
    COPY_OF_THE_LIBRARY,
    COPY_AND_EMPTIED,
    COPY_FORGOTTEN,
    LINKED_DIRECTORY,
    HARD_LINK,
    LOCK_FILE_READ,
    STORE_COPIED,
    LOCK_FILE_REMOVED,
    LOCK_FILE_EXCHANGED;

    private static final String REGISTER = "io.cleave.locks.";
    private static final int REGISTER_PARTS_MAX = 1_000;

    /** True when the system forgets the lock, or nobody can meet it any more. */
    boolean dropsLock() {
        return compareTo(LOCK_FILE_READ) >= 0;
    }

    /** True when somebody else's writer could get the lock file that was put in place of ours. */
    boolean takesFileAway() {
        return compareTo(LOCK_FILE_REMOVED) >= 0;
    }

    /**
     * Does it.
     *
     * @param before the system properties as they were before the store was opened
     * @param scratch a directory of its own
     * @return true when the store could be opened, or its lock taken, once more in this process
     */
    boolean inflict(Path store, Properties before, Path scratch) throws Exception {
        Path lock = store.resolve(StoreLayout.LOCK_NAME);
        switch (this) {
            case NOTHING -> {}
            case PROPERTIES_PUT_BACK -> System.setProperties((Properties) before.clone());
            case PROPERTIES_CLEARED -> {
                System.getProperties().clear();
                System.setProperties((Properties) before.clone());
            }
            case REGISTER_EMPTIED -> empty();
            case COPY_OF_THE_LIBRARY -> {
                return Copy.SHARED.opens(store);
            }
            case COPY_AND_EMPTIED -> {
                empty();
                return Copy.SHARED.opens(store);
            }
            case COPY_FORGOTTEN -> {
                empty();
                boolean opened = new Copy().opens(store);
                System.gc();
                return opened;
            }
            case LINKED_DIRECTORY -> {
                Path link = Files.createSymbolicLink(scratch.resolve("link"), store.getParent());
                return opensHere(link.resolve(store.getFileName()));
            }
            case HARD_LINK -> {
                return locks(Files.createLink(scratch.resolve("lock"), lock));
            }
            case LOCK_FILE_READ -> Files.readAllBytes(lock);
            case STORE_COPIED -> copy(store, scratch.resolve("copy"));
            case LOCK_FILE_REMOVED -> Files.deleteIfExists(lock);
            case LOCK_FILE_EXCHANGED -> {
                Path other = Files.createFile(scratch.resolve("other"));
                Files.move(other, lock, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return false;
    }

    /** True when a second open of the store in this process is not refused. */
    static boolean opensHere(Path store) {
        try {
            SegmentStore.open(store, OpenerChild.options()).close();
            return true;
        } catch (StoreException.Locked e) {
            return false;
        }
    }

    private static boolean locks(Path file) {
        StorageLock lock = RealStorage.open().tryLock(file);
        if (lock != null) {
            lock.close();
        }
        return lock != null;
    }

    private static void empty() {
        for (int part = 0; part < REGISTER_PARTS_MAX; part++) {
            if (Security.getProperty(REGISTER + part) != null) {
                Security.setProperty(REGISTER + part, "");
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(from)) {
            paths = walk.toList();
        }
        for (Path path : paths) {
            Path target = to.resolve(from.relativize(path).toString());
            if (Files.isDirectory(path)) {
                Files.createDirectory(target);
            } else {
                Files.copy(path, target);
            }
        }
    }

    /** The library once more, in a class loader of its own. */
    private static final class Copy {
        static final Copy SHARED = new Copy();

        private final ClassLoader loader;

        Copy() {
            List<URL> places = new ArrayList<>();
            try {
                for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
                    places.add(Path.of(place).toUri().toURL());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            loader = new URLClassLoader(places.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
        }

        boolean opens(Path store) throws ReflectiveOperationException {
            Class<?> copy = loader.loadClass(SegmentStore.class.getName());
            if (copy == SegmentStore.class) {
                throw new IllegalStateException("not another copy");
            }
            try {
                AutoCloseable opened =
                        (AutoCloseable) copy.getMethod("open", Path.class).invoke(null, store);
                opened.close();
                return true;
            } catch (InvocationTargetException e) {
                if (!e.getCause().getClass().getSimpleName().equals("Locked")) {
                    throw e;
                }
                return false;
            } catch (ReflectiveOperationException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("closing what should not have opened", e);
            }
        }
    }
}
