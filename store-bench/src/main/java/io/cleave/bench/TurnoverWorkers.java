package io.cleave.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** The workers of stores in which entries come at one end and go at the other. */
final class TurnoverWorkers {
    private TurnoverWorkers() {}

    private abstract static class TurnoverWorker implements Worker {
        final BenchSession session;
        final EntryStream stream;
        private long userBytes;

        TurnoverWorker(BenchSession session, EntryStream stream) {
            this.session = session;
            this.stream = stream;
        }

        final void put(long number) throws Exception {
            byte[] key = stream.key(number);
            byte[] value = stream.value(number, 0);
            session.put(key, value);
            userBytes += key.length + value.length;
        }

        final void delete(long number) throws Exception {
            byte[] key = stream.key(number);
            session.delete(key);
            userBytes += key.length;
        }

        @Override
        public final long userBytes() {
            return userBytes;
        }

        @Override
        public void close() {
            session.close();
        }
    }

    /** Puts an entry above all others and deletes the lowest, once there are as many as the window has. */
    static final class Window extends TurnoverWorker {
        private static final int LOOKS = 10;

        private final long window;
        private final long lookEvery;
        private final Path directory;
        private final AtomicLong mostBytes;

        /**
         * @param window entries that are left
         * @param entries that are put
         * @param mostBytes told the most bytes that the store's directory had at a tenth of the way
         */
        Window(
                BenchSession session,
                EntryStream stream,
                long window,
                long entries,
                Path directory,
                AtomicLong mostBytes) {
            super(session, stream);
            this.window = window;
            this.lookEvery = Math.max(1, entries / LOOKS);
            this.directory = directory;
            this.mostBytes = mostBytes;
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long number = from; number < to; number++) {
                put(number);
                if (number >= window) {
                    delete(number - window);
                }
                if ((number + 1) % lookEvery == 0) {
                    look();
                }
            }
        }

        private void look() {
            try {
                mostBytes.accumulateAndGet(ProcessFigures.allocatedBytes(directory), Math::max);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Puts an entry at the end, finds the first with a cursor, and deletes it. */
    static final class Queue extends TurnoverWorker {
        private final long waiting;

        /** @param waiting entries that were put before */
        Queue(BenchSession session, EntryStream stream, long waiting) throws Exception {
            super(session, stream);
            this.waiting = waiting;
            for (long number = 0; number < waiting; number++) {
                put(number);
            }
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long number = from; number < to; number++) {
                put(waiting + number);
                try (BenchCursor cursor = session.cursor()) {
                    if (!cursor.first() || !cursor.startsWith(stream.key(number))) {
                        throw new IllegalStateException("the first entry of the queue is not number " + number);
                    }
                }
                delete(number);
            }
        }
    }
}
