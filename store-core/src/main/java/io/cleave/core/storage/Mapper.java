package io.cleave.core.storage;

import io.cleave.error.StoreException;

/** What maps run files. Immutable, thread-safe. */
public enum Mapper {
    /** The JDK's own mappings, up to 2 GiB a file, no flag needed. The default. */
    JDK,
    /**
     * Chronicle Bytes: one mapping of any length. Needs {@code net.openhft:chronicle-bytes} on the class path and, on the
     * command line, {@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED --add-opens java.base/java.lang.reflect=ALL-UNNAMED}.
     */
    CHRONICLE;

    /**
     * Says at once what is missing, before a class of the library fails to initialise for good.
     *
     * @throws StoreException.LimitReached naming the library or the flag that is missing
     */
    public void requireUsable() {
        if (this == JDK) {
            return;
        }
        Module base = Object.class.getModule();
        Module ours = Mapper.class.getModule();
        for (String opened : new String[] {"sun.nio.ch", "java.lang.reflect"}) {
            if (!base.isOpen(opened, ours)) {
                throw new StoreException.LimitReached("mapper CHRONICLE: expected the JVM flag --add-opens java.base/"
                        + opened + "=ALL-UNNAMED, found it missing");
            }
        }
        if (Mapper.class.getResource("/net/openhft/chronicle/bytes/MappedFile.class") == null) {
            throw new StoreException.LimitReached(
                    "mapper CHRONICLE: expected net.openhft:chronicle-bytes on the class path, found it missing");
        }
    }
}
