package io.cleave.bench;

import java.util.concurrent.atomic.AtomicLong;

/** The workers that walk over many entries. */
final class ScanningWorkers {
    private ScanningWorkers() {}

    /** Which way to walk. */
    enum Direction {
        FORWARD,
        BACKWARD
    }

    /** Walks over the whole store; an operation is an entry. */
    static final class Scan implements Worker {
        private final BenchSession session;
        private final Corpus corpus;
        private final Direction direction;
        private final Target target;
        private BenchCursor cursor;

        Scan(BenchSession session, Corpus corpus, Direction direction) {
            this.session = session;
            this.corpus = corpus;
            this.direction = direction;
            this.target = new Target(corpus.shape());
        }

        @Override
        public void run(long from, long to) throws Exception {
            if (from == 0) {
                begin();
            }
            long sum = 0;
            for (long entry = Math.max(1, from); entry < to; entry++) {
                if (!move()) {
                    throw lost(entry);
                }
                sum += cursor.consume();
            }
            target.add(sum);
        }

        private void begin() throws Exception {
            if (cursor != null) {
                cursor.close();
            }
            cursor = session.cursor();
            boolean found = direction == Direction.FORWARD ? cursor.first() : cursor.last();
            if (!found) {
                throw lost(0);
            }
            target.add(cursor.consume());
        }

        private boolean move() {
            return direction == Direction.FORWARD ? cursor.next() : cursor.previous();
        }

        @Override
        public void finish() {
            if (move()) {
                throw new IllegalStateException("a scan found more than " + corpus.entries() + " entries");
            }
        }

        private IllegalStateException lost(long found) {
            return new IllegalStateException("a scan found " + found + " entries, expected " + corpus.entries());
        }

        @Override
        public void close() {
            if (cursor != null) {
                cursor.close();
            }
            target.publish();
            session.close();
        }
    }

    /** Walks over the entries below a random prefix; an operation is a prefix. */
    static final class Prefixes implements Worker {
        private final BenchSession session;
        private final EntryStream stream;
        private final RandomSequence random = new RandomSequence(500);
        private final Target target;
        private final AtomicLong total;
        private long entries;

        /**
         * @param total is set to the entries found since the clock began
         */
        Prefixes(BenchSession session, Corpus corpus, AtomicLong total) {
            this.session = session;
            this.total = total;
            this.stream = corpus.stream();
            this.target = new Target(corpus.shape());
        }

        @Override
        public void run(long from, long to) throws Exception {
            if (from == 0) {
                entries = 0;
            }
            for (long operation = from; operation < to; operation++) {
                long number = random.below(stream.prefixes());
                byte[] prefix = stream.prefix(number);
                long found = scan(prefix);
                if (found != stream.prefixEntries(number)) {
                    throw new IllegalStateException("a scan of prefix " + Target.text(prefix) + " found " + found
                            + " entries, expected " + stream.prefixEntries(number));
                }
                entries += found;
            }
        }

        private long scan(byte[] prefix) throws Exception {
            long found = 0;
            long sum = 0;
            try (BenchCursor cursor = session.cursor()) {
                for (boolean on = cursor.seek(prefix); on && cursor.startsWith(prefix); on = cursor.next()) {
                    sum += cursor.consume();
                    found++;
                }
            }
            target.add(sum);
            return found;
        }

        @Override
        public void finish() {
            total.set(entries);
        }

        @Override
        public void close() {
            target.publish();
            session.close();
        }
    }
}
