package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program that is deployed, used by threads of its container that live on, closed, and deployed anew. */
@Timeout(600)
final class StoreUnloadTest {
    private static final int DEPLOYMENTS = (int) Campaign.count(2, 50);

    /** One is enough but for what ends on another thread, such as the one that looks after handles. */
    private static final int COLLECTIONS_MAX = 50;

    @TempDir
    Path parent;

    @Test
    void closedStoresLetTheirClassLoaderGo() throws Exception {
        ExecutorService container = Executors.newFixedThreadPool(2);
        try {
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int i = 0; i < DEPLOYMENTS; i++) {
                Path directory = parent.resolve("store-" + i);
                loaders.add(container.submit(() -> deploy(directory)).get());
            }
            for (int i = 0; i < COLLECTIONS_MAX && reachable(loaders) > 0; i++) {
                System.gc();
            }
            assertEquals(0, reachable(loaders), "class loaders of closed stores, of " + DEPLOYMENTS);
        } finally {
            container.shutdown();
        }
    }

    private static long reachable(List<WeakReference<ClassLoader>> loaders) {
        return loaders.stream().filter(loader -> loader.get() != null).count();
    }

    private static WeakReference<ClassLoader> deploy(Path directory) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            Callable<?> use = (Callable<?>) loader.loadClass(UnloadedUse.class.getName())
                    .getConstructor(Path.class)
                    .newInstance(directory);
            assertEquals("done", use.call());
            return new WeakReference<>(loader);
        }
    }

    private static URL[] classPath() throws IOException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(new URL[0]);
    }
}
