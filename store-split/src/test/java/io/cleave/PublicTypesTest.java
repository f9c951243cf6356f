package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.storage.Mapper;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the public types have in common: how they stand in a log, and what they say of null. */
final class PublicTypesTest {
    private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    @Test
    void everythingOfAStoreTellsWhatItIsOnOneLineAlsoAfterTheClose() {
        SegmentStore store = SegmentStore.open(directory.resolve("store"));
        SegmentIndex index = store.index("towns\n");
        Snapshot snapshot = store.snapshot();
        Cursor cursor = index.cursor(KeyRange.prefix(KEY).descending());
        WriteBatch batch = store.batch().put(index, KEY, KEY).delete(index, KEY);
        String of = ", of SegmentStore[" + store.directory() + ", ";
        assertEquals("SegmentIndex[\"towns\\u{a}\"" + of + "open]]", index.toString());
        assertEquals("Snapshot[sequence 0" + of + "open]]", snapshot.toString());
        assertEquals(
                "Cursor[\"towns\\u{a}\", KeyRange[from \"key\" to \"kez\", descending], sequence 0, AFTER_LAST]",
                cursor.toString());
        assertEquals("WriteBatch[2 operations, 137 bytes" + of + "open]]", batch.toString());
        batch.close();
        store.close();
        assertEquals("SegmentStore[" + store.directory() + ", closed]", store.toString());
        assertTrue(index.toString().endsWith(", dropped or closed]"), index::toString);
        assertTrue(snapshot.toString().endsWith("closed], closed]"), snapshot::toString);
        assertTrue(cursor.toString().endsWith(", closed]"), cursor::toString);
        assertTrue(batch.toString().endsWith(", ended]"), batch::toString);
    }

    @Test
    void twoObjectsOfOneIndexAreEqualAndItsFiguresAreReadable() {
        try (SegmentStore store = SegmentStore.open(directory.resolve("equal"))) {
            SegmentIndex index = store.index("a");
            assertEquals(index, store.index("a"));
            assertEquals(index.hashCode(), store.index("a").hashCode());
            assertNotEquals(index, store.index("b"));
            store.dropIndex("a");
            assertNotEquals(index, store.index("a"), "another one of that name");
            String text = store.index("b").stats().segments().get(0).toString();
            assertTrue(text.startsWith("SegmentStats[id=1, lower=0 bytes, loaded="), text);
        }
    }

    @Test
    void aRangeShowsKeysOfAsciiAsTextAndOthersInHexadecimalDigits() {
        assertEquals("KeyRange[all]", KeyRange.all().toString());
        assertEquals("KeyRange[all, descending]", KeyRange.all().descending().toString());
        assertEquals(
                "KeyRange[from 0x00ff to \"k\"]",
                KeyRange.from(new byte[] {0, -1}).to(new byte[] {'k'}).toString());
        assertEquals(
                "KeyRange[from 0x" + "00".repeat(24) + "... of 1000 bytes]",
                KeyRange.from(new byte[1000]).toString());
    }

    @Test
    void theTextOfOptionsNamesEachOfThemWithTheValueThatHolds() throws ReflectiveOperationException {
        StoreOptions options = StoreOptions.builder()
                .memtableBytesMax(64 << 20)
                .compression(Compression.LZ4)
                .build();
        String text = options.toString();
        assertFalse(text.contains("\n"));
        // Options of an index are among the others, one by one.
        for (Method method : StoreOptions.class.getMethods()) {
            boolean isOption = method.getDeclaringClass() == StoreOptions.class
                    && !Modifier.isStatic(method.getModifiers())
                    && method.getParameterCount() == 0
                    && !List.of("toBuilder", "toString", "indexOptions").contains(method.getName());
            if (isOption) {
                Object value = method.invoke(options);
                String shown = value == null ? "" : String.valueOf(value);
                assertTrue(text.contains(method.getName() + "=" + shown), () -> method + " is not in " + text);
            }
        }
        assertTrue(text.contains("segmentMemtableBytesMax=" + (16 << 20)), text);
        assertTrue(text.contains("filter=BLOOM"), text);
    }

    @Test
    void nullIsRefusedByTheNameOfTheParameter() throws ReflectiveOperationException {
        try (SegmentStore store = SegmentStore.open(directory.resolve("store"))) {
            SegmentIndex index = store.index("a");
            index.put(KEY, KEY);
            Map<Class<?>, Object> values = Map.ofEntries(
                    Map.entry(byte[].class, KEY),
                    Map.entry(SegmentIndex.class, index),
                    Map.entry(KeyRange.class, KeyRange.all()),
                    Map.entry(Durability.class, Durability.MEMORY),
                    Map.entry(String.class, "a"),
                    Map.entry(Path.class, directory.resolve("other")),
                    Map.entry(StoreOptions.class, StoreOptions.defaults()),
                    Map.entry(StoreLimits.class, StoreLimits.none()),
                    Map.entry(Compression.class, Compression.NONE),
                    Map.entry(FilterKind.class, FilterKind.NONE),
                    Map.entry(LeakDetection.class, LeakDetection.OFF),
                    Map.entry(Mapper.class, Mapper.JDK),
                    Map.entry(Duration.class, Duration.ZERO));
            try (Snapshot snapshot = store.snapshot();
                    Cursor cursor = index.cursor();
                    WriteBatch batch = store.batch()) {
                assertTrue(cursor.next());
                int refused = 0;
                for (Object object :
                        List.of(store, index, snapshot, cursor, batch, KeyRange.all(), StoreOptions.builder())) {
                    refused += requireNamed(object, values);
                }
                assertTrue(refused >= 40, "only " + refused + " parameters were tried");
            }
        }
    }

    private static int requireNamed(Object object, Map<Class<?>, Object> values) throws ReflectiveOperationException {
        int refused = 0;
        for (Method method : object.getClass().getMethods()) {
            Parameter[] parameters = method.getParameters();
            for (int at = 0; at < parameters.length; at++) {
                boolean isOurs = method.getDeclaringClass() == object.getClass();
                boolean takesNull = isNullable(parameters[at].getAnnotatedType());
                if (isOurs && !takesNull && !parameters[at].getType().isPrimitive()) {
                    requireNamed(object, method, at, values);
                    refused++;
                }
            }
        }
        return refused;
    }

    private static void requireNamed(Object object, Method method, int absent, Map<Class<?>, Object> values)
            throws ReflectiveOperationException {
        List<Object> arguments = new ArrayList<>();
        List<String> nulls = new ArrayList<>();
        List<String> names = parameterNames(method);
        for (Parameter parameter : method.getParameters()) {
            String name = names.get(arguments.size());
            Object value = parameter.getType().isPrimitive() ? (Object) 1 : values.get(parameter.getType());
            boolean isNull = value == null || arguments.size() == absent;
            if (isNull) {
                // A setter's parameter is called value; it names the option.
                boolean isSetter = name.equals("value") && method.getParameterCount() == 1;
                nulls.add(isSetter ? method.getName() : name);
            }
            arguments.add(isNull ? null : value);
        }
        try {
            method.invoke(object, arguments.toArray());
            throw new AssertionError(method + " takes null for " + nulls);
        } catch (InvocationTargetException e) {
            assertEquals(NullPointerException.class, e.getCause().getClass(), () -> method + ": " + e.getCause());
            assertTrue(nulls.contains(e.getCause().getMessage()), () -> method + ": " + e.getCause());
        }
    }

    /** As the class file tells them: a model checker that ran in this process leaves loaded classes without. */
    private static List<String> parameterNames(Method method) throws ReflectiveOperationException {
        List<URL> places = new ArrayList<>();
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            try {
                places.add(new File(place).toURI().toURL());
            } catch (MalformedURLException e) {
                throw new AssertionError(place, e);
            }
        }
        try (URLClassLoader fresh =
                new URLClassLoader(places.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
            Class<?> type = fresh.loadClass(method.getDeclaringClass().getName());
            Method same = Arrays.stream(type.getMethods())
                    .filter(each -> each.toString().equals(method.toString()))
                    .findFirst()
                    .orElseThrow();
            return Arrays.stream(same.getParameters()).map(Parameter::getName).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Of an array, whether it may be null itself. */
    private static boolean isNullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }
}
