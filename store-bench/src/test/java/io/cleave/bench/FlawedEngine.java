package io.cleave.bench;

import java.nio.charset.StandardCharsets;

/** An engine with a planted flaw, to show that the runner sees it. */
record FlawedEngine(BenchEngine engine, Flaw flaw) implements BenchEngine {
    /** What is wrong with it. */
    enum Flaw {
        NONE,
        /** Of a thousand entries, the one whose key ends so is lost. */
        LOSES_ENTRIES,
        CUTS_VALUES,
        FINDS_ALL
    }

    @Override
    public BenchSession session() throws Exception {
        return new Session(engine.session(), flaw);
    }

    @Override
    public void sync() throws Exception {
        engine.sync();
    }

    @Override
    public void settle() throws Exception {
        engine.settle();
    }

    @Override
    public boolean keepsWritesOfKilledProcess() {
        return engine.keepsWritesOfKilledProcess();
    }

    @Override
    public void close() {
        engine.close();
    }

    private record Session(BenchSession session, Flaw flaw) implements BenchSession {
        @Override
        public void put(byte[] key, byte[] value) throws Exception {
            boolean lost = new String(key, StandardCharsets.US_ASCII).endsWith("0070");
            if (flaw != Flaw.LOSES_ENTRIES || !lost) {
                session.put(key, value);
            }
        }

        @Override
        public void putSynced(byte[] key, byte[] value) throws Exception {
            put(key, value);
        }

        @Override
        public void putAll(byte[][] keys, byte[][] values, int count) throws Exception {
            session.putAll(keys, values, count);
        }

        @Override
        public int get(byte[] key, byte[] target) throws Exception {
            int length = session.get(key, target);
            return switch (flaw) {
                case CUTS_VALUES -> length - 1;
                case FINDS_ALL -> target.length;
                case NONE, LOSES_ENTRIES -> length;
            };
        }

        @Override
        public void delete(byte[] key) throws Exception {
            session.delete(key);
        }

        @Override
        public BenchCursor cursor() throws Exception {
            return session.cursor();
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
