package io.cleave.tools;

import io.cleave.SegmentStore;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * The process that {@code cleave demo} kills: writes until it dies, and tells on its standard output, in 8 bytes, the number
 * of each write that has returned.
 */
@Command(name = DemoVictimCommand.NAME, hidden = true, description = "Write until killed; started by the demo.")
final class DemoVictimCommand implements Callable<Integer> {
    static final String NAME = "demo-victim";

    /** Nobody kills it: the demo that started it is gone. */
    private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(60);

    @Parameters(index = "0", paramLabel = "STORE")
    private Path directory;

    @Parameters(index = "1", paramLabel = "SEED")
    private long seed;

    @Override
    public Integer call() throws IOException {
        AcknowledgedWrites writes = new AcknowledgedWrites(seed);
        byte[] acknowledgement = new byte[Long.BYTES];
        ByteBuffer view = ByteBuffer.wrap(acknowledgement);
        long start = System.nanoTime();
        try (OutputStream pipe = new FileOutputStream(FileDescriptor.out);
                SegmentStore store = SegmentStore.open(directory, AcknowledgedWrites.options())) {
            for (long number = 0; System.nanoTime() - start < LIFE_NANOS; number++) {
                writes.write(store, number);
                view.putLong(0, number);
                pipe.write(acknowledgement);
            }
        }
        return Cleave.FAILED;
    }
}
