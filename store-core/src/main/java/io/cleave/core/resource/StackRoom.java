package io.cleave.core.resource;

/**
 * Asks for room on the stack of the calling thread by using it. What follows may use as much without an overflow. Stateless,
 * thread-safe.
 */
public final class StackRoom {
    /** For a lock and what gives it back: some 60 bytes each where they are compiled, 150 where they are not. */
    static final int FRAMES_OF_LOCK = 8;

    private static final int FRAMES_OF_WORK = 160;

    private StackRoom() {}

    /**
     * For a lock and a few calls under it.
     *
     * @throws StackOverflowError when there is less
     */
    public static void require() {
        require(FRAMES_OF_LOCK);
    }

    /**
     * For work that must not end halfway, calls of the system included: ten KB.
     *
     * @throws StackOverflowError when there is less
     */
    public static void requireForWork() {
        require(FRAMES_OF_WORK);
    }

    static void require(int frames) {
        descend(frames, 1, 2, 3, 4, 5);
    }

    /** What it returns depends on all parameters after the inner call, so that each frame has to keep them. */
    private static long descend(int frames, long a, long b, long c, long d, long e) {
        if (frames == 0) {
            return a;
        }
        long inner = descend(frames - 1, b, c, d, e, a);
        return inner + a * 31 + b * 37 + c * 41 + d * 43 + e;
    }
}
