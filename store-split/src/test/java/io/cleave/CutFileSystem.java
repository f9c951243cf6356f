package io.cleave;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A file system of its own on an image that is a file, mounted through a loop device, which can be cut off: from then on
 * nothing gets to the image, not even the journal, and every call fails. Mounted anew it is what a power cut leaves.
 *
 * <p>Ownership: whoever makes it closes it, which takes it down; the end of the process does the same. Belongs to one thread.
 */
final class CutFileSystem implements AutoCloseable {
    /** What is made and how it is mounted. */
    enum Kind {
        EXT4_COMMIT_EVERY_SECOND(64, "mkfs.ext4 -q -F", "commit=1"),
        EXT4_COMMIT_EVERY_5_SECONDS(64, "mkfs.ext4 -q -F", "commit=5"),
        EXT4_COMMIT_BY_FORCE_ALONE(64, "mkfs.ext4 -q -F", "commit=1000"),
        XFS(320, "mkfs.xfs -q -f", "noatime"),
        XFS_ALLOCATING_AHEAD(320, "mkfs.xfs -q -f", "allocsize=1m");

        private final long megabytes;
        private final String maker;
        private final String mountOptions;

        Kind(long megabytes, String maker, String mountOptions) {
            this.megabytes = megabytes;
            this.maker = maker;
            this.mountOptions = mountOptions;
        }
    }

    /** EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN are one number, and so is "without the journal": Java has no ioctl. */
    private static final String CUT = "open(my $d, '<', $ARGV[0]) or die \"open: $!\\n\";"
            + " my $how = pack('L', 2); defined ioctl($d, 0x8004587d, $how) or die \"shutdown: $!\\n\";";

    private final Kind kind;
    private final Path image;
    private final Path root;
    private final Thread atEnd = new Thread(this::unmountAtEnd);
    /** Held while it is there: the other JVM that runs tests of this module may not take a loop device between two mounts. */
    private FileChannel devices;

    private boolean mounted;

    private CutFileSystem(Kind kind, Path directory) {
        this.kind = kind;
        this.image = directory.resolve("image");
        this.root = directory.resolve("mounted");
    }

    /**
     * Makes and mounts one in an empty directory.
     *
     * @throws UnavailableException when this machine does not give what it takes
     */
    static CutFileSystem create(Kind kind, Path directory) throws IOException, InterruptedException {
        CutFileSystem result = new CutFileSystem(kind, directory);
        boolean done = false;
        try {
            result.make();
            done = true;
            return result;
        } finally {
            if (!done) {
                result.close();
            }
        }
    }

    private void make() throws IOException, InterruptedException {
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new UnavailableException("only root may mount");
        }
        devices = FileChannel.open(
                Path.of("target", "loop-devices"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        devices.lock();
        Files.createDirectories(root);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(kind.megabytes << 20);
        }
        require("perl", "-e", "1");
        require("losetup", "-f");
        List<String> maker = new ArrayList<>(List.of(kind.maker.split(" ", -1)));
        maker.add(image.toString());
        require(maker.toArray(String[]::new));
        Runtime.getRuntime().addShutdownHook(atEnd);
        mount();
    }

    /** A directory for the store. */
    Path root() {
        return root;
    }

    void mount() throws IOException, InterruptedException {
        require("mount", "-o", "loop," + kind.mountOptions, image.toString(), root.toString());
        mounted = true;
    }

    /** Cuts it off as it is at this moment. */
    void cut() throws IOException, InterruptedException {
        require("perl", "-e", CUT, root.toString());
    }

    /** Nobody may have a file open any more. */
    void unmount() throws IOException, InterruptedException {
        require("umount", root.toString());
        mounted = false;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            takeDown();
        } finally {
            if (devices != null) {
                devices.close();
            }
        }
    }

    private void takeDown() throws IOException, InterruptedException {
        if (mounted) {
            // What still holds a file open does not keep the mount: it goes with the last of them.
            String failure = run("umount", "-l", root.toString());
            mounted = false;
            if (failure != null) {
                throw new IOException(failure);
            }
        }
        Runtime.getRuntime().removeShutdownHook(atEnd);
        Files.deleteIfExists(image);
    }

    private void unmountAtEnd() {
        try {
            run("umount", "-l", root.toString());
        } catch (IOException e) {
            System.err.println(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void require(String... command) throws IOException, InterruptedException {
        String failure = run(command);
        if (failure != null) {
            throw new UnavailableException(failure);
        }
    }

    /** Returns what was wrong, or null. */
    private static String run(String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; exec \"$@\"", "sh"));
        words.addAll(List.of(command));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        return exit == 0 ? null : String.format(Locale.ROOT, "%s failed with %d: %s", command[0], exit, output.strip());
    }

    /** This machine gives no root, no loop device, no such file system or no tool for it. */
    static final class UnavailableException extends IOException {
        private static final long serialVersionUID = 1;

        UnavailableException(String what) {
            super(what);
        }
    }
}
