package io.cleave.bench;

import java.util.function.LongUnaryOperator;

/** The workers that put and delete. */
final class WritingWorkers {
    private WritingWorkers() {}

    /** Whether a put waits for the device. */
    enum Durable {
        UNSYNCED,
        SYNCED
    }

    /** What they have in common: a session, which is theirs to close, and a count. */
    private abstract static class WritingWorker implements Worker {
        final BenchSession session;
        final EntryStream stream;
        private long userBytes;

        WritingWorker(BenchSession session, EntryStream stream) {
            this.session = session;
            this.stream = stream;
        }

        final void count(long bytes) {
            userBytes += bytes;
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

    /** Puts one entry after the other. */
    static final class Puts extends WritingWorker {
        private final LongUnaryOperator order;
        private final int generation;
        private final Durable durable;

        /**
         * @param order the number of the entry that an operation puts
         * @param generation of the values, see {@link EntryStream#value}
         */
        Puts(BenchSession session, EntryStream stream, LongUnaryOperator order, int generation, Durable durable) {
            super(session, stream);
            this.order = order;
            this.generation = generation;
            this.durable = durable;
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long operation = from; operation < to; operation++) {
                long number = order.applyAsLong(operation);
                byte[] key = stream.key(number);
                byte[] value = stream.value(number, generation);
                if (durable == Durable.SYNCED) {
                    session.putSynced(key, value);
                } else {
                    session.put(key, value);
                }
                count(key.length + value.length);
            }
        }
    }

    /** Puts all entries in random order; an operation is a batch. */
    static final class Batches extends WritingWorker {
        private static final int BATCH_ENTRIES = 1000;
        /** No store takes batches without end. */
        private static final int BATCH_BYTES = 8 << 20;

        private final Corpus corpus;
        private final byte[][] keys;
        private final byte[][] values;

        Batches(BenchSession session, Corpus corpus) {
            super(session, corpus.stream());
            this.corpus = corpus;
            this.keys = new byte[batchEntries(corpus.shape())][];
            this.values = new byte[keys.length][];
        }

        static long count(Corpus corpus) {
            int entries = batchEntries(corpus.shape());
            return (corpus.entries() + entries - 1) / entries;
        }

        private static int batchEntries(EntryShape shape) {
            return Math.min(BATCH_ENTRIES, BATCH_BYTES / shape.valueBytes());
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long batch = from; batch < to; batch++) {
                long first = batch * keys.length;
                int count = (int) Math.min(keys.length, corpus.entries() - first);
                for (int at = 0; at < count; at++) {
                    long number = corpus.fillOrder().at(first + at);
                    keys[at] = stream.key(number).clone();
                    values[at] = stream.value(number, 0).clone();
                    count(keys[at].length + values[at].length);
                }
                session.putAll(keys, values, count);
            }
        }
    }

    /** Deletes entries; their keys count as put. */
    static final class Deletes extends WritingWorker {
        private final Corpus corpus;

        Deletes(BenchSession session, Corpus corpus) {
            super(session, corpus.stream());
            this.corpus = corpus;
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long operation = from; operation < to; operation++) {
                byte[] key = stream.key(corpus.changeOrder().at(operation));
                session.delete(key);
                count(key.length);
            }
        }
    }

    /** Reads and overwrites, one as often as the other, few entries often and most seldom. */
    static final class Mixed extends WritingWorker {
        private final Corpus corpus;
        private final RandomSequence random;
        private final Target target;

        Mixed(BenchSession session, Corpus corpus, int thread) {
            super(session, corpus.stream());
            this.corpus = corpus;
            this.random = new RandomSequence(100 + thread);
            this.target = new Target(corpus.shape());
        }

        @Override
        public void run(long from, long to) throws Exception {
            for (long operation = from; operation < to; operation++) {
                long number = corpus.skew().draw(random);
                byte[] key = stream.key(number);
                if (random.next() < 0) {
                    target.take(key, session.get(key, target.bytes()));
                } else {
                    byte[] value = stream.value(number, (int) operation);
                    session.put(key, value);
                    count(key.length + value.length);
                }
            }
        }

        @Override
        public void close() {
            target.publish();
            super.close();
        }
    }
}
