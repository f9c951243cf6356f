package io.cleave.core.storage;

/**
 * A user of the operating system. Immutable.
 *
 * @param id its number, -1 when the system does not tell
 * @param name its name, or the number again
 */
public record SystemUser(long id, String name) {
    /** Number of the user who may do everything. */
    public static final long ROOT = 0;

    /** Nobody knows who. */
    public static final SystemUser UNKNOWN = new SystemUser(-1, "unknown");

    /** True when both are known and not the same. */
    public boolean differs(SystemUser other) {
        return id >= 0 && other.id >= 0 && id != other.id;
    }

    /** As in "user 1000 (alice)". */
    @Override
    public String toString() {
        return name.equals(Long.toString(id)) ? "user " + id : "user " + id + " (" + name + ")";
    }
}
