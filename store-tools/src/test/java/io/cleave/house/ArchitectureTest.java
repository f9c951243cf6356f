package io.cleave.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.net.httpserver.HttpServer;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.jfr.Event;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.Test;

/**
 * Which package may see which, and which alone may touch the outside world. Read from the compiled classes of all
 * modules; each rule lists all its offenders. The last tests show that each rule can fail.
 */
final class ArchitectureTest {
    /** All packages; a class may depend on its own package and on those below it, never on one above. */
    static final List<String> TOP_TO_BOTTOM = List.of(
            // On top, because nothing may depend on it: its library is optional.
            "io.cleave.micrometer",
            "io.cleave.bench",
            "io.cleave.bench.micro",
            "io.cleave.tools",
            "io.cleave.typed",
            "io.cleave",
            "io.cleave.look",
            "io.cleave.repair",
            "io.cleave.inspect",
            "io.cleave.maintenance",
            "io.cleave.split",
            "io.cleave.route",
            "io.cleave.catalog",
            "io.cleave.log",
            "io.cleave.core.registry",
            "io.cleave.core.segment",
            "io.cleave.core.merge",
            "io.cleave.core.memtable",
            "io.cleave.core.run",
            "io.cleave.core.entry",
            "io.cleave.core.resource",
            "io.cleave.core.parts",
            "io.cleave.core.storage",
            "io.cleave.core.bytes",
            "io.cleave.core.metrics",
            "io.cleave.event",
            "io.cleave.error");

    /** The packages that may touch files, threads and clocks. */
    private static final List<String> DOORS =
            List.of("io.cleave.core.storage", "io.cleave.tools", "io.cleave.bench", "io.cleave.bench.micro");

    private static final Pattern OUTSIDE_TYPES = Pattern.compile("java\\.nio\\.channels\\..*|java\\.nio\\.file\\.Files"
            + "|java\\.io\\.(RandomAccessFile|File|File(In|Out)putStream|File(Reader|Writer))"
            + "|java\\.time\\.Clock|java\\.util\\.Timer|java\\.lang\\.ProcessBuilder");

    private static final Pattern OUTSIDE_CALLS = Pattern.compile(
            "java\\.lang\\.Thread\\.(<init>|sleep|ofVirtual|startVirtualThread)"
                    + "|java\\.lang\\.System\\.(currentTimeMillis|nanoTime)"
                    + "|java\\.time\\.\\w+\\.now"
                    + "|java\\.util\\.concurrent\\.Executors\\..*"
                    + "|java\\.util\\.concurrent\\.(ThreadPoolExecutor|ScheduledThreadPoolExecutor|ForkJoinPool)\\.<init>");

    private static final Pattern SERIALIZATION_TYPES =
            Pattern.compile("java\\.io\\.(Object(In|Out)putStream|Object(In|Out)put|Externalizable)");

    private static final Pattern CLASS_FINDING_TYPES = Pattern.compile(
            "java\\.util\\.ServiceLoader|java\\.lang\\.reflect\\.(Method|Constructor)|javax\\.script\\..*");

    private static final Pattern CLASS_FINDING_CALLS = Pattern.compile(
            "java\\.lang\\.Class\\.(forName|getMethod|getDeclaredMethod|getConstructor|getDeclaredConstructor)"
                    + "|java\\.lang\\.ClassLoader\\.(loadClass|defineClass)"
                    + "|java\\.lang\\.invoke\\.MethodHandles\\$Lookup\\.(findClass|defineClass)");

    /** Agrona's types over raw memory: they fail to load without a JVM flag. */
    private static final Pattern FLAGGED_AGRONA_TYPES =
            Pattern.compile("org\\.agrona\\.(Unsafe.*|concurrent\\.(UnsafeBuffer|(ringbuffer|broadcast|status)\\..*))");

    private static final Pattern INTERNAL_TYPES = Pattern.compile("(sun|com\\.sun|jdk\\.internal)\\..*");

    private static final Pattern FLIGHT_RECORDER_TYPES = Pattern.compile("jdk\\.jfr\\..*");

    private static final Pattern MICROMETER_TYPES = Pattern.compile("io\\.micrometer\\..*");

    private static final Collection<JavaClass> CLASSES = CompiledClasses.all();

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        report("packages that are not in TOP_TO_BOTTOM", CLASSES, ArchitectureTest::withoutPlace);
    }

    @Test
    void dependenciesPointDown() {
        report("dependencies that point up", CLASSES, ArchitectureTest::pointingUp);
    }

    @Test
    void onlyTheDoorsTouchFilesThreadsAndClocks() {
        List<JavaClass> inside = CLASSES.stream()
                .filter(type -> !DOORS.contains(type.getPackageName()))
                .toList();
        report("use io.cleave.core.storage instead of", inside, ArchitectureTest::touchingTheOutside);
    }

    @Test
    void nothingIsSerializedByJava() {
        report("Java serialization", CLASSES, ArchitectureTest::serializing);
    }

    @Test
    void noClassIsFoundByText() {
        // What newer Java has is looked for by constant names: Arena, MemorySegment, Unsafe.
        List<JavaClass> others = CLASSES.stream()
                .filter(type -> !type.getName().startsWith("io.cleave.core.storage.OffHeap"))
                .toList();
        report("classes found by text", others, ArchitectureTest::findingClasses);
    }

    @Test
    void theCoreRunsWithoutFlags() {
        List<JavaClass> core = CLASSES.stream()
                .filter(type -> type.getPackageName().startsWith("io.cleave.core"))
                .toList();
        report("types that need a JVM flag", core, type -> dependencies(type, FLAGGED_AGRONA_TYPES));
    }

    @Test
    void onlyStorageSeesTheInsideOfTheJdk() {
        List<JavaClass> others = CLASSES.stream()
                .filter(type -> !type.getPackageName().equals("io.cleave.core.storage"))
                // No library: asks the JVM what the process has used.
                .filter(type -> !type.getPackageName().equals("io.cleave.bench"))
                .toList();
        report("types inside the JDK", others, type -> dependencies(type, INTERNAL_TYPES));
    }

    /** A runtime may lack the recorder: then one class, with what is nested in it, is not loaded. */
    @Test
    void onlyOneClassNeedsTheFlightRecorder() {
        List<JavaClass> others = CLASSES.stream()
                .filter(type -> !type.getName().startsWith("io.cleave.event.FlightEvents"))
                .toList();
        report("types of the flight recorder", others, type -> dependencies(type, FLIGHT_RECORDER_TYPES));
    }

    @Test
    void onlyItsPackageNeedsMicrometer() {
        List<JavaClass> others = CLASSES.stream()
                .filter(type -> !type.getPackageName().equals("io.cleave.micrometer"))
                .toList();
        report("types of Micrometer", others, type -> dependencies(type, MICROMETER_TYPES));
        assertTrue(
                CLASSES.stream()
                                .flatMap(type -> dependencies(type, MICROMETER_TYPES))
                                .count()
                        > 0,
                "the binder was not read");
    }

    private static Stream<String> withoutPlace(JavaClass type) {
        return rank(type) < 0 ? Stream.of(type.getName()) : Stream.empty();
    }

    private static Stream<String> pointingUp(JavaClass type) {
        return type.getDirectDependenciesFromSelf().stream()
                .filter(dependency -> rank(target(dependency)) >= 0 && rank(target(dependency)) < rank(type))
                .map(Dependency::getDescription);
    }

    private static Stream<String> touchingTheOutside(JavaClass type) {
        Stream<String> calls = type.getCodeUnitAccessesFromSelf().stream()
                .filter(access -> OUTSIDE_CALLS
                        .matcher(access.getTargetOwner().getName() + "."
                                + access.getTarget().getName())
                        .matches())
                .map(access -> access.getDescription());
        return Stream.concat(dependencies(type, OUTSIDE_TYPES), calls);
    }

    private static Stream<String> findingClasses(JavaClass type) {
        Stream<String> calls = type.getCodeUnitAccessesFromSelf().stream()
                .filter(access -> CLASS_FINDING_CALLS
                        .matcher(access.getTargetOwner().getName() + "."
                                + access.getTarget().getName())
                        .matches())
                .map(access -> access.getDescription());
        return Stream.concat(dependencies(type, CLASS_FINDING_TYPES), calls);
    }

    private static Stream<String> serializing(JavaClass type) {
        Stream<String> declared = type.getRawInterfaces().stream()
                .filter(implemented -> implemented.isEquivalentTo(Serializable.class))
                .map(implemented -> type.getName() + " implements Serializable");
        Stream<String> hooks = type.getCodeUnits().stream()
                .map(JavaCodeUnit::getFullName)
                .filter(name -> name.matches(".*\\.(readObject|writeObject|readResolve|writeReplace)\\(.*"));
        return Stream.of(dependencies(type, SERIALIZATION_TYPES), declared, hooks)
                .flatMap(found -> found);
    }

    private static Stream<String> dependencies(JavaClass type, Pattern banned) {
        return type.getDirectDependenciesFromSelf().stream()
                .filter(dependency ->
                        banned.matcher(target(dependency).getName()).matches())
                .map(Dependency::getDescription);
    }

    private static JavaClass target(Dependency dependency) {
        return dependency.getTargetClass().getBaseComponentType();
    }

    private static int rank(JavaClass type) {
        return TOP_TO_BOTTOM.indexOf(type.getPackageName());
    }

    private static void report(String rule, Collection<JavaClass> classes, Function<JavaClass, Stream<String>> finder) {
        List<String> offenders =
                classes.stream().flatMap(finder).distinct().sorted().toList();
        if (!offenders.isEmpty()) {
            fail(rule + ":\n  " + String.join("\n  ", offenders));
        }
    }

    /** Breaks each rule once a line. */
    static final class Offender implements Serializable {
        private FileChannel[] channels;
        private UnsafeBuffer buffer;
        private AtomicCounter counter;
        private Event event;

        Object[] offend() throws Exception {
            Thread.sleep(0);
            Supplier<Long> clock = System::nanoTime;
            Object file = Files.createTempFile("a", "b");
            Object pool = Executors.newSingleThreadExecutor();
            Object thread = new Thread(() -> {});
            new ObjectOutputStream(null).close();
            Object internal = HttpServer.class;
            Class.forName("java.lang.String");
            return new Object[] {clock, file, pool, thread, internal, Instant.now(), channels, buffer, counter, event};
        }

        void behave() {
            Thread.onSpinWait();
            assert Thread.currentThread().isAlive();
        }
    }

    private static List<String> found(Function<JavaClass, Stream<String>> finder) {
        JavaClass offender = new ClassFileImporter().importClass(Offender.class);
        return finder.apply(offender).distinct().toList();
    }

    @Test
    void offendersAreFound() {
        assertEquals(1, found(ArchitectureTest::withoutPlace).size());
        List<String> outside = found(ArchitectureTest::touchingTheOutside);
        for (String name :
                List.of("Channel", "sleep", "nanoTime", "Files", "Executors", "Thread.<init>", "Instant.now")) {
            assertTrue(outside.stream().anyMatch(line -> line.contains(name)), () -> name + " is not in " + outside);
        }
        assertTrue(outside.stream().noneMatch(line -> line.contains("behave")), outside::toString);
        assertEquals(
                2,
                found(type -> dependencies(type, FLAGGED_AGRONA_TYPES)).stream()
                        .filter(line -> line.startsWith("Field"))
                        .count());
        assertTrue(found(ArchitectureTest::serializing).size() >= 2);
        assertEquals(1, found(type -> dependencies(type, INTERNAL_TYPES)).size());
        assertTrue(found(type -> dependencies(type, FLIGHT_RECORDER_TYPES)).stream()
                .anyMatch(line -> line.startsWith("Field")));
        assertEquals(1, found(ArchitectureTest::findingClasses).size());
    }

    @Test
    void everyModuleIsRead() {
        assertTrue(
                CLASSES.stream().anyMatch(type -> type.getPackageName().startsWith("io.cleave.core")),
                "no class of store-core was found");
    }
}
