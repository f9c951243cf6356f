package io.cleave.core.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Which files this process has locked. The system forgets a process's locks on a file as soon as the process closes any
 * descriptor of it, so a second owner must be refused before it opens the file, whatever path or class loader it comes by.
 *
 * <p>The register stands in the security properties of the JVM, as text: unlike the system properties nobody lists, copies or
 * puts them back, and copies of this class in several class loaders share them. A set of this class stands beside it. Where
 * both fail, the JDK itself finds a second lock, but only once the file is open: that channel is kept for the life of the
 * process then, and serves every later try.
 *
 * <p>Thread-safe: everything that is done to a file's lock is done in the {@link #monitor} of the file, which is one for the
 * whole JVM, too.
 */
final class LockRegister {
    /** The register is a property for each remainder of the hash of an identity, so that none grows long. */
    static final int PARTS = 64;

    private static final String PREFIX = "io.cleave.locks.";
    private static final String SEPARATOR = "\n";

    private static final Set<String> HELD = ConcurrentHashMap.newKeySet();
    private static final Map<String, FileChannel> KEPT = new ConcurrentHashMap<>();
    private static final Queue<FileChannel> UNUSED = new ConcurrentLinkedQueue<>();

    /** Keeps this class, and so the channels, when its class loader is forgotten; made when there is the first. */
    private static final class Keeper {
        static final Thread HOOK = new Thread(null, KEPT::clear, "cleave-locks", 0, false);

        static {
            try {
                Runtime.getRuntime().addShutdownHook(HOOK);
            } catch (IllegalStateException e) {
                // The process is at its end, and so is what had to be kept.
                assert e != null;
            }
        }

        private Keeper() {}
    }

    private LockRegister() {}

    /** What to hold while the lock of a file is taken or given back: interned text is one object for all class loaders. */
    static Object monitor(String identity) {
        return property(identity).intern();
    }

    /** Enters a file; false when it is there. Requires: its monitor. */
    static boolean add(String identity) {
        List<String> held = held(identity);
        if (held.contains(identity) || !HELD.add(identity)) {
            return false;
        }
        held.add(identity);
        write(identity, held);
        return true;
    }

    /** True when a file is entered. Requires: its monitor. */
    static boolean contains(String identity) {
        return HELD.contains(identity) || held(identity).contains(identity);
    }

    /** Takes a file out. Requires: its monitor. */
    static void remove(String identity) {
        List<String> held = held(identity);
        held.remove(identity);
        write(identity, held);
        HELD.remove(identity);
    }

    /** A channel of the file: the one that was kept, or a new one. Requires: its monitor. */
    static FileChannel channel(Path file, String identity) throws IOException {
        FileChannel kept = KEPT.get(identity);
        return kept != null
                ? kept
                : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /** Keeps a channel for good: closing it would drop somebody's lock. Requires: its monitor. */
    static void keep(String identity, FileChannel channel) {
        KEPT.put(identity, channel);
        assert Keeper.HOOK != null;
    }

    /** The channel of a file that was kept, or null. Requires: its monitor. */
    static FileChannel kept(String identity) {
        return KEPT.get(identity);
    }

    /** Keeps a channel that was opened for reading for good, as {@link #keep} does, for no later use. */
    static void keepUnused(FileChannel channel) {
        UNUSED.add(channel);
        assert Keeper.HOOK != null;
    }

    /** True when the channel must not be closed. */
    static boolean isKept(String identity, FileChannel channel) {
        return KEPT.get(identity) == channel;
    }

    /** Name of the property in which a file is entered. */
    static String property(String identity) {
        return PREFIX + Math.floorMod(identity.hashCode(), PARTS);
    }

    private static List<String> held(String identity) {
        String text = Security.getProperty(property(identity));
        boolean none = text == null || text.isEmpty();
        return none ? new ArrayList<>() : new ArrayList<>(Arrays.asList(text.split(SEPARATOR)));
    }

    private static void write(String identity, List<String> held) {
        Security.setProperty(property(identity), String.join(SEPARATOR, held));
    }
}
