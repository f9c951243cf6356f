package io.cleave.bench;

/** The workers that read one entry or a few at a random place. */
final class ReadingWorkers {
    private ReadingWorkers() {}

    /** Reads entries that are there; one that is not, or of another length, ends the run. */
    static final class Hits implements Worker {
        private final BenchSession session;
        private final Corpus corpus;
        private final EntryStream stream;
        private final RandomSequence random;
        private final Target target;

        Hits(BenchSession session, Corpus corpus, int thread) {
            this.session = session;
            this.corpus = corpus;
            this.stream = corpus.stream();
            this.random = new RandomSequence(200 + thread);
            this.target = new Target(corpus.shape());
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long operation = from; operation < to; operation++) {
                byte[] key = stream.key(random.below(corpus.entries()));
                target.take(key, session.get(key, target.bytes()));
            }
        }

        @Override
        public void close() {
            target.publish();
            session.close();
        }
    }

    /** Reads keys that lie between those that are there; one that is found ends the run. */
    static final class Misses implements Worker {
        private final BenchSession session;
        private final Corpus corpus;
        private final EntryStream stream;
        private final RandomSequence random;
        private final Target target;

        Misses(BenchSession session, Corpus corpus, int thread) {
            this.session = session;
            this.corpus = corpus;
            this.stream = corpus.stream();
            this.random = new RandomSequence(300 + thread);
            this.target = new Target(corpus.shape());
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long operation = from; operation < to; operation++) {
                byte[] key = stream.absentKey(random.below(corpus.entries()));
                target.takeNone(key, session.get(key, target.bytes()));
            }
        }

        @Override
        public void close() {
            target.publish();
            session.close();
        }
    }

    /** Goes to an entry with a new cursor, and on to the ten that follow. */
    static final class Seeks implements Worker {
        private static final int FOLLOWING = 10;

        private final BenchSession session;
        private final Corpus corpus;
        private final EntryStream stream;
        private final RandomSequence random;
        private final Target target;

        Seeks(BenchSession session, Corpus corpus, int thread) {
            this.session = session;
            this.corpus = corpus;
            this.stream = corpus.stream();
            this.random = new RandomSequence(400 + thread);
            this.target = new Target(corpus.shape());
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long operation = from; operation < to; operation++) {
                long number = random.below(corpus.entries());
                try (BenchCursor cursor = session.cursor()) {
                    seek(cursor, number);
                }
            }
        }

        private void seek(BenchCursor cursor, long number) {
            byte[] key = stream.key(number);
            if (!cursor.seek(key) || !cursor.startsWith(key)) {
                throw new IllegalStateException("a cursor did not find key " + Target.text(key));
            }
            target.add(cursor.consume());
            long following = Math.min(FOLLOWING, corpus.entries() - 1 - number);
            for (long step = 0; step < following; step++) {
                if (!cursor.next()) {
                    throw new IllegalStateException("a cursor ended " + step + " entries after key " + Target.text(key)
                            + ", expected " + following);
                }
                target.add(cursor.consume());
            }
        }

        @Override
        public void close() {
            target.publish();
            session.close();
        }
    }
}
